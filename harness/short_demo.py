"""Runs the server with a demo film of some seconds, which is made sooner.

``python -m harness.short_demo OPTIONS``, with the options of ``python -m streamer``.
"""

from __future__ import annotations

import sys
from functools import partial

from streamer import serve
from streamer.__main__ import main
from streamer.library.demo import make_demo

__all__ = ["DEMO_S", "SHORT_DEMO"]

DEMO_S = 10.0
"""Length of the demo film here, seconds."""

SHORT_DEMO = "harness.short_demo"
"""This module."""


if __name__ == "__main__":
    vars(serve).update(make_demo=partial(make_demo, seconds=int(DEMO_S)))
    sys.exit(main())
