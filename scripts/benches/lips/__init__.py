"""Whether the mouth does what is heard, and what that costs, beside openfacefx on the same speech.

The sentences (Harvard ones, and some with many closed lips) were spoken once by the default voice
with a fixed seed. A forced aligner, pocketsphinx, said where each phoneme is heard, and the energy
of the sound where lips are closed: `scripts/lips-reference` does all of that again. Stored are
those, the loudness, and how many decoder steps each id of the voice takes. Out of these steps each
system makes its mouth: Lipwire by `units_in_time` and `mouth`; openfacefx by its Piper path, from
the alignment that Piper itself computes out of the same steps, and by its text path, from text and
length. So sound and speed of the voice are the same for all of them.

Seen on the track of Oculus weights, 30 frames a second, interpolated as a face does:
`closure_seal` is the share of `p`, `b` and `m` inside phrases that have PP at 0.8 or more in the
acoustic middle of the closure. That of `p` and `b` is a dip of at least 12 dB above 500 Hz; that of
`m`, which is loud, is the aligner's. `jaw_energy_lag_ms` is the shift with which the opening of the
jaw and the level of the sound correlate best. `false_silence_track` is the share of frames in which
`sil` outweighs all other shapes together. `frame_accuracy` is the share of frames in which the
strongest shape is one for the phoneme that is heard.

Seen on the events: `false_silence` is the share of time in which they say `sil`.
`start_error_ms_*` are of the starts of phonemes inside phrases, `start_bias_ms` is their median
with its sign; positive is late. The aligner itself has a grid of 10 ms: nobody gets much below a
median of 10.

Silence and the jaw are looked at inside phrases: from 20 ms after the first phoneme to 20 ms before
the last one.

`symbols_covered` are those of the symbols that Piper's voices may know that have a mouth of their
own, or are no sound and take no time. `ms_per_audio_second` is CPU time from decoder steps to
phonemes, events and track; `words_ms_per_audio_second` is what finding the words costs beside it.
Times are medians over the rounds, the first of which does not count. All else has no noise in it:
it is the same on every machine.
"""

from ..bench import Bench
from .run import FIGURES, run

__all__ = ["BENCH"]

BENCH = Bench(
    name="lips",
    summary="whether the mouth does what is heard, beside openfacefx",
    definition=__doc__ or "",
    figures=FIGURES,
    rounds=10,
    quick_rounds=2,
    run=run,
)
