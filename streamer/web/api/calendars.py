"""Calendars over HTTP: a show as a file, and all of somebody's shows at an address of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from aiohttp import hdrs, web
from typing_extensions import TypedDict

from sessions.core.errors import RateLimited, UnknownCalendar, UnknownShow
from sessions.core.records import CalendarAddress
from sessions.services.calendars import CalendarShow
from sessions.wire import iso
from streamer.web.api.shows import base_url, link_to
from streamer.web.calendar_text import (
    CALENDAR_TYPE,
    CalendarEntry,
    calendar_text,
    disposition,
    event_text,
)
from streamer.web.http.app_keys import CALENDARS
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.replies import Reply, reply

__all__ = ["endpoints"]

endpoints = Endpoints("calendar")

CALENDAR_NAME = "Seans"

ETAG_DIGITS = 32
"""Hexadecimal digits of an entity tag."""


class CalendarAnswer(TypedDict):
    """The address of the asker's calendar; both null while there is none."""

    url: str | None
    """Whoever knows it sees the asker's shows."""
    created_at: str | None


@endpoints.add(
    "GET",
    "/api/shows/{show_id}/calendar.ics",
    "A show as a calendar file, one event for each session",
    refuses=(UnknownShow,),
    media_type=CALENDAR_TYPE,
)
async def read_show_calendar(call: Call) -> Reply[str]:
    """Answer with a show's events."""
    found = await call.app[CALENDARS].show(call.ids["show_id"], call.user.id)
    return await _calendar(call.request, [found], found.show.title)


@endpoints.add(
    "GET",
    "/api/me/calendar",
    "The address at which calendar apps find the asker's shows",
)
async def read_address(call: Call) -> Reply[CalendarAnswer]:
    """Answer with the asker's address, if there is one."""
    return reply(_answer(call, await call.app[CALENDARS].address(call.user.id)))


@endpoints.add(
    "POST",
    "/api/me/calendar",
    "Give the asker a new calendar address; an old one stops working",
    201,
    refuses=(RateLimited,),
)
async def renew_address(call: Call) -> Reply[CalendarAnswer]:
    """Make an address, in place of the one that there was."""
    return reply(_answer(call, await call.app[CALENDARS].renew(call.user)), status=201)


@endpoints.add(
    "GET",
    "/api/calendar/{calendar_token}.ics",
    "All shows of whoever the address belongs to, for their calendar app; without a passport",
    refuses=(UnknownCalendar, RateLimited),
    needs="nothing",
    media_type=CALENDAR_TYPE,
)
async def read_feed(call: Call) -> Reply[str]:
    """Answer with the events of all shows."""
    found = await call.app[CALENDARS].feed(call.ids["calendar_token"])
    return await _calendar(call.request, found, CALENDAR_NAME)


def _entries(request: web.Request, shows: Iterable[CalendarShow]) -> Iterable[CalendarEntry]:
    for found in shows:
        link = None if found.token is None else link_to(request, found.token)
        for session in found.sessions:
            yield CalendarEntry(found.show, session, link)


async def _calendar(request: web.Request, shows: Iterable[CalendarShow], title: str) -> Reply[str]:
    """Return a calendar, or 304 to who has the very same.

    By its entity tag alone: where a show goes, what is left may be older than what there was.
    """
    events = []
    for entry in _entries(request, shows):
        events.append(event_text(entry))
        # Hundreds of events take long, and the clocks of rooms are answered by the same thread.
        await asyncio.sleep(0)
    text = calendar_text(events, title)
    etag = sha256(text).hexdigest()[:ETAG_DIGITS]
    headers = {hdrs.CACHE_CONTROL: "private, no-cache", hdrs.ETAG: f'"{etag}"'}
    known = request.if_none_match or ()
    if any(tag.value in (etag, "*") for tag in known):
        return Reply(status=304, headers=headers)
    return Reply(
        body=text,
        content_type=CALENDAR_TYPE,
        charset="utf-8",
        headers={**headers, hdrs.CONTENT_DISPOSITION: disposition(title)},
    )


def _answer(call: Call[Any, Any], address: CalendarAddress | None) -> CalendarAnswer:
    if address is None:
        return {"url": None, "created_at": None}
    url = f"{base_url(call.request)}/api/calendar/{address.token}.ics"
    return {"url": url, "created_at": iso(address.created_at)}
