"""Runs the server with shorter waits in the live room, so that tests see their ends sooner.

``python -m harness.webrtc.impatient OPTIONS``, with the options of ``python -m streamer``.
"""

from __future__ import annotations

import sys

from streamer.__main__ import main
from streamer.webrtc import egress_peer

__all__ = ["CONNECT_WITHIN_S", "SILENT_AFTER_S", "SOONER"]

CONNECT_WITHIN_S = 4.0
"""How long ICE and DTLS may take here, seconds."""

SILENT_AFTER_S = 4.0
"""A viewer of whom nothing was heard for so long has vanished here, seconds.

Longer than any viewer of the tests is silent: aiortc reports each second, the counting viewer too.
"""

SOONER = "harness.webrtc.impatient"
"""This module."""


if __name__ == "__main__":
    vars(egress_peer).update(CONNECT_WITHIN_S=CONNECT_WITHIN_S, SILENT_AFTER_S=SILENT_AFTER_S)
    sys.exit(main())
