"""The server under measurement: its films, shows of them, and what its clock says."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.server import Server
from harness.skew.figures import RoomTimeline
from harness.skew.film_folder import FilmName

__all__ = ["MeteredServer", "Showing"]

_ASKED = 15


@dataclass(frozen=True, slots=True)
class Showing:
    """A show of a film, and its host's right to command it."""

    server: Server
    """Where it runs."""

    host: str
    """The host's passport."""

    link: str
    """Where its page is."""

    show: str
    """Its id."""

    session: str
    """Id of its only session."""

    def now(self) -> dict[str, Any]:
        """Return ``{now, timeline, next}``."""
        path = f"/api/sessions/{self.session}/timeline"
        return dict(self.server.call("GET", path, token=self.host))

    def timeline(self) -> RoomTimeline:
        """Return the newest timeline."""
        news = self.now()
        return RoomTimeline.of(news["next"] or news["timeline"])

    def command(self, action: str, *, by: str = "", **fields: float) -> RoomTimeline:
        """Give a command as the host, or by somebody's passport; return the timeline it makes."""
        path = f"/api/sessions/{self.session}/commands"
        answer = self.server.call("POST", path, {"action": action, **fields}, by or self.host)
        return RoomTimeline.of(answer["timeline"])

    def log(self) -> list[dict[str, Any]]:
        """Return the show's messages, ascending."""
        path = f"/api/shows/{self.show}/messages?after=0&limit=200"
        return list(self.server.call("GET", path, token=self.host)["items"])


@dataclass(frozen=True, slots=True)
class MeteredServer:
    """A running server with its films."""

    server: Server
    """The server."""

    clock_offset: float
    """The server's time less this process's monotonic clock, seconds."""

    @classmethod
    def of(cls, server: Server) -> MeteredServer:
        """Return ``server`` to be measured, with its clock read between two looks at ours."""
        showing = cls(server, 0.0).show(3600.0)
        readings = []
        for _ in range(_ASKED):
            before = time.monotonic()
            now = showing.now()["now"]
            after = time.monotonic()
            readings.append((after - before, now - (before + after) / 2))
        return cls(server, min(readings)[1])

    def show(
        self, begins_in: float, film_name: FilmName = "Counter", control: str = "host"
    ) -> Showing:
        """Schedule a film; a negative ``begins_in`` has begun so many seconds ago."""
        host = self.server.passport("Anna")
        films = self.server.call("GET", "/api/titles?type=movie", token=host)["items"]
        film = next(film for film in films if film["title"] == film_name)
        moment = datetime.fromtimestamp(datetime.now(UTC).timestamp() + begins_in, UTC)
        plan = {
            "target_id": film["id"],
            "target_type": "movie",
            "movie_time": moment.isoformat(),
            "control": control,
        }
        show = self.server.call("POST", "/api/shows", plan, host)
        return Showing(self.server, host, show["link"], show["id"], show["sessions"][0]["id"])

    def now(self) -> float:
        """Return the server's time, Unix seconds."""
        return time.monotonic() + self.clock_offset
