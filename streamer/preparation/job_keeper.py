"""Keeps this server's jobs in the store: takes them, renews their leases, gives them back.

A lease guards what is made for nobody yet, the rest of a film. What somebody is about to see is
made without one: segments are the same whoever makes them, and the first wins.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from uuid import UUID, uuid4

from sessions.core.errors import StoreUnavailable
from sessions.core.records import Job
from sessions.stores.base import JobStore

__all__ = ["LEASE_S", "JobKeeper"]

logger = logging.getLogger("seans.preparation")

LEASE_S = 10.0
"""How long a job of an owner who says nothing stays theirs, seconds."""


class JobKeeper:
    """The jobs that this server has."""

    def __init__(self, store: JobStore, clock: Callable[[], float]) -> None:
        """Be a new owner; ``clock`` is the server's time, Unix seconds."""
        self._store = store
        self._clock = clock
        self._owner = str(uuid4())
        self._held: dict[UUID, str] = {}

    def holds(self, film_id: UUID) -> bool:
        """Tell whether this server has the film's job."""
        return film_id in self._held

    async def take(self, film_id: UUID, identity: str) -> bool:
        """Take the job of a film; return whether it is this server's now."""
        now = self._clock()
        job = Job(
            id=str(uuid4()),
            created_at=now,
            kind="live",
            target_id=str(film_id),
            identity=identity,
            owner=self._owner,
            lease_until=now + LEASE_S,
        )
        try:
            taken = await self._store.take_job(job, now)
        except StoreUnavailable as error:
            logger.warning("a job could not be taken: %s", error)
            return False
        if taken is not None:
            self._held[film_id] = taken.id
        return taken is not None

    async def renew(self, progress: Mapping[UUID, float]) -> None:
        """Renew the leases of all jobs; those that are done are given back."""
        for film_id, job_id in list(self._held.items()):
            share = progress.get(film_id, 0.0)
            if share >= 1.0:
                await self._give_back(film_id, job_id, share)
            elif not await self._renew(job_id, share):
                # The machine slept, and another server has it.
                self._held.pop(film_id, None)

    async def free(self, limit: int) -> list[UUID]:
        """Return films whose jobs are not done and nobody's, the oldest first."""
        try:
            jobs = await self._store.free_jobs(self._clock(), limit)
        except StoreUnavailable:
            return []
        return [UUID(job.target_id) for job in jobs]

    async def give_back_all(self, progress: Mapping[UUID, float]) -> None:
        """Let others take what this server has."""
        for film_id, job_id in list(self._held.items()):
            await self._give_back(film_id, job_id, progress.get(film_id, 0.0))

    async def _renew(self, job_id: str, share: float) -> bool:
        try:
            return await self._store.renew_job(job_id, self._owner, self._clock() + LEASE_S, share)
        except StoreUnavailable:
            # The store says so itself; the lease is renewed when it is back.
            return True

    async def _give_back(self, film_id: UUID, job_id: str, share: float) -> None:
        try:
            await self._store.give_back_job(job_id, self._owner, share)
        except StoreUnavailable as error:
            logger.warning("a job could not be given back: %s", error)
            return
        self._held.pop(film_id, None)
