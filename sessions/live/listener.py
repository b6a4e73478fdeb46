"""The events of an open show, for those that registered with it."""

from __future__ import annotations

from typing import Protocol

from sessions.core.records import Entry
from sessions.core.room import RoomState
from sessions.core.timeline import Timeline
from sessions.live.fanout import Link
from sessions.protocol import Report

__all__ = ["Listener"]


class Listener(Protocol):
    """Is called at each event of a show. The methods must not block, and return nothing."""

    def moved(self, entry: Entry, made: Timeline, before: RoomState) -> None:
        """Handle a move: ``entry`` gave a room the timeline ``made``; ``before`` was its state."""
        return

    def said(self, entry: Entry) -> None:
        """Handle a chat message that has arrived from the log."""
        return

    def entered(self, user_id: str, link: Link) -> None:
        """Handle a new link of a user."""
        return

    def left(self, user_id: str, link: Link) -> None:
        """Handle the end of a link of a user."""
        return

    def reported(self, user_id: str, link: Link, report: Report) -> None:
        """Handle a report of one of a user's pages."""
        return

    def changed(self) -> None:
        """Handle a change of the show's settings or members."""
        return

    def removed(self, user_id: str) -> None:
        """Handle that a user was removed; their links are being closed, ``left`` follows for each.

        May be called more than once for one removal.
        """
        return

    def closed(self) -> None:
        """Handle the end: the show is deleted, the server stops, or nobody has been here.

        Called once, and nothing after it that concerns the film.
        """
        return
