"""What other services were told of sessions, in the embedded store."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from sessions.core.records import Announced, Session
from sessions.stores.sqlite import reads
from sessions.stores.sqlite.rows import SESSION_COLUMNS, due_at_column, select, session_of

__all__ = ["announce", "due_sessions", "skip"]


def due_sessions(connection: sqlite3.Connection, now: float, limit: int) -> Sequence[Session]:
    """Return sessions whose ``due_at`` has come, ascending by it."""
    sql = select(SESSION_COLUMNS, "FROM sessions WHERE due_at <= ? ORDER BY due_at LIMIT ?")
    return [session_of(row) for row in connection.execute(sql, (now, limit))]


def announce(
    connection: sqlite3.Connection, session_id: str, before: Announced, after: Announced
) -> bool:
    """Note what is told of a session: compare and set."""
    session = reads.session(connection, session_id)
    if session is None or session.announced != before:
        return False
    told = replace(session, announced=after)
    connection.execute(
        "UPDATE sessions SET announced = ?, due_at = ? WHERE id = ?",
        (after, due_at_column(told), session_id),
    )
    return True


def skip(connection: sqlite3.Connection, before: float) -> None:
    """Note that all is told of sessions that ended before then."""
    connection.execute(
        "UPDATE sessions SET announced = 'ended', due_at = NULL"
        " WHERE due_at <= :before AND ends_at <= :before",
        {"before": before},
    )
