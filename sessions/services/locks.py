"""One at a time for each show: for what reads, decides and then writes."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

__all__ = ["Locks"]


class Locks:
    """A lock for each name, forgotten when nobody holds it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, name: str) -> asyncio.Lock:
        """Return the lock of ``name``; hold on to it while it is needed."""
        return self._locks.setdefault(name, asyncio.Lock())
