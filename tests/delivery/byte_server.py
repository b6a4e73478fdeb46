"""A film server on a real socket, and a client that sends and reads bytes."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Literal, TypeVar

import uvloop
from aiohttp import web

from streamer.delivery.access_log import AccessLog
from streamer.delivery.film_files import ServedFile
from streamer.delivery.host_names import HostNames
from streamer.delivery.runner import make_runner
from streamer.delivery.serving import FilmServer
from streamer.delivery.signatures import Signer

__all__ = [
    "FILM_ID",
    "MUCH",
    "PATH",
    "WAYS",
    "Answer",
    "ByteServer",
    "Peer",
    "Way",
    "exchange",
    "running",
]

FILM_ID = "6f1e2a86-6d5e-4c0a-8a0e-0f6f0f3c9b11"
PATH = f"/media/{FILM_ID}/file"
Way = Literal["fast on uvloop", "fast on asyncio", "ordinary on uvloop", "ordinary on asyncio"]
WAYS: tuple[Way, ...] = (
    "fast on uvloop",
    "fast on asyncio",
    "ordinary on uvloop",
    "ordinary on asyncio",
)
MUCH = 16 << 20
"""More than any socket's buffers hold, bytes."""

_PATIENCE = 30.0
_T = TypeVar("_T")


@dataclass(frozen=True)
class Answer:
    """A response as it came."""

    status: int
    headers: dict[str, str]
    body: bytes


class ByteServer:
    """A server in a thread of its own, with one film."""

    def __init__(
        self,
        film: Path,
        way: Way,
        *,
        stall_timeout: float = 30.0,
        keepalive_timeout: float = 30.0,
        shutdown_timeout: float = 5.0,
        head_timeout: float = 30.0,
        most_connections: int = 1000,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.film = film
        self.lines: Queue[str] = Queue()
        self.signer = Signer(b"secret of the tests", clock=time.time)
        self.url = self.signer.sign(FILM_ID, "file", length=60.0)
        catalogue = {(FILM_ID, "file"): ServedFile(str(film), "video/mp4", "tests")}
        self.films = FilmServer(
            lambda *place: catalogue.get(place),
            self.signer,
            clock=time.time,
            access_log=AccessLog(self.lines.put, clock=time.time),
            fast_path=way.startswith("fast"),
            stall_timeout=stall_timeout,
            host_names=HostNames(["cinema.test"]),
        )
        app = web.Application()
        app.router.add_route("*", "/media/{id}/file", self.films.handler)
        app.router.add_get("/hello", self._hello)
        app.router.add_get("/much", self._much)
        app.router.add_post("/echo", self._echo)
        self.runner = make_runner(
            app,
            self.films,
            keepalive_timeout=keepalive_timeout,
            # aiohttp waits 10 s for the rest of a refused request's body.
            lingering_time=0.5,
            shutdown_timeout=shutdown_timeout,
            head_timeout=head_timeout,
            most_connections=most_connections,
        )
        self._tls = tls
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self.listener.getsockname()
        self._loop = uvloop.new_event_loop() if "uvloop" in way else asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.do(self._start)

    def do(self, what: Callable[[], Awaitable[_T]]) -> _T:
        """Run a coroutine in the server's loop and return what it returns."""

        async def run() -> _T:
            return await what()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(_PATIENCE)

    def connections(self) -> int:
        """Return how many connections the server has."""

        async def count() -> int:
            server = self.runner.server
            return 0 if server is None else len(server.connections)

        return self.do(count)

    def stop(self) -> None:
        """End the server as its application would."""
        self.do(self.runner.cleanup)
        self.films.close()

    def close(self) -> None:
        """End everything."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()
        self.listener.close()

    async def _start(self) -> None:
        await self.runner.setup()
        await web.SockSite(self.runner, self.listener, ssl_context=self._tls).start()

    async def _hello(self, _request: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def _much(self, _request: web.Request) -> web.Response:
        return web.Response(body=bytes(MUCH))

    async def _echo(self, request: web.Request) -> web.Response:
        return web.Response(body=await request.read())


@contextmanager
def running(
    film: Path,
    way: Way,
    *,
    stall_timeout: float = 30.0,
    keepalive_timeout: float = 30.0,
    shutdown_timeout: float = 5.0,
    head_timeout: float = 30.0,
    most_connections: int = 1000,
    tls: ssl.SSLContext | None = None,
) -> Iterator[ByteServer]:
    """Run a cinema; afterwards no film may still be open."""
    cinema = ByteServer(
        film,
        way,
        stall_timeout=stall_timeout,
        keepalive_timeout=keepalive_timeout,
        shutdown_timeout=shutdown_timeout,
        head_timeout=head_timeout,
        most_connections=most_connections,
        tls=tls,
    )
    try:
        yield cinema
    finally:
        cinema.close()
    assert cinema.films.open_descriptors == 0


class Peer:
    """A client's connection."""

    def __init__(self, address: tuple[str, int], receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(_PATIENCE)
        self.socket.connect(address)
        self._buffer = b""

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, target: str, *lines: str, method: str = "GET", version: str = "1.1") -> None:
        """Send a request with a Host and ``lines`` of fields."""
        self.send(request(target, *lines, method=method, version=version))

    def answer(self, method: str = "GET") -> Answer:
        """Read one response."""
        status, headers = self.head()
        length = int(headers.get("content-length", "0"))
        empty = method == "HEAD" or status in (204, 304)
        return Answer(status, headers, b"" if empty else self.exactly(length))

    def head(self) -> tuple[int, dict[str, str]]:
        """Read a response's head: its status and fields by lower-case name."""
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = [line.split(": ", 1) for line in lines]
        headers = {name.lower(): value for name, value in pairs}
        assert len(headers) == len(pairs), "a field came twice"
        return int(first.split(" ")[1]), headers

    def exactly(self, length: int) -> bytes:
        """Read ``length`` bytes."""
        data = bytearray(self._buffer[:length])
        self._buffer = self._buffer[length:]
        while len(data) < length:
            chunk = self.socket.recv(min(1 << 18, length - len(data)))
            if not chunk:
                raise EOFError(f"{length - len(data)} bytes are missing")
            data += chunk
        return bytes(data)

    def rest(self) -> bytes:
        """Read to the end, be it orderly or a reset."""
        data, self._buffer = bytearray(self._buffer), b""
        with suppress(ConnectionResetError):
            while chunk := self.socket.recv(1 << 18):
                data += chunk
        return bytes(data)

    def _more(self) -> None:
        chunk = self.socket.recv(1 << 18)
        if not chunk:
            raise EOFError(self._buffer[:200])
        self._buffer += chunk


def request(target: str, *lines: str, method: str = "GET", version: str = "1.1") -> bytes:
    """Return a request's bytes."""
    fields = "".join(f"{line}\r\n" for line in ("Host: cinema.test", *lines))
    return f"{method} {target} HTTP/{version}\r\n{fields}\r\n".encode()


def exchange(
    cinema: ByteServer, *lines: str, method: str = "GET", target: str | None = None
) -> Answer:
    """Ask once, on a connection of its own."""
    with Peer(cinema.address) as peer:
        peer.ask(target or cinema.url, *lines, method=method)
        return peer.answer(method)
