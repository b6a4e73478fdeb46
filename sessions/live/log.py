"""The live end of a show's log: entries are applied in the order of ``seq``, each once.

Appends are awaited by many tasks at a time, so an entry may arrive here before the one that
stands in front of it; it then waits for that one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sessions.core.records import Entry

__all__ = ["MAX_RECENT_ENTRIES", "AwaitedEntry", "LiveLog"]

MAX_RECENT_ENTRIES = 256
"""Entries kept at hand for who comes or comes back."""


@dataclass(slots=True)
class AwaitedEntry:
    """An entry that somebody waits for."""

    entry: Entry | None = None
    """As it stands in the log; None: it has not arrived."""


class LiveLog:
    """Puts entries in order, hands them to ``apply`` and remembers the last ones."""

    def __init__(self, recent: Iterable[Entry], seq: int, apply: Callable[[Entry], None]) -> None:
        self.seq = seq
        """The last ``seq`` that was handed out."""
        self._recent = deque(recent, maxlen=MAX_RECENT_ENTRIES)
        self._early: dict[int, Entry] = {}
        self._awaited: dict[str, list[AwaitedEntry]] = {}
        self._apply = apply

    @property
    def gap(self) -> bool:
        """Whether an entry waits for one that has not arrived."""
        return bool(self._early)

    def arrived(self, entry: Entry) -> None:
        """Take an entry that has its place; hand out all whose turn it is."""
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
        """Note whether an entry of that id arrives from here on, however many come after it."""
        awaited = AwaitedEntry()
        # A list: the same message may be on its way from two of a person's links.
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
        """Return up to ``limit`` entries after ``seq``; None where they are not at hand."""
        first = self._recent[0].seq if self._recent else self.seq + 1
        if seq + 1 < first:
            return None
        start = seq + 1 - first
        return [self._recent[i] for i in range(start, min(start + limit, len(self._recent)))]

    def _blank(self, message_id: str | None) -> None:
        for index, entry in enumerate(self._recent):
            if entry.id == message_id:
                self._recent[index] = replace(entry, text="", deleted=True)
