"""The embedded store's part on jobs: who works at what, and until when."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sessions.core.records import Job, JobKind
from sessions.stores.sqlite.rows import JOB_COLUMNS, insert, job_of, job_row, select

__all__ = ["free_jobs", "give_back_job", "job", "renew_job", "take_job"]

TAKE = insert(
    "jobs",
    JOB_COLUMNS,
    "ON CONFLICT (kind, target_id) DO UPDATE SET owner = excluded.owner,"
    " lease_until = excluded.lease_until, identity = excluded.identity,"
    " progress = CASE WHEN identity = excluded.identity THEN progress ELSE 0.0 END",
)
"""A job that is kept keeps id, date and progress."""

FREE = select(
    JOB_COLUMNS,
    "FROM jobs WHERE progress < 1 AND (owner IS NULL OR lease_until <= ?)"
    " ORDER BY created_at, id LIMIT ?",
)


def take_job(connection: sqlite3.Connection, wanted: Job, now: float) -> Job | None:
    """Give a job to an owner, unless another has it."""
    known = job(connection, wanted.kind, wanted.target_id)
    if known is not None and not known.is_free(wanted.owner or "", now):
        return None
    connection.execute(TAKE, job_row(wanted))
    return job(connection, wanted.kind, wanted.target_id)


def renew_job(
    connection: sqlite3.Connection, job_id: str, owner: str, until: float, progress: float
) -> bool:
    """Let an owner keep a job; False where it is not theirs."""
    changed = connection.execute(
        "UPDATE jobs SET lease_until = ?, progress = ? WHERE id = ? AND owner = ?",
        (until, progress, job_id, owner),
    )
    return changed.rowcount == 1


def give_back_job(connection: sqlite3.Connection, job_id: str, owner: str, progress: float) -> None:
    """Let others take a job."""
    connection.execute(
        "UPDATE jobs SET owner = NULL, lease_until = 0, progress = ? WHERE id = ? AND owner = ?",
        (progress, job_id, owner),
    )


def job(connection: sqlite3.Connection, kind: JobKind, target_id: str) -> Job | None:
    """Return the job of a kind for a film."""
    sql = select(JOB_COLUMNS, "FROM jobs WHERE kind = ? AND target_id = ?")
    row = connection.execute(sql, (kind, target_id)).fetchone()
    return job_of(row) if row else None


def free_jobs(connection: sqlite3.Connection, now: float, limit: int) -> Sequence[Job]:
    """Return jobs that are not done and that nobody has, the oldest first."""
    return [job_of(row) for row in connection.execute(FREE, (now, max(limit, 0)))]
