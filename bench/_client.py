"""A client that asks for ranges and throws the bytes away in the kernel."""

from __future__ import annotations

import selectors
import socket
from dataclasses import dataclass, field

__all__ = ["Fetcher", "connect", "fetch_ranges"]

_BUFFER = bytearray(1 << 20)
_HEAD_ROOM = 1024


def connect(port: int) -> socket.socket:
    """Return a connection that does not block."""
    peer = socket.create_connection(("127.0.0.1", port))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer.setblocking(False)
    return peer


@dataclass(slots=True)
class Fetcher:
    """One connection, asking for one range after another."""

    peer: socket.socket
    """The connection."""

    path: str
    """Path and query of the film."""

    head: bytes = field(default=b"")
    """What came of a head that is not whole."""

    left: int = field(default=0)
    """Bytes of content still to come; -1 while the head is awaited."""

    def ask(self, start: int, length: int) -> None:
        """Send the request for one range."""
        self.head, self.left = b"", -1
        self.peer.send(
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"User-Agent: Mozilla/5.0 (X11; Linux x86_64) bench\r\nAccept: */*\r\n"
            f"Accept-Encoding: identity;q=1, *;q=0\r\n"
            f"Range: bytes={start}-{start + length - 1}\r\n\r\n".encode()
        )

    def take(self, most: int = len(_BUFFER)) -> int:
        """Take at most ``most`` bytes of what came and return how many were content."""
        if self.left < 0:
            got = self.peer.recv(_HEAD_ROOM)
            if not got:
                raise ConnectionError("the server closed")
            head, end, rest = (self.head + got).partition(b"\r\n\r\n")
            if not end:
                self.head = head
                return 0
            if not head.startswith(b"HTTP/1.1 206"):
                raise ConnectionError(head.decode("latin-1"))
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self.left = int(length) - len(rest)
            return len(rest)
        taken = self.peer.recv_into(_BUFFER, min(most, self.left), socket.MSG_TRUNC)
        if not taken:
            raise ConnectionError("the server closed")
        self.left -= taken
        return taken


def fetch_ranges(
    port: int, path: str, *, size: int, length: int, total: int, connections: int
) -> int:
    """Fetch ``total`` bytes of a film of ``size`` in ranges of ``length``; return the number."""
    selector = selectors.EpollSelector()
    places = range(0, size - length + 1, length)
    asked = 0
    for _ in range(connections):
        fetcher = Fetcher(connect(port), path)
        selector.register(fetcher.peer, selectors.EVENT_READ, fetcher)
        fetcher.ask(places[asked % len(places)], length)
        asked += 1
    requests = total // length
    done = 0
    while done < requests:
        for key, _ in selector.select(10.0):
            fetcher = key.data
            try:
                fetcher.take()
            except BlockingIOError:
                continue
            if fetcher.left == 0:
                done += 1
                if asked < requests:
                    fetcher.ask(places[asked % len(places)], length)
                    asked += 1
    for key in list(selector.get_map().values()):
        key.data.peer.close()
    selector.close()
    return done * length
