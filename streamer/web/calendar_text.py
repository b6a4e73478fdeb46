"""Shows as an iCalendar text (RFC 5545), as Thunderbird, Google and Apple read it.

There is no METHOD: apps take that for a message about an appointment, with an organizer to answer.
Without one, DTSTAMP is when the event was last changed (RFC 5545 section 3.8.7.2).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote

from icalendar import Alarm, Calendar, Event

from sessions.core.records import Session, Show

__all__ = ["CALENDAR_TYPE", "CalendarEntry", "calendar_text", "disposition", "event_text"]

CALENDAR_TYPE = "text/calendar"

PRODUCT = "-//Seans//Seans//EN"

ALARM_S = 600.0
"""How long before the film an app reminds of it, seconds."""

REFRESH_S = 3600.0
"""How often an app should ask for a feed, seconds; many ask less often whatever it says."""

MAX_KEPT_EVENTS = 2048
"""Events whose text is kept: apps ask for the same ones, again and again."""

END = b"END:VCALENDAR\r\n"

NO_EVENTS = b"\r\n".join(
    (
        *(b"BEGIN:VTIMEZONE", b"TZID:UTC", b"BEGIN:STANDARD", b"DTSTART:19700101T000000"),
        *(b"TZOFFSETFROM:+0000", b"TZOFFSETTO:+0000", b"END:STANDARD", b"END:VTIMEZONE", b""),
    )
)
"""Stands in a calendar without events: RFC 5545 section 3.6 wants a component, and apps that read
none for a fault would keep the last show after it was called off."""

MAX_FILE_NAME = 80
"""Longest name of a file without its extension, characters."""

UNPRINTABLE = re.compile(r"[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+")
"""What no line of a calendar shows: controls, and what turns the direction of the words behind."""

NO_FILE_NAME = re.compile(r"[\"*/:<>?\\|\s]+")
"""What no file name holds on one of the systems that people have."""


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One session for a calendar."""

    show: Show
    """Its show."""

    session: Session
    """The session."""

    link: str | None
    """The whole address of the show's link; None where it is not the reader's to see."""


@lru_cache(maxsize=MAX_KEPT_EVENTS)
def event_text(entry: CalendarEntry) -> bytes:
    """Return the event of an entry: the better part of a millisecond where it is not kept."""
    return bytes(_event(entry).to_ical())


def calendar_text(events: Sequence[bytes], name: str) -> bytes:
    """Return the calendar ``name`` with ``events``, as event_text makes them."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    # RFC 7986 section 5, and the names that apps know from before it.
    calendar.add("name", _line(name))
    calendar.add("x-wr-calname", _line(name))
    refresh = timedelta(seconds=REFRESH_S)
    calendar.add("refresh-interval", refresh, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    head = bytes(calendar.to_ical()).removesuffix(END)
    return b"".join((head, *(events or (NO_EVENTS,)), END))


def disposition(title: str) -> str:
    """Return the Content-Disposition of a file called ``title`` (RFC 6266).

    Inline: a phone offers the event to its calendar instead of keeping a file.
    """
    name = NO_FILE_NAME.sub(" ", _line(title)).strip(" .")[:MAX_FILE_NAME] or "seans"
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    return f"inline; filename=\"{plain}.ics\"; filename*=UTF-8''{quote(name, safe='')}.ics"


def _event(entry: CalendarEntry) -> Event:
    show, session = entry.show, entry.session
    # Events have whole seconds. One that ended before the film would be wrong, so its end is later.
    begins = math.floor(session.movie_time)
    changed = _moment(_changed_at(show, session))
    event = Event()
    event.add("uid", session.id)
    # Both numbers only grow, whatever clocks do.
    event.add("sequence", show.revision + session.chain.newest.revision - 1)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("created", _moment(session.created_at))
    event.add("dtstart", _moment(begins))
    event.add("dtend", _moment(math.ceil(session.movie_time + session.duration)))
    event.add("summary", _line(show.title))
    event.add("status", "CONFIRMED")
    if entry.link is not None:
        # Google's calendar shows no URL, but makes a link of one in the description.
        event.add("description", entry.link)
        event.add("url", entry.link)
    event.add_component(_alarm(show))
    return event


def _alarm(show: Show) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _line(show.title))
    alarm.add("trigger", timedelta(seconds=-ALARM_S))
    return alarm


def _changed_at(show: Show, session: Session) -> float:
    """Return when an event was changed last, Unix seconds, by what is stored.

    So the same calendar is the same text, which an entity tag can stand for.
    """
    newest = session.chain.newest
    moved_at = newest.instant if newest.revision > 1 else 0.0
    return max(session.created_at, show.changed_at, moved_at)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(math.floor(seconds), UTC)


def _line(text: str) -> str:
    """Return ``text`` as one line: a film's name may hold anything."""
    return UNPRINTABLE.sub(" ", text).strip()
