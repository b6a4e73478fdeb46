"""The webhooks that are still to be sent: bounded, ordered by when they are due."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path

__all__ = ["Message", "Outbox", "read_kept", "write_kept"]


@dataclass(frozen=True, slots=True)
class Message:
    """A webhook that was not taken yet."""

    id: str
    """The same at each attempt."""

    type: str
    """What it tells of."""

    body: str
    """What is sent: JSON."""

    failures: int = 0
    """Attempts that failed."""


@dataclass(frozen=True, slots=True, order=True)
class _Due:
    """A message and when it is to be sent."""

    at: float
    """By the clock of whoever asks, seconds."""

    number: int
    """Its place among those of the same moment."""

    message: Message = field(compare=False)
    """The message."""


class Outbox:
    """Messages by when they are due."""

    def __init__(self) -> None:
        self._heap: list[_Due] = []
        self._number = 0

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, message: Message, at: float) -> None:
        """Add a message that is due ``at`` that moment."""
        self._number += 1
        heappush(self._heap, _Due(at, self._number, message))

    def next_at(self) -> float | None:
        """Return when the first is due; None where there is none."""
        return self._heap[0].at if self._heap else None

    def take(self) -> Message:
        """Return the first, which is in here no more."""
        return heappop(self._heap).message

    def take_all(self) -> list[Message]:
        """Return all of them in order; none is in here any more."""
        messages = [due.message for due in sorted(self._heap)]
        self._heap.clear()
        return messages


def write_kept(path: Path, messages: Iterable[Message]) -> None:
    """Keep ``messages`` for the next start, for the owner's eyes alone. Raises OSError."""
    rows = [[m.id, m.type, m.body, m.failures] for m in messages]
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(rows, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def read_kept(path: Path) -> list[Message]:
    """Return what was kept, and forget it. Raises OSError, ValueError where it can't be read."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    path.unlink()
    try:
        return [Message(str(id_), str(type_), str(body), int(n)) for id_, type_, body, n in rows]
    except TypeError as error:
        raise ValueError("it holds no webhooks") from error
