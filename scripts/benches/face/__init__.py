"""What rendered frames cost, and whether they are true to the sound.

All of it is the session's own way from a plan to the messages, in one process and without a socket:
`Animation` has the poses made, drawn and packed, and the chunks that a listener would get are
encoded in MessagePack, once with their frames and once without. The voice is the default one, the
avatars are those that Lipwire comes with. 512 px, 25 frames a second and mode `sprites`, except
where something else is said.

`bytes_per_second_warm`: a speech of about forty seconds, said again on a connection that has all
the sprites that it needs; what frames add to the chunks, for a second of speech. In the same rounds
`cpu_ms_per_frame_sprites`: CPU time of all threads (`time.process_time`) from a plan of which
nobody drew anything yet to encoded chunks, less what encoding the bare chunks takes; for each
segment over its frames, the median of all segments of all rounds. The first round, in which the
sprites are drawn, does not count. Nothing is shared with another listener, as it would be in a
server.

`avatar_bytes_*`: the files of all sprites that a neutral face can be drawn from;
`emotion_bytes_512` is what the emotion with the most sprites of its own has beside them. A listener
gets no sprite before he needs it and none twice, so all of it is what he gets at most.

`full_*`: mode `full` at 256 px for a hundred listeners who begin at the same moment, and a server
that nobody was shown a picture by before. `shared`: all hear the same line with the same seed;
`different`: each a line and a seed of his own. `composed` is pictures that were drawn over pictures
that were delivered. The CPU time is that of everything for all of them.

Twenty lines that the mouths of the avatars were not chosen from are said for the rest. Looked at is
what is on the wire: the start of each frame, the number of the mouth's sprite, and for which sample
the voice was asked for its mouth. `codebook_error_px` is the distance of landmarks (edges of the
lips, corners, teeth, tongue; `face.landmarks`) between the mouth that the voice has in the middle
of a frame and the one that the sprite shows, closures that are forced included.
`drift_samples` is the largest distance of a frame's start from `k * rate / fps`, rounded up, and of
the sample that its mouth was made for from the frame's middle; here with 24 and 60 frames a second
too, of which one is no whole number of samples. `closures_seen` is the share of p, b and m with a
frame, from one before the sound to one after it, in which the lips that are shown are less than a
pixel apart.

`first_sprites_ms_*`: a process of its own, from its start to its end, which comes when the loop for
when nobody speaks and all sprites in it are there: imports, loading the avatar, motion, encoding.
Wall-clock time, the median of the rounds.

Bytes, errors, drift and closures have no noise in them: with the same versions they are the same on
every machine.
"""

from ..bench import Bench
from .run import FIGURES, run

__all__ = ["BENCH"]

BENCH = Bench(
    name="face",
    summary="what rendered frames cost, and whether they are true to the sound",
    definition=__doc__ or "",
    figures=FIGURES,
    rounds=5,
    quick_rounds=1,
    run=run,
)
