"""The live end of a show's log: entries are applied in the order of ``seq``, each once.

Many tasks append at the same time, so an entry may arrive before an earlier one; then it waits for
that one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sessions.core.records import Entry

__all__ = ["MAX_RECENT_ENTRIES", "AwaitedEntry", "LiveLog"]

MAX_RECENT_ENTRIES = 256
"""How many entries are kept in memory for those who enter or reconnect."""


@dataclass(slots=True)
class AwaitedEntry:
    """An entry that somebody waits for."""

    entry: Entry | None = None
    """The entry as it is in the log; None: it has not arrived."""


class LiveLog:
    """Puts entries in order, passes them to ``apply`` and keeps the last ones."""

    def __init__(self, recent: Iterable[Entry], seq: int, apply: Callable[[Entry], None]) -> None:
        self.seq = seq
        """The last ``seq`` that was applied."""
        self._recent = deque(recent, maxlen=MAX_RECENT_ENTRIES)
        self._early: dict[int, Entry] = {}
        self._awaited: dict[str, list[AwaitedEntry]] = {}
        self._apply = apply

    @property
    def gap(self) -> bool:
        """Whether an entry waits for an earlier one that has not arrived."""
        return bool(self._early)

    def arrived(self, entry: Entry) -> None:
        """Take an entry with its ``seq``; apply all entries that are next."""
        if entry.seq > self.seq:
            self._early[entry.seq] = entry
        while (due := self._early.pop(self.seq + 1, None)) is not None:
            self.seq = due.seq
            if due.kind == "deleted":
                self._blank(due.subject)
            self._recent.append(due)
            for awaited in self._awaited.get(due.id, ()):
                awaited.entry = due
            self._apply(due)

    @contextmanager
    def watch(self, entry_id: str) -> Iterator[AwaitedEntry]:
        """Wait for an entry of that id, for as long as the block runs."""
        awaited = AwaitedEntry()
        # A list, because two links of a person may send the same message at the same time.
        self._awaited.setdefault(entry_id, []).append(awaited)
        try:
            yield awaited
        finally:
            others = [other for other in self._awaited[entry_id] if other is not awaited]
            if others:
                self._awaited[entry_id] = others
            else:
                del self._awaited[entry_id]

    def after(self, seq: int, limit: int) -> Sequence[Entry] | None:
        """Return up to ``limit`` entries after ``seq``; None if they are not in memory."""
        first = self._recent[0].seq if self._recent else self.seq + 1
        if seq + 1 < first:
            return None
        start = seq + 1 - first
        return [self._recent[i] for i in range(start, min(start + limit, len(self._recent)))]

    def _blank(self, message_id: str | None) -> None:
        for index, entry in enumerate(self._recent):
            if entry.id == message_id:
                self._recent[index] = replace(entry, text="", deleted=True)
