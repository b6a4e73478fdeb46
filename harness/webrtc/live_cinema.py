"""A real server with one film that runs live, who watches it, and what it has open."""

from __future__ import annotations

import asyncio
import re
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from harness.films import counter_film, put_film, shared_media
from harness.server import Api, LiveAnswer, Server, running_server
from harness.webrtc.audience import Audience
from harness.webrtc.sdp import RemotePeer
from harness.webrtc.viewer import Viewer

__all__ = ["LiveCinema", "Stream", "live_address", "live_answer", "live_cinema"]

_FILM_S = 120
_PAGE_BYTES = 4096
_READY_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream that the server knows, or knew."""

    server: Server
    """Whose it is."""

    path: str
    """Path of the WHEP resource."""

    token: str
    """The passport of who watches it."""

    @property
    def lives(self) -> bool:
        """Whether the server still knows it; asked by candidates that name none."""
        request = urllib.request.Request(
            self.server.address + self.path,
            b"",
            {
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/trickle-ice-sdpfrag",
                "If-Match": "*",
            },
            method="PATCH",
        )
        try:
            urllib.request.urlopen(request, timeout=10).close()
        except HTTPError as refused:
            with refused:
                return refused.code != 404
        return True

    def end(self) -> None:
        """Leave by the resource."""
        self.server.call("DELETE", self.path, token=self.token)


@dataclass(slots=True)
class LiveCinema:
    """A server and its show."""

    server: Server
    """The process."""

    host: str
    """The host's passport."""

    show: dict[str, Any]
    """The show, running."""

    audience: Audience = field(default_factory=Audience)
    """Viewers that count; whoever waits for something has to run it."""

    _numbers: count[int] = field(default_factory=count)

    @property
    def session(self) -> str:
        """Id of the only session."""
        return str(self.show["sessions"][0]["id"])

    @property
    def whep(self) -> str:
        """Path that takes offers."""
        return f"/api/sessions/{self.session}/whep"

    def member(self) -> str:
        """Return the passport of somebody new who has come in."""
        token = self.server.passport(f"Viewer {next(self._numbers)}")
        invite = self.show["link"].rpartition("/")[2]
        self.server.call("POST", f"/api/invites/{invite}/accept", {}, token)
        return token

    def viewer(self, token: str, *, finish_dtls: bool = True) -> tuple[Viewer, Stream]:
        """Let a counting viewer watch; return it and its stream."""
        viewer = Viewer(self.audience.clock, finish_dtls=finish_dtls)
        answer = self.server.watch(self.session, viewer.offer(), token)
        viewer.accept(answer.sdp)
        self.audience.add(viewer)
        return viewer, Stream(self.server, answer.path, token)

    def watches(self, *viewers: Viewer, within: float = 20.0) -> bool:
        """Run the audience until these viewers get picture and sound; return whether they do."""
        return self.audience.run_until(
            lambda: all(len(viewer.streams) >= 2 for viewer in viewers), within
        )

    def command(self, action: str, **fields: float) -> None:
        """Give a command as the host."""
        path = f"/api/sessions/{self.session}/commands"
        self.server.call("POST", path, {"action": action, **fields}, self.host)

    def until(self, done: Callable[[], bool], within: float) -> float:
        """Run the audience until ``done``; return how long that took, s. Raises TimeoutError."""
        begun = self.audience.clock()
        while not done():
            self.audience.run_for(0.05)
            if self.audience.clock() - begun > within:
                raise TimeoutError
        return self.audience.clock() - begun

    def empty(self) -> None:
        """Let all viewers go."""
        for viewer in self.audience.viewers:
            viewer.close()
        self.audience.viewers.clear()

    def figure(self, name: str, **labels: str) -> float:
        """Return a figure of ``/metrics``, by its name without prefix; up to five seconds old."""
        wanted = "".join(rf'(?=[^}}]*{key}="{value}")' for key, value in labels.items())
        pattern = rf"^seans_{name}(?:_total)?(?:{{{wanted}[^}}]*}})? (\S+)$"
        found = re.search(pattern, self.server.text("/metrics"), re.MULTILINE)
        if found is None:
            raise LookupError(f"no figure {name} {labels}")
        return float(found[1])

    def descriptors(self) -> int:
        """Return how many descriptors the server has open."""
        return sum(1 for _ in Path(f"/proc/{self.server.pid}/fd").iterdir())

    def memory(self) -> int:
        """Return the resident memory of the server's main process, bytes."""
        return int(Path(f"/proc/{self.server.pid}/statm").read_text().split()[1]) * _PAGE_BYTES


@asynccontextmanager
async def live_cinema(
    folder: Path, *options: str, film: Path | None = None, module: str = "streamer"
) -> AsyncIterator[LiveCinema]:
    """Run a server with the film of numbered frames (or another), which begins at once."""
    media = folder / "media"
    media.mkdir()
    put_film(film or _counter(), media / "Counter.mp4")
    async with running_server(media, folder / "data", *options, module=module) as server:
        host = await asyncio.to_thread(server.passport, "Host")
        async with asyncio.timeout(_READY_WITHIN_S):
            while not await asyncio.to_thread(server.ready_films, host):  # noqa: ASYNC110 -- asks
                await asyncio.sleep(0.05)
        show = await asyncio.to_thread(server.show, host, 0.0)
        cinema = LiveCinema(server, host, show)
        try:
            yield cinema
        finally:
            for viewer in cinema.audience.viewers:
                viewer.close()


def live_answer(server: Api, session: str, token: str) -> LiveAnswer:
    """Return what an offer is answered with; the stream ends again."""
    viewer = Viewer(time.monotonic)
    try:
        answer = server.watch(session, viewer.offer(), token)
    finally:
        viewer.vanish()
    server.call("DELETE", answer.path, token=token)
    return answer


def live_address(server: Api, session: str, token: str) -> tuple[str, int]:
    """Return where the server says that viewers reach it."""
    return RemotePeer.read(live_answer(server, session, token).sdp).addresses[0]


def _counter() -> Path:
    """Return the film of numbered frames: the one that lies beside the checkout, or a made one."""
    shared = shared_media()
    given = shared / "counter-120s.mp4" if shared is not None else None
    return given if given is not None and given.exists() else counter_film(_FILM_S)
