"""What an open show tells those who registered with it; each takes up what concerns it."""

from __future__ import annotations

from typing import Protocol

from sessions.core.records import Entry
from sessions.core.room import RoomState
from sessions.core.timeline import Timeline
from sessions.live.fanout import Link
from sessions.protocol import Report

__all__ = ["Listener"]


class Listener(Protocol):
    """Hears what happens in a show. Nothing here waits, and nothing is asked back."""

    def moved(self, entry: Entry, made: Timeline, before: RoomState) -> None:
        """Take note that ``entry`` gave a room the timeline ``made``; it stood as ``before``."""
        return

    def said(self, entry: Entry) -> None:
        """Take note of a chat message, own or another writer's."""
        return

    def entered(self, user_id: str, link: Link) -> None:
        """Take note that a link of somebody is here."""
        return

    def left(self, user_id: str, link: Link) -> None:
        """Take note that a link of somebody is gone."""
        return

    def reported(self, user_id: str, link: Link, report: Report) -> None:
        """Take what one of somebody's pages says of itself."""
        return

    def changed(self) -> None:
        """Take note that the show's settings or its members are others now."""
        return
