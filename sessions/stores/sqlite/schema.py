"""The tables of the embedded store, and how an older store becomes one of this version.

Every table is one of UGC records, under the contract's field names: a column that is the same in
every row (``type``, often ``target_type``) is computed and takes no room. Times are Unix seconds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence

from sessions.core.errors import TooNew
from sessions.core.timeline import Chain, Timeline, after_move, scheduled

__all__ = ["MIGRATIONS", "Migration", "migrate"]

Migration = str | tuple[str, Callable[[sqlite3.Connection], None]]
"""SQL, and what fills in from the rows what SQL cannot."""


def _fill_from_log(connection: sqlite3.Connection) -> None:
    """Fill in on each session's row what its moves in the log have made of the plan."""
    sessions = connection.execute("SELECT id, movie_time FROM sessions").fetchall()
    for session_id, movie_time in sessions:
        chain, wait, speed = Chain((scheduled(movie_time),)), None, 1.0
        moves = connection.execute(
            "SELECT created_at, speed, revision, timeline_position, timeline_rate,"
            " timeline_instant, timeline_by, timeline_reason FROM entries"
            " WHERE session_id = ? AND timeline_instant IS NOT NULL ORDER BY revision",
            (session_id,),
        )
        has_moves = False
        for at, speed_then, *values in moves:
            timeline = Timeline(*values)
            (chain, wait), has_moves = after_move(chain, wait, timeline, at), True
            speed = speed if speed_then is None else speed_then
        if has_moves:
            timelines = [
                [t.revision, t.position, t.rate, t.instant, t.by, t.reason] for t in chain.items
            ]
            connection.execute(
                "UPDATE sessions SET timelines = ?, speed = ?, held_since = ?, held_start = ?"
                " WHERE id = ?",
                (
                    *(json.dumps(timelines), speed),
                    *((wait.since, wait.before_start) if wait else (None, None)),
                    session_id,
                ),
            )


MIGRATIONS: Sequence[Migration] = (
    """
    CREATE TABLE shows (
        id TEXT NOT NULL PRIMARY KEY,
        created_at REAL NOT NULL,
        user_id TEXT NOT NULL,
        type TEXT GENERATED ALWAYS AS ('show') VIRTUAL,
        target_id TEXT NOT NULL,
        target_type TEXT NOT NULL,
        title TEXT NOT NULL,
        access TEXT NOT NULL,
        control TEXT NOT NULL,
        waiting TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- revision and ends_at follow from the log: the newest timeline's. ends_at NULL: stands still.
    CREATE TABLE sessions (
        id TEXT NOT NULL PRIMARY KEY,
        created_at REAL NOT NULL,
        user_id TEXT NOT NULL,
        type TEXT GENERATED ALWAYS AS ('session') VIRTUAL,
        show_id TEXT NOT NULL REFERENCES shows ON DELETE CASCADE,
        movie_time REAL NOT NULL,
        target_id TEXT NOT NULL,
        target_type TEXT NOT NULL,
        duration REAL NOT NULL,
        revision INTEGER NOT NULL DEFAULT 1,
        ends_at REAL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sessions_in_time ON sessions (show_id, movie_time, id);
    CREATE INDEX sessions_to_their_end ON sessions (show_id, ends_at);

    CREATE TABLE members (
        id TEXT NOT NULL PRIMARY KEY,
        created_at REAL NOT NULL,
        user_id TEXT NOT NULL,
        type TEXT GENERATED ALWAYS AS ('member') VIRTUAL,
        target_id TEXT NOT NULL REFERENCES shows ON DELETE CASCADE,
        target_type TEXT GENERATED ALWAYS AS ('show') VIRTUAL,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        muted INTEGER NOT NULL,
        removed INTEGER NOT NULL,
        UNIQUE (target_id, user_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX members_by_user ON members (user_id, removed);

    CREATE TABLE invites (
        id TEXT NOT NULL PRIMARY KEY,
        created_at REAL NOT NULL,
        user_id TEXT NOT NULL,
        type TEXT GENERATED ALWAYS AS ('invite') VIRTUAL,
        target_id TEXT NOT NULL REFERENCES shows ON DELETE CASCADE,
        target_type TEXT GENERATED ALWAYS AS ('show') VIRTUAL,
        token TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL,
        own INTEGER NOT NULL,
        uses INTEGER,
        used INTEGER NOT NULL,
        expires REAL,
        revoked INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX invites_in_time ON invites (target_id, created_at);

    -- The log of each show, one beside the other in seq's order. session_id is no reference: a
    -- session may go, its place in the log stays.
    CREATE TABLE entries (
        id TEXT NOT NULL UNIQUE,
        created_at REAL NOT NULL,
        user_id TEXT NOT NULL,
        type TEXT GENERATED ALWAYS AS
            (CASE kind WHEN 'message' THEN 'chat_message' ELSE 'notice' END) VIRTUAL,
        target_id TEXT NOT NULL REFERENCES shows ON DELETE CASCADE,
        target_type TEXT GENERATED ALWAYS AS ('show') VIRTUAL,
        seq INTEGER NOT NULL,
        session_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        position REAL NOT NULL,
        revision INTEGER NOT NULL,
        text TEXT NOT NULL,
        deleted INTEGER NOT NULL,
        subject TEXT,
        subject_name TEXT,
        role TEXT,
        speed REAL,
        origin REAL,
        timeline_position REAL,
        timeline_rate REAL,
        timeline_instant REAL,
        timeline_by TEXT,
        timeline_reason TEXT,
        PRIMARY KEY (target_id, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX moves ON entries (session_id, revision)
        WHERE timeline_instant IS NOT NULL;
    CREATE UNIQUE INDEX deletions ON entries (subject) WHERE kind = 'deleted';
    """,
    """
    CREATE INDEX judgements ON entries (target_id, subject, created_at)
        WHERE kind IN ('role', 'removed');
    """,
    (
        """
        -- What the session's moves made of the plan, as the entry of the last one left it; see
        -- Session. A session is read in one row, however many moves lie behind it.
        ALTER TABLE sessions ADD COLUMN timelines TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE sessions ADD COLUMN speed REAL NOT NULL DEFAULT 1.0;
        ALTER TABLE sessions ADD COLUMN held_since REAL;
        ALTER TABLE sessions ADD COLUMN held_start INTEGER;
        CREATE INDEX own_links ON invites (target_id, created_at, id, token)
            WHERE own AND NOT revoked;
        CREATE INDEX members_in_time ON members (target_id, created_at, id);
        """,
        _fill_from_log,
    ),
    """
    -- The end of the show's log when the invite was made: what was decided of somebody since is
    -- told by the log's order. Clocks may be put back.
    ALTER TABLE invites ADD COLUMN log_seq INTEGER NOT NULL DEFAULT 0;
    UPDATE invites SET log_seq = coalesce(
        (SELECT min(seq) - 1 FROM entries WHERE entries.target_id = invites.target_id
            AND kind IN ('role', 'removed') AND entries.created_at >= invites.created_at),
        (SELECT max(seq) FROM entries WHERE entries.target_id = invites.target_id),
        0
    );
    DROP INDEX judgements;
    CREATE INDEX judgements ON entries (target_id, subject, seq)
        WHERE kind IN ('role', 'removed');
    """,
    """
    -- Whether the log says that they are here: their last coming stands behind their last leaving.
    -- A show is opened without a look through its log.
    ALTER TABLE members ADD COLUMN present INTEGER NOT NULL DEFAULT 0;
    UPDATE members SET present = 1 WHERE NOT removed AND (target_id, user_id) IN (
        SELECT target_id, user_id FROM entries WHERE kind IN ('joined', 'left')
        GROUP BY target_id, user_id
        HAVING max(seq * (kind = 'joined')) > max(seq * (kind = 'left'))
    );
    CREATE INDEX members_present ON members (target_id, user_id) WHERE present;
    """,
    """
    -- A list of shows counts and names who belongs to each, from the index alone: those who were
    -- removed, however many, are not looked at. SQLite reads the row where a column of the
    -- condition is not in the index, hence "removed".
    CREATE INDEX members_staying ON members (target_id, created_at, id, user_id, name, removed)
        WHERE NOT removed;
    """,
    """
    -- What is made of films in the background. One of a kind for a film.
    CREATE TABLE jobs (
        id TEXT NOT NULL PRIMARY KEY,
        created_at REAL NOT NULL,
        type TEXT GENERATED ALWAYS AS ('job') VIRTUAL,
        kind TEXT NOT NULL,
        target_id TEXT NOT NULL,
        target_type TEXT GENERATED ALWAYS AS ('movie') VIRTUAL,
        identity TEXT NOT NULL,
        progress REAL NOT NULL,
        owner TEXT,
        lease_until REAL NOT NULL,
        UNIQUE (kind, target_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX jobs_not_done ON jobs (created_at, id) WHERE progress < 1;
    """,
    """
    -- Who has opened the owner's address.
    CREATE TABLE owners (
        id TEXT NOT NULL PRIMARY KEY,
        created_at REAL NOT NULL,
        user_id TEXT NOT NULL UNIQUE,
        type TEXT GENERATED ALWAYS AS ('owner') VIRTUAL
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE bookmarks (
        id TEXT NOT NULL PRIMARY KEY,
        created_at REAL NOT NULL,
        user_id TEXT NOT NULL,
        type TEXT GENERATED ALWAYS AS ('bookmark') VIRTUAL,
        target_id TEXT NOT NULL,
        target_type TEXT NOT NULL,
        maker_name TEXT NOT NULL,
        UNIQUE (user_id, target_type, target_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX bookmarks_in_time ON bookmarks (user_id, created_at, id);

    -- No reference to shows: somebody's history outlives them.
    CREATE TABLE views (
        id TEXT NOT NULL PRIMARY KEY,
        created_at REAL NOT NULL,
        user_id TEXT NOT NULL,
        type TEXT GENERATED ALWAYS AS ('view') VIRTUAL,
        target_id TEXT NOT NULL,
        target_type TEXT NOT NULL,
        show_id TEXT NOT NULL,
        session_id TEXT NOT NULL,
        title TEXT NOT NULL,
        position REAL NOT NULL,
        duration REAL NOT NULL,
        watched REAL NOT NULL,
        updated_at REAL NOT NULL,
        company TEXT NOT NULL,
        UNIQUE (user_id, session_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX views_in_time ON views (user_id, updated_at, id);
    """,
    """
    -- How often a show was changed, and when last: calendars take a change by its number.
    ALTER TABLE shows ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE shows ADD COLUMN changed_at REAL NOT NULL DEFAULT 0.0;
    -- Where calendar apps find somebody's shows.
    CREATE TABLE calendar_addresses (
        id TEXT NOT NULL PRIMARY KEY,
        created_at REAL NOT NULL,
        user_id TEXT NOT NULL UNIQUE,
        type TEXT GENERATED ALWAYS AS ('calendar_address') VIRTUAL,
        token TEXT NOT NULL UNIQUE
    ) STRICT, WITHOUT ROWID;
    -- What other services were told of a session, and when there is more to tell. NULL: not as it
    -- stands. Of older sessions a moment that is right or too early: they are looked at then.
    ALTER TABLE sessions ADD COLUMN announced TEXT NOT NULL DEFAULT 'nothing';
    ALTER TABLE sessions ADD COLUMN due_at REAL;
    UPDATE sessions SET due_at = min(movie_time, created_at);
    CREATE INDEX sessions_due ON sessions (due_at) WHERE due_at IS NOT NULL;
    """,
    """
    ALTER TABLE shows ADD COLUMN slow_mode REAL NOT NULL DEFAULT 0.0;
    """,
    """
    -- Guests whose shows were taken along to an account: target_id is the guest, user_id the
    -- account.
    CREATE TABLE moved_users (
        id TEXT NOT NULL PRIMARY KEY,
        created_at REAL NOT NULL,
        user_id TEXT NOT NULL,
        type TEXT GENERATED ALWAYS AS ('moved_user') VIRTUAL,
        target_id TEXT NOT NULL UNIQUE,
        target_type TEXT GENERATED ALWAYS AS ('user') VIRTUAL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX moved_users_by_user ON moved_users (user_id, target_id);
    CREATE INDEX moved_users_in_time ON moved_users (created_at, target_id);
    CREATE INDEX bookmarks_by_target ON bookmarks (target_id, target_type);
    """,
)
"""What makes each version of the one before; the first makes the store itself."""


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the store up to the last of ``migrations``, each whole or not at all.

    The version is SQLite's ``user_version``. Raises TooNew, and has changed nothing, where the
    store is of a version that is not known yet.
    """
    (current,) = connection.execute("PRAGMA user_version").fetchone()
    if current > len(migrations):
        raise TooNew(
            f"it was written by a newer version of Seans (schema {current}; this version knows"
            f" {len(migrations)}): install that version, or give another data folder"
        )
    for version, migration in enumerate(migrations[current:], start=current + 1):
        script, fill = (migration, None) if isinstance(migration, str) else migration
        try:
            # Inside the script, because executescript() commits what was begun before it.
            connection.executescript(f"BEGIN IMMEDIATE; {script}")
            if fill is not None:
                fill(connection)
            # In the same transaction: a kill leaves both or neither (ADR 0002).
            connection.execute(f"PRAGMA user_version = {version}")
            connection.execute("COMMIT")
        except BaseException:
            # SQLite rolls some errors back itself, such as a full disk.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
