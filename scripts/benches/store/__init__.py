"""What it costs to keep what was spoken, and how soon it is read again.

One process with an embedded PostgreSQL as a server has it, with its own settings: `fsync` and
`synchronous_commit` are on, which `durable` looks up. An utterance is 6 s of speech: two segments,
18 words, 100 phonemes, the visemes that are stored with them. A round, in turn:

1. `persist`: 200 utterances of a new session. `lipwire` hands all of them to the real `Recorder`,
   which commits them with `PostgresWriter`, up to 64 together. `naive` is what one writes first: a
   transaction for each utterance, with one INSERT and `executemany` for the rows of its segments
   and of its phonemes. Both fill the same tables with the same rows.
2. `persist_audio`: 40 utterances with as many bytes as their sound has, 265 kB of noise each.
   `lipwire` writes a file, makes it durable and puts it in its place, named by its hash; `naive`
   inserts a `bytea` in the utterance's transaction.
3. `insert`: 50 utterances, each written alone and awaited, commit included. What another service
   called "100 phonemes inserted" is less than that: here the utterance and its segments come along.
4. `query`: 100 utterances, each looked up by its id, with its words, in this process.
5. `utterances` and `sessions`: 100 requests each for a page of 50, over one connection that stays
   open, from a real `lipwire serve` on the same database. Time is from the first byte sent to the
   last byte of the answer, in a process that has nothing else to do.

CPU time is that of this process and of all of PostgreSQL's, from the first record handed over to
the last one known to be durable; what checkpoints and vacuum do later is counted where it falls.
`cpu_ratio_naive` and `time_ratio_naive` are medians of the ratios within a round.

`not_stored` counts the utterances of all rounds, of both ways, that are not found with all of their
phonemes, and their sound where they had one, afterwards. `bytes_per_utterance` is by how much the
database grew, indexes included, over the utterances that `lipwire` persisted without sound.
"""

from ..bench import Bench
from .run import FIGURES, run

__all__ = ["BENCH"]

BENCH = Bench(
    name="store",
    summary="what it costs to keep what was spoken, and how soon it is read again",
    definition=__doc__ or "",
    figures=FIGURES,
    rounds=7,
    quick_rounds=1,
    run=run,
)
