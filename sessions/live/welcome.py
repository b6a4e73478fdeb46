"""The first messages to a link after hello: the welcome, then the missed entries."""

from __future__ import annotations

from collections.abc import Sequence

from sessions.core.commands import Command, Pause, Play, Seek, SetRate
from sessions.core.errors import UnknownShow
from sessions.core.records import Entry, Member
from sessions.live.fanout import Batch, Link
from sessions.live.live_session import LiveSession
from sessions.live.live_show import LiveShow
from sessions.live.member_rows import roster_record
from sessions.protocol import PROTOCOL_VERSION
from sessions.server_messages import Welcome
from sessions.stores.base import LogStore
from sessions.wire import encode, entry_message, may_record, session_record, show_record

__all__ = ["catch_up", "welcome"]

REPLAYED_ENTRIES = 50
"""How many entries follow the welcome after a hello without ``after``."""

PAGE_ENTRIES = 100
"""Largest number of entries read at a time for a replay."""

FIRST_PAGE = 8
"""How many entries are read first, because their length is not known yet."""

MAX_PIECE_BYTES = 1 << 15
"""How much text is given to a link before it must have drained, bytes."""


def welcome(
    live: LiveShow, session_id: str, member: Member, link: str | None, now: float
) -> Welcome:
    """Return the ``welcome`` of ``member`` to a session of ``live`` at ``now``, Unix seconds.

    ``link`` is the show's link; None if they may not see it. Raises UnknownSession.
    """
    entered = live.session(session_id)
    acting = member.user_id == live.acting.user_id
    sessions = {
        each.session.id: session_record(each.session, each.room.state(now))
        for each in live.sessions.values()
    }
    return {
        "type": "welcome",
        "protocol": PROTOCOL_VERSION,
        **entered.timelines_record(),
        "user": {"id": member.user_id, "name": member.name},
        "role": member.role,
        "may": may_record(member.role, live.show.control, acting=acting),
        "show": show_record(live.show, list(sessions.values()), member.role, link, acting=acting),
        "session": sessions[session_id],
        "roster": roster_record(live.members, live.roster),
        "seq": live.log.seq,
        "settings": {
            "control": live.show.control,
            "waiting": live.show.waiting,
            "leads": _leads(entered),
            "acting": live.acting.user_id,
            "live_delay": entered.live_delay.delay,
        },
        "waiting": entered.wait_monitor.waiting,
        "summary": entered.step_stats.summary(),
    }


async def catch_up(live: LiveShow, link: Link, store: LogStore, after: int | None) -> bool:
    """Send ``link`` the missed entries as fast as it reads, then let it go live without a gap.

    ``after`` is the last ``seq`` seen; None: send the last REPLAYED_ENTRIES. Returns False if the
    reader is too slow even for that. Raises StoreUnavailable, and UnknownShow if the show is
    deleted meanwhile.
    """
    count = FIRST_PAGE
    seen = max(0, live.log.seq - REPLAYED_ENTRIES) if after is None else after
    while link in live.audience.catching_up:
        live.audience.settle()
        if seen >= live.log.seq:
            live.audience.go_live(link)
            return True
        page = live.log.after(seen, count)
        if page is None:
            page = await store.entries(live.show.id, after=seen, limit=count)
        if not page:
            raise UnknownShow
        seen, written = _write_piece(link, page)
        # A reader may take nothing for long, so the page must not stay in memory. The next page is
        # only as long as is likely to fit.
        del page
        count = min(PAGE_ENTRIES, 2 * written)
        if not await link.drained():
            return link not in live.audience.catching_up
    return True


def _write_piece(link: Link, page: Sequence[Entry]) -> tuple[int, int]:
    """Write the first entries of ``page`` that fit a piece; return the last seq and their count."""
    texts: list[str] = []
    size = 0
    for entry in page:
        text = encode(entry_message(entry))
        size += len(text.encode())
        if texts and size > MAX_PIECE_BYTES:
            break
        texts.append(text)
    link.write(Batch(texts))
    return page[len(texts) - 1].seq, len(texts)


def _leads(live: LiveSession) -> dict[str, float]:
    """Return the lead that each command would have now, seconds."""
    commands: dict[str, Command] = {
        "play": Play(),
        "pause": Pause(),
        "seek": Seek(0.0),
        "rate": SetRate(1.0),
    }
    return {name: live.lead_of(command) for name, command in commands.items()}
