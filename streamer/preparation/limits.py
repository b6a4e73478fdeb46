"""Limits that a worker process takes on itself before it opens a film, which is untrusted input."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

if sys.platform != "win32":
    import resource

__all__ = ["end_with_parent", "limit_process"]

_PR_SET_PDEATHSIG = 1

MAX_FILE = 2**27
"""Length of a file that may be written, bytes."""


def limit_process(memory: int, niceness: int) -> None:
    """Take at most ``memory`` bytes of address space, and go after other processes."""
    if sys.platform == "win32":
        return
    os.nice(niceness)
    for what, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, MAX_FILE),
        # A core dump would hold parts of the film.
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (value, value))
    # A write beyond MAX_FILE shall fail with an error, not kill.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when ``parent`` ends, even by SIGKILL (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # It may have ended before the kernel was told.
    if os.getppid() != parent:
        raise SystemExit(1)
