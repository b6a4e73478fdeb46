"""Everything that a store keeps, as JSON lines: what ``export`` writes and ``import`` reads.

The first line names the format, the last one counts the records, so a file that was cut off is
recognised. Between them each line is one record under the contract's field names, with dates as
ISO 8601 in UTC (see documents.py): each show before what belongs to it, its log ascending by
``seq``; then what belongs to people.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from sessions.core.errors import Invalid, TooNew
from sessions.core.records import (
    Bookmark,
    CalendarAddress,
    Entry,
    Invite,
    Job,
    Member,
    MovedUser,
    Owner,
    Session,
    Show,
    View,
)
from sessions.stores.documents import (
    Document,
    entry_document,
    entry_of,
    invite_document,
    invite_of,
    job_document,
    job_of,
    member_document,
    member_of,
    session_document,
    session_of,
    show_document,
    show_of,
)
from sessions.stores.personal_documents import PERSONAL, PersonalRecord, personal_document

__all__ = ["FORMAT", "KeptInvite", "Record", "end_line", "first_line", "line_of", "records_of"]

T = TypeVar("T")

FORMAT = 1
"""Version of the lines; a reader refuses a newer one."""

DATES = ("created_at", "movie_time", "expires", "changed_at", "updated_at")


@dataclass(frozen=True, slots=True)
class KeptInvite:
    """An invite with what a store notes of it."""

    invite: Invite
    """The invite."""

    log_seq: int
    """The end of its show's log when it was made."""


Record = Show | Session | Member | KeptInvite | Entry | Job | PersonalRecord
"""All that stores keep."""


def first_line() -> str:
    """Return the line that names the format."""
    return _line({"type": "seans", "format": FORMAT})


def line_of(record: Record) -> str:
    """Return the line of a record."""
    return _line(_document(record))


def end_line(count: int) -> str:
    """Return the line behind ``count`` records."""
    return _line({"type": "end", "records": count})


def _line(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, default=_text_of) + "\n"


def _text_of(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"a {type(value).__name__} is no value of a record")
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _document(record: Record) -> Document:
    match record:
        case Show():
            return show_document(record)
        case Session():
            return session_document(record)
        case Member():
            return member_document(record)
        case KeptInvite():
            return {**invite_document(record.invite), "log_seq": record.log_seq}
        case Entry():
            return entry_document(record)
        case Job():
            return job_document(record)
        case Owner() | Bookmark() | View() | CalendarAddress() | MovedUser():
            return personal_document(record)


def records_of(lines: Iterable[str]) -> Iterator[Record]:
    """Return the records of ``lines``. Raises Invalid, naming the line; TooNew."""
    count, ended = -1, False
    order = _Order()
    for number, line in enumerate(lines, start=1):
        if ended:
            raise Invalid(f"line {number} stands behind the end")
        document = _parsed(number, line)
        kind = document.get("type")
        if count < 0:
            _check_format(document)
            count = 0
        elif kind == "end":
            if document.get("records") != count:
                raise Invalid(f"line {number} counts other records than the {count} before it")
            ended = True
        else:
            count += 1
            record = _record(number, document)
            order.check(number, record)
            yield record
    if not ended:
        raise Invalid("the file was cut off: its last line is missing")


def _parsed(number: int, line: str) -> Document:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"line {number} is no JSON") from error
    if not isinstance(document, dict):
        raise Invalid(f"line {number} is no JSON object")
    return document


def _check_format(document: Document) -> None:
    if document.get("type") != "seans" or not isinstance(document.get("format"), int):
        raise Invalid("line 1 does not say that this is an export of Seans")
    if document["format"] > FORMAT:
        raise TooNew(
            f"the file was written by a newer version of Seans (format {document['format']};"
            f" this version knows {FORMAT})"
        )


def _record(number: int, document: Document) -> Record:
    reader = READERS.get(document.get("type", ""))
    if reader is None:
        raise Invalid(f"line {number} is of no known type")
    try:
        for name in DATES:
            if name in document:
                document[name] = _date_of(document[name])
        return reader(document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Invalid(f"line {number} is no valid {document['type']}") from error


def _date_of(text: str) -> datetime:
    date = datetime.fromisoformat(text)
    if date.tzinfo is None:
        raise ValueError("a date without its zone")
    return date.astimezone(UTC)


class _Order:
    """What of the last show was read."""

    def __init__(self) -> None:
        self._show_id: str | None = None
        self._seq = 0

    def check(self, number: int, record: Record) -> None:
        """Take the next record. Raises Invalid where it is not the one of this place."""
        match record:
            case Show():
                self._show_id, self._seq = record.id, 0
                return
            case Job() | Owner() | Bookmark() | View() | CalendarAddress() | MovedUser():
                return
            case KeptInvite():
                show_id = record.invite.show_id
            case _:
                show_id = record.show_id
        if show_id != self._show_id:
            raise Invalid(f"line {number} does not belong to the show before it")
        if isinstance(record, Entry):
            self._seq += 1
            if record.seq != self._seq:
                raise Invalid(f"line {number} has seq {record.seq} in place of {self._seq}")


def _checked(kind: type[T], read: Callable[[Document], T]) -> Callable[[Document], T]:
    """Return a reader that also checks the type of each field."""
    adapter = TypeAdapter(kind)

    def reader(document: Document) -> T:
        record = read(document)
        # As JSON, because only there "strict" takes a record's fields from a mapping.
        text = json.dumps(asdict(record), allow_nan=False)  # type: ignore[call-overload]
        try:
            return adapter.validate_json(text, strict=True)
        except ValidationError as error:
            raise ValueError(str(error)) from error

    return reader


def _kept_invite(document: Document) -> KeptInvite:
    return KeptInvite(invite_of(document), document["log_seq"])


_entry = _checked(Entry, entry_of)

READERS: dict[str, Callable[[Document], Record]] = {
    "show": _checked(Show, show_of),
    "session": _checked(Session, session_of),
    "member": _checked(Member, member_of),
    "invite": _checked(KeptInvite, _kept_invite),
    "chat_message": _entry,
    "notice": _entry,
    "job": _checked(Job, job_of),
    **{kind.kind: _checked(kind.record, kind.read) for kind in PERSONAL},
}
"""How the record of each type is read."""
