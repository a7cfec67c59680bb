"""How far the mouth that is seen is from the sound that is heard, in a real Chromium.

A real `lipwire serve`, a page that speaks, and the network between them. Lipwire's own client is
asked for its mouth in every animation frame, as its faces do; TalkingHead 1.7 gets the same sound
and the same mouth shapes from the same server as they arrive, through its own `streamAudio`, and
its mouth is read from the weights of its head once it has moved them (mode `avatarOnly`: nothing
is rendered, so that it has 60 pictures a second here, too). The two take turns.

Nobody is asked what he believes to play. A probe in the audio graph records what goes to the
loudspeaker, and the frame of the audio context at which each sample was rendered. In that recording
pieces of the speech are found again by their samples, every 40 ms: so much for which sample was
rendered when. When a frame is heard is told by the audio device: its timestamps are written down
all the time, and what lies between two of them is interpolated, afterwards, from both sides. A
client can only extrapolate.

For each picture, two moments of the speech are compared: the one that is heard while it is drawn,
and the one whose mouth it shows. The latter is found by its 15 weights in the curve that the same
system draws for the same speech when its clock is perfect: for Lipwire the mouth of every
millisecond, for TalkingHead what it does without sound (`waitForAudioChunks: false`) and with a
clock in steps of 2 ms. So how a system means its lips to lead the sound is not judged, only
whether it is there in time. First the shift that suits all pictures within 400 ms is taken, up to
1.5 s, then each picture's own. Where the mouth rests, and where a picture looks like more than 8 ms
of speech, it says nothing. A picture of which no shift makes sense is lost. A skew is negative when
the mouth is early. TalkingHead's vowels grow with the volume of the sound, so that its pictures are
placed within about 20 ms each; its median is as good as Lipwire's. A picture is then seen until the
next one, and takes its way to the screen: that is the same for everybody and not in it.

Cases: `quiet`; `jitter`: what the server sends arrives up to 120 ms late; `blocked`: the page is
busy for 250 ms in each second, in which nobody can draw, so only pictures that were drawn count;
`underrun`: the lead is 700 ms and the network stands still for 1.5 s, and only what is heard after
the sound broke off counts. A round is one speech of 10 s in each case for each system.

The device is the one that a browser without a screen has, about 35 ms behind the context. A real
one is farther behind, up to 200 ms over Bluetooth: who does not ask it is early by that much.
"""

from ..bench import Bench
from .run import FIGURES, run

__all__ = ["BENCH"]

BENCH = Bench(
    name="sync",
    summary="how far the mouth is from the sound in a browser, beside TalkingHead",
    definition=__doc__ or "",
    figures=FIGURES,
    rounds=3,
    quick_rounds=None,
    run=run,
)
