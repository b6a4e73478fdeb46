"""The database's part on jobs: who works at what, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sessions.core.records import Job, JobKind
from sessions.stores.documents import job_document, job_of
from sessions.stores.mongo.driver import Database, Duplicate

__all__ = ["free_jobs", "give_back_job", "job", "renew_job", "take_job"]


async def take_job(database: Database, wanted: Job, now: float) -> Job | None:
    """Give a job to an owner, unless another has it."""
    while True:
        known = await job(database, wanted.kind, wanted.target_id)
        if known is None:
            try:
                await database.insert("jobs", [job_document(wanted)])
            except Duplicate:
                # Somebody else has taken it since.
                continue
            return wanted
        if not known.is_free(wanted.owner or "", now):
            return None
        taken = replace(
            known,
            owner=wanted.owner,
            lease_until=wanted.lease_until,
            identity=wanted.identity,
            progress=known.progress if known.identity == wanted.identity else 0.0,
        )
        names = ("owner", "lease_until", "identity", "progress")
        as_read = {"id": known.id, **{name: getattr(known, name) for name in names}}
        change = {"$set": {name: getattr(taken, name) for name in names}}
        if await database.update("jobs", as_read, change):
            return taken


async def renew_job(
    database: Database, job_id: str, owner: str, until: float, progress: float
) -> bool:
    """Let an owner keep a job; False where it is not theirs."""
    change = {"$set": {"lease_until": until, "progress": progress}}
    return await database.update("jobs", {"id": job_id, "owner": owner}, change)


async def give_back_job(database: Database, job_id: str, owner: str, progress: float) -> None:
    """Let others take a job."""
    change = {"$set": {"owner": None, "lease_until": 0.0, "progress": progress}}
    await database.update("jobs", {"id": job_id, "owner": owner}, change)


async def job(database: Database, kind: JobKind, target_id: str) -> Job | None:
    """Return the job of a kind for a film."""
    found = await database.find_one("jobs", {"kind": kind, "target_id": target_id})
    return None if found is None else job_of(found)


async def free_jobs(database: Database, now: float, limit: int) -> Sequence[Job]:
    """Return jobs that are not done and that nobody has, the oldest first."""
    if limit <= 0:
        # The driver takes 0 as no limit.
        return []
    free = {"progress": {"$lt": 1}, "$or": [{"owner": None}, {"lease_until": {"$lte": now}}]}
    order = [("created_at", 1), ("id", 1)]
    return [job_of(each) for each in await database.find("jobs", free, sort=order, most=limit)]
