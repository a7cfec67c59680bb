"""Becomes postgres: drops root, ties its life to the owner's, and executes the command.

Run as a script in a fresh interpreter, never imported. `python launch.py PARENT UID GID COMMAND...`
with -1 for an account that stays as it is.

Why not `preexec_fn`: it runs Python between fork and exec in a process that has threads, which can
deadlock and has been a DeprecationWarning since Python 3.12. Why not `setpriv --pdeathsig`:
BusyBox's has no such option. Why the account is changed here and not by `subprocess`: the kernel
forgets the death signal when credentials change, and the account may be unable to execute this
interpreter at all. It costs about 20 ms at start.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _launch(parent: int, uid: int, gid: int, command: list[str]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    os.umask(0o077)
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux" and libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0):
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        sys.exit("the owner died before its death could be noticed")
    os.execv(command[0], command)


if __name__ == "__main__":
    _launch(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
