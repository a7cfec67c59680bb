"""Programs that run in a process of their own, one for each system that is measured.

Each reads a line of JSON, does what it says, answers with a line of JSON, and so on. It times
itself, so that the pipe is not part of what is measured. Those of the peers run in the peers'
environment and import nothing of Lipwire's.
"""
