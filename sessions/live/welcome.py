"""What somebody who enters is sent first: the welcome, then the entries that they missed."""

from __future__ import annotations

from typing import Any

from sessions.core.commands import Command, Pause, Play, Seek, SetRate
from sessions.core.errors import UnknownShow
from sessions.core.leads import lead_of
from sessions.core.records import Member
from sessions.live.fanout import Batch, Link
from sessions.live.live_show import LiveShow
from sessions.live.member_rows import roster_record
from sessions.protocol import PROTOCOL
from sessions.stores.base import Store
from sessions.wire import encode, entry_message, session_record, show_record

__all__ = ["catch_up", "welcome"]

REPLAYED = 50
"""Entries that follow the welcome of who names no ``after``."""

PAGE = 100
"""Entries read at a time for who was away."""


def welcome(live: LiveShow, member: Member, link: str | None, now: float) -> dict[str, Any]:
    """Return the ``welcome`` of ``member`` at ``now``, Unix seconds; ``link`` is the show's."""
    session = session_record(live.session, live.room.state(now))
    return {
        "type": "welcome",
        "protocol": PROTOCOL,
        **live.timeline_record(),
        "user": {"id": member.user_id, "name": member.name},
        "role": member.role,
        "show": show_record(live.show, [session], member.role, link),
        "session": session,
        "roster": roster_record(live.members, live.roster),
        "seq": live.log.seq,
        "settings": {
            "control": live.show.control,
            "waiting": live.show.waiting,
            "leads": _leads(live),
            "live_delay": 0.0,
        },
        "waiting": live.wait_monitor.waiting,
        "summary": live.step_stats.summary(),
    }


async def catch_up(live: LiveShow, link: Link, store: Store, after: int | None) -> bool:
    """Send ``link`` what it missed, at its reader's pace, then let it go live without a gap.

    ``after`` is the last ``seq`` seen; None: the last REPLAYED entries are enough. False where
    the reader is too slow even for that. Raises StoreUnavailable, and UnknownShow where the
    show is deleted meanwhile.
    """
    seen = max(0, live.log.seq - REPLAYED) if after is None else after
    while link in live.audience.catching_up:
        live.audience.settle()
        if seen >= live.log.seq:
            live.audience.go_live(link)
            return True
        page = live.log.after(seen, PAGE)
        if page is None:
            page = await store.entries(live.show.id, after=seen, limit=PAGE)
        if not page:
            raise UnknownShow
        link.write(Batch([encode(entry_message(entry)) for entry in page]))
        seen = page[-1].seq
        if not await link.drained():
            return link not in live.audience.catching_up
    return True


def _leads(live: LiveShow) -> dict[str, float]:
    """Return how far ahead each command would act now, seconds."""
    delays, costs = list(live.roster.delays()), list(live.roster.seek_costs())
    commands: dict[str, Command] = {
        "play": Play(),
        "pause": Pause(),
        "seek": Seek(0.0),
        "rate": SetRate(1.0),
    }
    return {name: lead_of(command, delays, costs) for name, command in commands.items()}
