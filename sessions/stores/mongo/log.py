"""Appends to the log of one show, without transactions (ADR 0015).

Unique indexes decide: (show, seq), the entry's id, and (session, revision) for moves. What waits is
numbered from the tail that is known and inserted in that order, one batch at a time. Where somebody
else was first, the tail is read again and what still holds is numbered anew. Where no answer came,
the batch is looked up by its ids before anything else is written, so ``seq`` has no gaps and
nothing stands there twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from sessions.core.errors import (
    IdTaken,
    Refused,
    StaleRevision,
    StoreUnavailable,
    UnknownMessage,
    UnknownSession,
    UnknownShow,
)
from sessions.core.records import Entry
from sessions.stores.documents import Document, entry_of
from sessions.stores.mongo.appends import Append, Tail
from sessions.stores.mongo.driver import Database, Duplicate, NoAnswer, limit
from sessions.stores.mongo.follow import follow_all, recover
from sessions.stores.mongo.puts import GONE

__all__ = ["ShowLog"]

MAX_BATCH = 200
"""Entries that are inserted at once."""

MIN_ATTEMPT_S = 0.2
"""How long the insert of a batch may take at least, seconds: the next deadline may be close."""

RETRY_PAUSE_S = 0.1
"""How long after no answer the database is asked again, seconds."""

MAX_SURPRISES = 20
"""How often in a row a batch is numbered anew before its first append is given up."""


class ShowLog:
    """The log of one show, for one task that writes."""

    def __init__(self, database: Database, show_id: str, clock: Callable[[], float]) -> None:
        """``clock`` gives the time of the event loop, seconds."""
        self._database = database
        self._show_id = show_id
        self._clock = clock
        self._tail: Tail | None = None
        self._fresh = False
        self._surprises = 0
        self.doubtful = False
        """Whether the outcome of a call is unknown, and the log was not read since."""

    def forget(self) -> None:
        """Read the end of the log again before anything else is written."""
        self._tail = None

    def doubt(self) -> None:
        """Note that a call had no answer."""
        self.forget()
        self.doubtful = True

    async def load(self) -> Tail:
        """Read the end of the log, and do what is left half done. Raises UnknownShow, NoAnswer."""
        database, show_id = self._database, self._show_id
        # What had no answer is done or left by now; the ids of those who still wait are looked up.
        await recover(database, show_id)
        self.doubtful = False
        if not await database.find_one("shows", {"id": show_id, "creating": None}):
            raise UnknownShow
        sessions = await database.find("sessions", {"show_id": show_id}, fields=("id", "revision"))
        # After the sessions: where a move comes between, its revision is found taken, at worst.
        last = await database.find_one("entries", {"target_id": show_id}, sort=[("seq", -1)])
        if last is not None and last["kind"] == GONE:
            raise UnknownShow
        # Another service may have planned a session, which is at its first revision then.
        revisions = {session["id"]: session.get("revision", 1) for session in sessions}
        self._tail = Tail(last["seq"] if last else 0, revisions)
        self._fresh = True
        return self._tail

    async def end(self, entry: Document) -> None:
        """Append the entry that ends the log. Raises UnknownShow, NoAnswer."""
        while True:
            tail = self._tail or await self.load()
            self.forget()
            try:
                await self._database.insert("entries", [{**entry, "seq": tail.seq + 1}])
            except Duplicate:
                # Somebody else was first.
                continue
            return

    async def write(self, appends: Sequence[Append]) -> int:
        """Append all, each whole or not at all, and answer who waits; return how many were new."""
        waiting, written = list(appends), 0
        self._surprises, self._fresh = 0, False
        while waiting := self._still_wanted(waiting):
            try:
                with limit(max(min(a.deadline for a in waiting) - self._clock(), MIN_ATTEMPT_S)):
                    written += await self._step(waiting)
            except NoAnswer:
                self.doubt()
                for append in waiting:
                    append.doubtful |= append.attempted
                await asyncio.sleep(RETRY_PAUSE_S)
            except UnknownShow as error:
                for append in waiting:
                    append.refuse(error)
        return written

    def _still_wanted(self, waiting: Sequence[Append]) -> list[Append]:
        """Return those not answered yet; refuse those whose time is over."""
        now = self._clock()
        for append in waiting:
            if append.deadline <= now:
                append.refuse(StoreUnavailable("nothing could be saved for too long"))
        return [append for append in waiting if not append.future.done()]

    async def _step(self, waiting: Sequence[Append]) -> int:
        """Get as far as one insert goes; return how many appends it made."""
        tail = self._tail or await self.load()
        attempted = [append for append in waiting if append.attempted]
        if attempted:
            return await self._look_up(attempted)
        batch, documents, behind = await self._batch(waiting, tail)
        if not batch:
            return 0
        try:
            for append in batch:
                append.attempted = True
            await self._database.insert("entries", documents)
        except Duplicate as error:
            return await self._settle(tail, batch, documents, error.index)
        self._tail, self._fresh, self._surprises = behind, False, 0
        return await self._follow(batch, documents)

    async def _follow(self, batch: Sequence[Append], documents: Sequence[Document]) -> int:
        """Bring records to what was appended, then answer, in the order of ``seq``."""
        await follow_all(self._database, documents)
        placed = iter([entry_of(document) for document in documents])
        for append in batch:
            append.resolve([next(placed) for _ in append.entries], new=True)
        return len(batch)

    async def _batch(
        self, waiting: Sequence[Append], tail: Tail
    ) -> tuple[Sequence[Append], Sequence[Document], Tail]:
        """Return the appends that hold and go together, what they insert, and the tail then."""
        batch: list[Append] = []
        documents: list[Document] = []
        ids: set[str] = set()
        for append in waiting:
            new_ids = {entry.id for entry in append.entries}
            alone = append.message_id is not None or len(append.entries) > 1
            if batch and (alone or new_ids & ids or len(documents) >= MAX_BATCH):
                break
            try:
                behind = tail.take(append)
                if alone:
                    await self._check(append)
            except (StaleRevision, UnknownSession) as error:
                # A refusal may rest on what this batch has yet to make.
                if batch:
                    break
                # Judged by what may be old: somebody else may have moved the film meanwhile.
                if not self._fresh:
                    self.forget()
                    break
                append.refuse(error)
                continue
            except Refused as error:
                append.refuse(error)
                continue
            if append.future.done():
                continue
            batch.append(append)
            documents += append.documents(tail.seq + 1)
            ids |= new_ids
            tail = behind
        return batch, documents, tail

    async def _check(self, append: Append) -> None:
        """Look at the log before an append that needs it; that may answer it.

        Raises IdTaken, UnknownMessage.
        """
        ids = [entry.id for entry in append.entries]
        if append.message_id is not None:
            message = await self._message(append.message_id)
            if message is None:
                raise UnknownMessage
            # Two people delete it at once: it is deleted once.
            if message.deleted and (deletion := await self._deletion(append.message_id)):
                append.resolve([deletion], new=False)
                return
        if await self._database.find("entries", {"id": {"$in": ids}}, most=1, fields=("id",)):
            raise IdTaken

    async def _message(self, message_id: str) -> Entry | None:
        match = {"id": message_id, "target_id": self._show_id, "kind": "message"}
        found = await self._database.find_one("entries", match)
        return None if found is None else entry_of(found)

    async def _deletion(self, message_id: str) -> Entry | None:
        match = {"subject": message_id, "kind": "deleted"}
        found = await self._database.find_one("entries", match)
        return None if found is None else entry_of(found)

    async def _look_up(self, attempted: Sequence[Append]) -> int:
        """Answer those of which no answer came, and that stand in the log; the rest begin anew."""
        ids = [entry.id for append in attempted for entry in append.entries]
        match = {"id": {"$in": ids}}
        # One that a new primary may yet undo is not there: it is inserted again, and found then.
        documents = await self._database.find("entries", match, settled=True)
        found = {document["id"]: entry_of(document) for document in documents}
        written = 0
        for append in attempted:
            append.attempted = False
            stored = [found.get(entry.id) for entry in append.entries]
            placed = [entry for entry in stored if entry is not None]
            if len(placed) == len(append.entries) and _are_ours(placed, append.entries):
                append.resolve(placed, new=True)
                written += 1
        return written

    async def _settle(
        self, tail: Tail, batch: Sequence[Append], documents: Sequence[Document], index: int
    ) -> int:
        """Answer the appends before document ``index``, and see why that one was refused."""
        before: list[Append] = []
        start = 0
        while start + len(batch[len(before)].entries) <= index:
            tail = tail.take(batch[len(before)])
            start += len(batch[len(before)].entries)
            before.append(batch[len(before)])
        refused, *later = batch[len(before) :]
        for append in later:
            append.attempted = False
        self._tail = tail
        written = await self._follow(before, documents[:start]) if before else 0
        if index > start:
            # Part of it stands there; load() appends the rest, and then it is looked up.
            self.forget()
        else:
            refused.attempted = False
            await self._explain(tail, refused, documents[start], later)
        return written

    async def _explain(
        self, tail: Tail, append: Append, document: Document, later: Sequence[Append]
    ) -> None:
        """Answer an append whose entry was refused as there already; or have it numbered anew."""
        found = await self._database.find_one("entries", {"id": document["id"]})
        if found is None:
            # The place or the revision is somebody else's.
            self._surprises += 1
            self.forget()
            if self._surprises > MAX_SURPRISES:
                append.refuse(StoreUnavailable("others write all the time"))
            elif append.message_id is not None and (
                deletion := await self._deletion(append.message_id)
            ):
                append.resolve([deletion], new=False)
            return
        stored = entry_of(found)
        if stored.seq > tail.seq:
            self.forget()
        in_doubt = append.doubtful or stored.seq == document["seq"]
        if in_doubt and _are_ours([stored], append.entries[:1]):
            # It was carried out, late or by a driver that asked twice; those behind it may be too.
            self.forget()
            for each in (append, *later):
                each.attempted = each.doubtful = True
        elif _is_same_message(stored, append.entries[0]):
            # A page that lost its link sends its messages again, under the same ids.
            append.resolve([stored], new=False)
        else:
            append.refuse(IdTaken())


def _are_ours(stored: Sequence[Entry], entries: Sequence[Entry]) -> bool:
    """Tell whether an earlier attempt wrote them: only their place is another."""
    pairs = zip(stored, entries, strict=True)
    return all(found == replace(entry, seq=found.seq) for found, entry in pairs)


def _is_same_message(stored: Entry, entry: Entry) -> bool:
    return stored.kind == entry.kind == "message" and (
        *(stored.show_id, stored.user_id, stored.text),
        stored.deleted,
    ) == (entry.show_id, entry.user_id, entry.text, False)
