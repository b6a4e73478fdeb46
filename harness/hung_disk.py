"""Runs the server on a disk that hangs: who opens the file ``HUNG`` never comes back.

``python -m harness.hung_disk OPTIONS``, with the options of ``python -m streamer``.
"""

from __future__ import annotations

import os
import sys
from threading import Event

from streamer.__main__ import main

__all__ = ["HUNG", "HUNG_LINE"]

HUNG = "hung.mp4"
"""The name of the file that cannot be opened."""

HUNG_LINE = "a thread hangs"
"""What standard error tells once somebody has tried."""


def _hang(event: str, arguments: tuple[object, ...]) -> None:
    """Hold up an ``open`` of the file for ever; Python calls this in the thread that opens."""
    if event == "open" and str(arguments[0]).endswith(os.sep + HUNG):
        print(HUNG_LINE, file=sys.stderr, flush=True)
        Event().wait()


if __name__ == "__main__":
    sys.addaudithook(_hang)
    sys.exit(main())
