"""Words, phonemes and mouth shapes as rows of a table.

CSV as RFC 4180 has it, in UTF-8, with a header. Times are seconds from the start; `begin` and `end`
are the code points of a word in the text that was sent; `word` is the row of a phoneme's word,
counted from 0 among the words, and empty in a pause; `weight` goes from 0 to 1.
"""

import csv
import io

from .transcript import Transcript

__all__ = ["table_csv"]

_HEADER = ("kind", "set", "value", "from_s", "to_s", "begin", "end", "word", "weight")


def table_csv(transcript: Transcript) -> str:
    def times(start: int, count: int) -> tuple[str, str]:
        rate = transcript.sample_rate
        return f"{start / rate:.6f}", f"{(start + count) / rate:.6f}"

    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(_HEADER)
    for word in transcript.words:
        time = times(word.start, word.count)
        rows.writerow(("word", "", word.text, *time, word.begin, word.end, "", ""))
    for phoneme in transcript.phonemes:
        index = phoneme.word if phoneme.word >= 0 else ""
        time = times(phoneme.start, phoneme.count)
        rows.writerow(("phoneme", "ipa", phoneme.symbol, *time, "", "", index, ""))
    for name, track in transcript.visemes.items():
        for span in track.spans:
            time = times(span.start, span.count)
            shape, weight = track.names[span.viseme], f"{span.weight / 255:.3f}"
            rows.writerow(("viseme", name, shape, *time, "", "", "", weight))
    return out.getvalue()
