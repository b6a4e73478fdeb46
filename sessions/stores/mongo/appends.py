"""What is to be appended to the log of a show, and the end of that log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sessions.core.errors import StaleRevision, UnknownSession
from sessions.core.records import Entry, Member, Session
from sessions.stores.base import AppendResult
from sessions.stores.documents import Document, entry_document
from sessions.stores.mongo.follow import follows

__all__ = ["Append", "Tail"]


@dataclass(slots=True, eq=False)
class Append:
    """Entries that are appended together, whole or not at all, and who waits for it."""

    entries: Sequence[Entry]
    """At least one, of one show."""

    future: asyncio.Future[Sequence[AppendResult]]
    """Who waits for it."""

    deadline: float
    """Until when it may begin, in the time of the event loop, seconds."""

    session: Session | None = None
    """A changed plan that belongs to the first entry."""

    members: Sequence[Member] = ()
    """Places in the show, new or changed, that belong to the first entry."""

    message_id: str | None = None
    """The message that the first entry deletes."""

    attempted: bool = False
    """Whether an insert was begun whose outcome is not known yet."""

    doubtful: bool = False
    """Whether an attempt had no answer, so that what stands in the log may be this very append."""

    def refuse(self, error: Exception) -> None:
        """Answer with an error, unless it is answered already."""
        if not self.future.done():
            self.future.set_exception(error)

    def resolve(self, entries: Sequence[Entry], *, new: bool) -> None:
        """Answer with the entries as they stand in the log."""
        if not self.future.done():
            self.future.set_result([AppendResult(entry, new) for entry in entries])

    def documents(self, seq: int) -> list[Document]:
        """Return what is stored, from ``seq`` on; the first holds what records follow from."""
        placed = [replace(entry, seq=seq + n) for n, entry in enumerate(self.entries)]
        documents = [{**entry_document(entry), **follows(entry, None, ())} for entry in placed]
        documents[0].update(follows(placed[0], self.session, self.members))
        if len(documents) > 1:
            # A process may be killed in the middle; who finds the first appends the others.
            documents[0].update(pending=True, rest=documents[1:])
        return documents


@dataclass(slots=True)
class Tail:
    """The end of a log, as far as it is known."""

    seq: int
    """The last ``seq``."""

    revisions: dict[str, int] = field(default_factory=dict)
    """The show's sessions, with the newest revision of each."""

    def take(self, append: Append) -> Tail:
        """Return the tail behind ``append``. Raises StaleRevision, UnknownSession."""
        revisions = self.revisions
        if append.session is not None and append.session.id not in revisions:
            raise UnknownSession
        for entry in append.entries:
            if entry.timeline is None:
                continue
            if entry.session_id not in revisions:
                raise UnknownSession
            if entry.timeline.revision != revisions[entry.session_id] + 1:
                raise StaleRevision
            revisions = {**revisions, entry.session_id: entry.timeline.revision}
        return Tail(self.seq + len(append.entries), revisions)
