"""What `scripts/bench` measures, and how.

```
__main__    the command line
catalog     the benches there are
first_audio, cpu, speakers, cache, cancel   a bench each; its docstring is its definition
lips/       one more, with its reference, and what makes and draws it
face/       and one more, with its lines and its figures
bench       what a bench is: figures with their meaning, and what running it gives
lab         the things that a bench works with: systems, servers, progress; tests have their own
rounds      systems take turns: A B C, A B C, ...
playout     a listener's clock: does sound run dry?
search      the largest number that holds
stats       medians, quartiles, percentiles
machine     what this computer is, and whether it is quiet
peers       the environment of the peers, .venv-peers
ending      a bench that is told to end leaves nothing behind
process     worker processes, server processes, the CPU time of others
report      the table and the JSON
texts       what is said
workers/    programs that run in processes of their own, one for each system
```

A bench knows neither clocks nor processes: it asks systems and computes. So a test can give it
systems that are slow, late or wrong on purpose, and see its figures move.
"""
