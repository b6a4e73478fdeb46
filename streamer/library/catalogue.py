"""The films of one folder: found at start, watched while the server runs.

Whatever happens in the folder, the answer is the same: walk through it, keep what is known of files
that did not change, probe the others. A walk costs little, so nothing is ever patched by events.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from uuid import UUID

from streamer.library import cache
from streamer.library.cache import ScanResult
from streamer.library.content import digest
from streamer.library.errors import FolderUnusable
from streamer.library.naming import name_film
from streamer.library.probe import Probe, ProbeResult, probe
from streamer.library.sidecar import Sidecar, Sidecars
from streamer.library.title_list import (
    CatalogueEntry,
    ListedTitle,
    Listing,
    list_entry,
    list_titles,
)
from streamer.library.titles import Series, Title
from streamer.library.walk import FoundFile, Walk, stamp, walk
from streamer.library.watching import FolderWatch, Inotify, Watches

__all__ = ["Catalogue", "Counts"]

logger = logging.getLogger("seans.library")

_CACHE = "films.json"
# More probes at once make one disk seek back and forth, and take the rooms' CPU.
_MAX_PROBES = 2
_SAVE_EVERY = 32
_CHANGES_GATHER_S = 0.4
_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Counts:
    """What a catalogue did, for metrics. All but the first two only grow."""

    ready: int = 0
    """Movies and episodes that can be shown."""

    unplayable: int = 0
    """Movies and episodes that cannot."""

    scans: int = 0
    """Walks through the folder."""

    probes: int = 0
    """Files examined."""

    failures: int = 0
    """Files whose examination gave no facts."""

    cached: int = 0
    """Files known from before, by the cache."""

    passed_over: int = 0
    """Files that could not be read."""


class Catalogue:
    """The titles of a film folder. One loop's property: not to be shared by threads."""

    def __init__(
        self,
        folder: Path,
        cache_folder: Path,
        *,
        clock: Callable[[], float],
        examine: Probe = probe,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        settle: float = 2.0,
        rescan: float = 60.0,
        begin_watches: Callable[[], Watches] = Inotify,
    ) -> None:
        """Make an empty catalogue of ``folder``; :meth:`scan` fills it.

        ``cache_folder`` keeps the results of scans. ``clock`` is the file system's: Unix seconds. A
        file counts as whole when it rested for ``settle`` seconds. ``rescan`` is the time between
        walks where nothing was noticed, seconds: network drives tell of no changes.
        ``begin_watches`` makes what tells of the others.
        """
        self._folder = folder
        self._cache = cache_folder / _CACHE
        self._clock = clock
        self._examine = examine
        self._pause = pause
        self._settle = settle
        self._rescan = rescan
        self._begin_watches = begin_watches
        self._scans: dict[str, ScanResult] | None = None
        self._listed: dict[str, ListedTitle] = {}
        self._listing = Listing()
        self._counts = Counts()
        self._ready = False
        self._folders: tuple[Path, ...] = ()
        self._sidecars = Sidecars(folder)
        self._has_changing_files = False
        self._unsaved = 0
        self._warned: set[str] = set()
        self._scanning = asyncio.Lock()
        self._slots = asyncio.Semaphore(_MAX_PROBES)

    @property
    def ready(self) -> bool:
        """Whether a first scan is done."""
        return self._ready

    @property
    def counts(self) -> Counts:
        """What was done so far."""
        states = [title.state for title in self._listing.by_id.values()]
        return replace(
            self._counts, ready=states.count("ready"), unplayable=states.count("unplayable")
        )

    def titles(
        self, query: str | None = None, kind: Literal["movie", "series"] | None = None
    ) -> Sequence[Title | Series]:
        """Return movies and series by name; with ``query`` those whose name holds all its words."""
        return self._listing.find(query, kind)

    def films(self) -> Sequence[Title]:
        """Return the movies and the episodes, each for itself, in no order."""
        return list(self._listing.by_id.values())

    def get(self, title_id: UUID) -> Title | None:
        """Return the movie or episode with this id, None where there is none."""
        return self._listing.by_id.get(title_id)

    def series(self, series_id: UUID) -> Series | None:
        """Return the series with this id, None where there is none."""
        return self._listing.series.get(series_id)

    async def scan(self) -> None:
        """Bring the list up to the folder: what is gone goes, what is new or other is probed.

        Titles are listed as they become known. Raises :class:`FolderUnusable`; no file does.
        """
        async with self._scanning:
            try:
                found = await asyncio.to_thread(walk, self._folder)
            except FolderUnusable:
                self._listed = {}
                self._publish()
                # Nothing tells when it is there again.
                self._folders, self._has_changing_files = (), True
                raise
            self._folders = found.folders
            self._warn(found.warnings)
            unknown = await self._list_known(found)
            # Set anew below by files that are still being written.
            self._has_changing_files = False
            async with asyncio.TaskGroup() as group:
                for file in unknown:
                    group.create_task(self._add_file(file))
            await self._save()
            self._count(scans=1)
            self._ready = True

    async def watch(self) -> None:
        """Scan whenever something changes in the folder, until cancelled."""
        changed = asyncio.Event()
        # What changed before the watch is told by nobody.
        changed.set()
        with FolderWatch(changed.set, self._begin_watches) as watch:
            while True:
                try:
                    await watch.follow(self._folders)
                except OSError as error:
                    self._warn((f"Changes in the film folder are noticed late: {error.strerror}",))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(
                        self._settle if self._has_changing_files else self._rescan
                    ):
                        await changed.wait()
                        # Changes come in crowds, and one walk finds them all.
                        await self._pause(_CHANGES_GATHER_S)
                changed.clear()
                try:
                    await self.scan()
                except FolderUnusable as error:
                    self._warn((str(error),))

    async def _list_known(self, found: Walk) -> list[FoundFile]:
        """Make the entries of all files known already, and return the others."""
        if self._scans is None:
            self._scans = await asyncio.to_thread(cache.load, self._cache)
        listed: dict[str, ListedTitle] = {}
        unknown: list[FoundFile] = []
        sidecars = await asyncio.to_thread(self._sidecars.beside, found.files)
        for file, sidecar in zip(found.files, sidecars, strict=True):
            scan = self._scans.get(file.name)
            if scan is None or not scan.holds_for(file):
                unknown.append(file)
                continue
            entry, before = CatalogueEntry(file, scan, sidecar), self._listed.get(file.name)
            if before is None:
                self._count(cached=1)
            listed[file.name] = before if before and before.entry == entry else list_entry(entry)
            self._warn(sidecar.warnings)
        self._forget(found)
        if listed != self._listed:
            self._listed = listed
            self._publish()
        return unknown

    def _forget(self, found: Walk) -> None:
        """Forget files that are gone, unless all are: then a disk may just not be mounted."""
        if self._scans and found.files:
            gone = self._scans.keys() - {file.name for file in found.files}
            for name in gone:
                del self._scans[name]
            self._unsaved += len(gone)

    async def _add_file(self, file: FoundFile) -> None:
        """List a new or changed file, unless it is still being written."""
        # A file that is being copied looks whole between two writes.
        if self._clock() - file.modified / _NANOSECONDS < self._settle:
            await self._pause(self._settle)
        if await asyncio.to_thread(stamp, file) != file:
            self._has_changing_files = True
            return
        # Size and time are compared again after the probe: it may have read half a file.
        async with self._slots:
            try:
                scan, sidecar = await self._scan_file(file)
            except OSError as error:
                self._warn((f"{file.name} is passed over: {error.strerror}",))
                self._count(passed_over=1)
                return
        if await asyncio.to_thread(stamp, file) != file:
            self._has_changing_files = True
            return
        self._warn(sidecar.warnings)
        if scan.probed.facts is not None and scan.probed.facts.truncated:
            self._warn((f"{file.name} is cut off: its index promises more than the file holds",))
        if self._scans is not None:
            self._scans[file.name] = scan
        self._listed[file.name] = list_entry(CatalogueEntry(file, scan, sidecar))
        self._publish()
        self._unsaved += 1
        # A first scan of thousands of films may be interrupted: what is known so far is kept.
        if self._unsaved >= _SAVE_EVERY:
            await self._save()

    async def _scan_file(self, file: FoundFile) -> tuple[ScanResult, Sidecar]:
        content = await asyncio.to_thread(digest, file.path, file.size)
        probed = ProbeResult(None, "empty") if file.size == 0 else await self._examine(file.path)
        inner = None if probed.facts is None else probed.facts.title
        name = await asyncio.to_thread(name_film, Path(file.name), inner)
        sidecar = await asyncio.to_thread(self._sidecars.of, file)
        self._count(probes=1, failures=int(probed.facts is None))
        return ScanResult(file.size, file.modified, content, probed, name), sidecar

    def _publish(self) -> None:
        in_order = sorted(self._listed.items(), key=lambda item: item[0].split("/"))
        self._listing = list_titles(one for _, one in in_order)
        self._warn(self._listing.duplicates)

    async def _save(self) -> None:
        if not self._unsaved or self._scans is None:
            return
        self._unsaved = 0
        try:
            await asyncio.to_thread(cache.save, self._cache, dict(self._scans))
        except OSError as error:
            self._warn((f"What was learned about films cannot be kept: {error}",))

    def _warn(self, warnings: Sequence[str]) -> None:
        """Log each warning once while the catalogue lives."""
        for warning in warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                logger.warning("%s", warning)

    def _count(self, **more: int) -> None:
        grown = {name: getattr(self._counts, name) + n for name, n in more.items()}
        self._counts = replace(self._counts, **grown)
