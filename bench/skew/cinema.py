"""The cinema under measurement: one film, shows of it, and what its clock says."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.skew.figures import Course
from streamer.library.demo import make_demo
from tests.server import Server

__all__ = ["FILM_SECONDS", "Cinema", "Showing", "film_folder"]

FILM_SECONDS = 120
"""Length of the film, seconds."""

_ASKED = 15


def film_folder(folder: Path, film: Path | None = None) -> Path:
    """Return ``folder`` with ``film`` in it, or with one that is made: its frames are numbered."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "Counter.mp4"
    if film is None:
        make_demo(target, FILM_SECONDS)
    else:
        target.write_bytes(film.read_bytes())
    return folder


@dataclass(frozen=True, slots=True)
class Showing:
    """A show of the film, and its host's right to command it."""

    server: Server
    """Where it runs."""

    host: str
    """The host's passport."""

    link: str
    """Where its page is."""

    session: str
    """Id of its only session."""

    def now(self) -> dict[str, Any]:
        """Return ``{now, timeline, next}``."""
        path = f"/api/sessions/{self.session}/timeline"
        return dict(self.server.call("GET", path, token=self.host))

    def course(self) -> Course:
        """Return the newest timeline's course."""
        news = self.now()
        return Course.of(news["next"] or news["timeline"])

    def command(self, action: str, **fields: float) -> Course:
        """Give a command as the host; return the course that it makes."""
        path = f"/api/sessions/{self.session}/commands"
        answer = self.server.call("POST", path, {"action": action, **fields}, self.host)
        return Course.of(answer["timeline"])


@dataclass(frozen=True, slots=True)
class Cinema:
    """A running server with one film."""

    server: Server
    """The server."""

    clock_offset: float
    """The server's time less this process's monotonic clock, seconds."""

    @classmethod
    def of(cls, server: Server) -> Cinema:
        """Return the cinema that ``server`` is, with its clock read between two looks at ours."""
        token = server.passport("The clock")
        showing = _showing(server, token, 3600.0)
        readings = []
        for _ in range(_ASKED):
            before = time.monotonic()
            now = showing.now()["now"]
            after = time.monotonic()
            readings.append((after - before, now - (before + after) / 2))
        return cls(server, min(readings)[1])

    def show(self, begins_in: float) -> Showing:
        """Schedule the film; a negative ``begins_in`` has begun so many seconds ago."""
        return _showing(self.server, self.server.passport("Anna"), begins_in)

    def now(self) -> float:
        """Return the server's time, Unix seconds."""
        return time.monotonic() + self.clock_offset


def _showing(server: Server, host: str, begins_in: float) -> Showing:
    show = server.show(host, begins_in)
    return Showing(server, host, show["link"], show["sessions"][0]["id"])
