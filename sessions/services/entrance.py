"""The way in: what somebody who takes a seat is told first, and what they missed."""

from __future__ import annotations

from typing import Any

from sessions.core.commands import Command, Pause, Play, Seek, SetRate
from sessions.core.errors import UnknownShow
from sessions.core.leads import lead_of
from sessions.core.records import Member
from sessions.protocol import PROTOCOL
from sessions.services.hall import Hall
from sessions.services.hub import Batch, Link
from sessions.services.listing import roster_record
from sessions.stores.base import Store
from sessions.wire import encode, entry_message, session_record, show_record

__all__ = ["catch_up", "welcome"]

REPLAYED = 50
"""Entries that follow the welcome of who names no ``after``."""

PAGE = 100
"""Entries read at a time for who was away."""


def welcome(hall: Hall, member: Member, link: str | None, now: float) -> dict[str, Any]:
    """Return the ``welcome`` of ``member`` at ``now``, Unix seconds; ``link`` is the show's."""
    session = session_record(hall.session, hall.room.state(now))
    return {
        "type": "welcome",
        "protocol": PROTOCOL,
        **hall.timeline_record(),
        "user": {"id": member.user_id, "name": member.name},
        "role": member.role,
        "show": show_record(hall.show, [session], member.role, link),
        "session": session,
        "roster": roster_record(hall.members, hall.roster),
        "seq": hall.log.seq,
        "settings": {
            "control": hall.show.control,
            "waiting": hall.show.waiting,
            "leads": _leads(hall),
            "live_delay": 0.0,
        },
        "waiting": hall.usher.waiting,
        "summary": hall.steadiness.summary(),
    }


async def catch_up(hall: Hall, link: Link, store: Store, after: int | None) -> bool:
    """Send ``link`` what it missed, at its reader's pace, then let it go live without a gap.

    ``after`` is the last ``seq`` seen; None: the last REPLAYED entries are enough. False where
    the reader is too slow even for that. Raises StoreUnavailable, and UnknownShow where the
    show is deleted meanwhile.
    """
    seen = max(0, hall.log.seq - REPLAYED) if after is None else after
    while link in hall.audience.catching_up:
        hall.audience.settle()
        if seen >= hall.log.seq:
            hall.audience.go_live(link)
            return True
        page = hall.log.after(seen, PAGE)
        if page is None:
            page = await store.entries(hall.show.id, after=seen, limit=PAGE)
        if not page:
            raise UnknownShow
        link.write(Batch([encode(entry_message(entry)) for entry in page]))
        seen = page[-1].seq
        if not await link.drained():
            return link not in hall.audience.catching_up
    return True


def _leads(hall: Hall) -> dict[str, float]:
    """Return how far ahead each command would act now, seconds."""
    delays, costs = list(hall.roster.delays()), list(hall.roster.seek_costs())
    commands: dict[str, Command] = {
        "play": Play(),
        "pause": Pause(),
        "seek": Seek(0.0),
        "rate": SetRate(1.0),
    }
    return {name: lead_of(command, delays, costs) for name, command in commands.items()}
