"""Peers that send nothing but empty pongs: ``python -m … ADDRESS PATH`` floods a server.

Opens eight anonymous room sockets of a server on loopback and sends as fast as it is read, for at
most so many seconds.
"""

from __future__ import annotations

import base64
import os
import socket
import sys
import threading
import time
from urllib.parse import urlsplit

SOCKETS = 8
SECONDS = 12.0
PONGS = b"\x8a\x80\0\0\0\0" * 10_000
"""Empty pongs, masked with zeros (RFC 6455 section 5.5.3)."""


def flood(host: str, port: int, path: str, until: float) -> None:
    while time.monotonic() < until:
        with socket.create_connection((host, port), 5.0) as peer:
            key = base64.b64encode(os.urandom(16)).decode()
            peer.sendall(
                f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: http://{host}:{port}\r\n"
                f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n".encode()
            )
            try:
                while time.monotonic() < until:
                    peer.sendall(PONGS)
            except OSError:
                continue  # the server has ended it


def main(address: str, path: str) -> None:
    parts = urlsplit(address)
    until = time.monotonic() + SECONDS
    threads = [
        threading.Thread(target=flood, args=(parts.hostname, parts.port, path, until), daemon=True)
        for _ in range(SOCKETS)
    ]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)


if __name__ == "__main__":
    main(*sys.argv[1:])
