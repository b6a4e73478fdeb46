"""All that the embedded store keeps: read in one transaction, written in one, or copied."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from sessions.core.errors import Invalid, StoreUnavailable
from sessions.core.membership import presence_after
from sessions.core.records import (
    Bookmark,
    CalendarAddress,
    Entry,
    Job,
    Member,
    MovedUser,
    Owner,
    Session,
    Show,
    View,
)
from sessions.stores.sqlite.folder import Folder, connect
from sessions.stores.sqlite.personal_transfer import (
    PERSONAL_TABLES,
    read_personal,
    write_personal,
)
from sessions.stores.sqlite.rows import (
    ENTRY_COLUMNS,
    INVITE_COLUMNS,
    JOB_COLUMNS,
    MEMBER_COLUMNS,
    SESSION_COLUMNS,
    SHOW_COLUMNS,
    due_at_column,
    ends_at_column,
    entry_of,
    entry_row,
    insert,
    invite_of,
    invite_row,
    job_of,
    job_row,
    member_of,
    member_row,
    select,
    session_of,
    session_row,
    show_of,
    show_row,
)
from sessions.stores.sqlite.schema import MIGRATIONS, migrate
from sessions.stores.transfer import KeptInvite, Record

__all__ = ["back_up", "read_all", "write_all"]


def back_up(folder: Path, file: Path) -> None:
    """Copy the store of a data folder into a new ``file``, as it stood at one moment.

    A server may write meanwhile. Raises StoreUnavailable, OSError.
    """
    # Else SQLite makes it with a mode by which others may read it.
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
    try:
        with closing(_opened(folder)) as source, closing(sqlite3.connect(file)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the store in {folder} cannot be copied: {error}") from error


def _opened(folder: Path) -> sqlite3.Connection:
    """Open the store of a data folder beside the server that may run on it, to read."""
    file = Folder(folder).file
    if not file.is_file():
        raise StoreUnavailable(f"there is no store in {folder}")
    connection = connect(file, writes=False)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != len(MIGRATIONS):
        connection.close()
        raise StoreUnavailable(
            f"the store in {folder} is of another version of Seans (schema {version}; this version"
            f" has {len(MIGRATIONS)}): start this version on it once, or use that one"
        )
    return connection


def read_all(folder: Path) -> Iterator[Record]:
    """Return all records of a data folder's store, as they stood at one moment.

    A server may write meanwhile. Raises StoreUnavailable.
    """
    try:
        with closing(_opened(folder)) as connection:
            yield from _read(connection)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the store in {folder} cannot be read: {error}") from error


def _read(connection: sqlite3.Connection) -> Iterator[Record]:
    connection.execute("BEGIN")
    try:
        shows = connection.execute(select(SHOW_COLUMNS, "FROM shows ORDER BY created_at, id"))
        for row in shows:
            yield show_of(row)
            yield from _of_show(connection, row[0])
        for row in connection.execute(select(JOB_COLUMNS, "FROM jobs ORDER BY created_at, id")):
            yield job_of(row)
        yield from read_personal(connection)
    finally:
        connection.execute("ROLLBACK")


def _of_show(connection: sqlite3.Connection, show_id: str) -> Iterator[Record]:
    of_show = "WHERE target_id = ? ORDER BY created_at, id"
    sql = select(SESSION_COLUMNS, "FROM sessions WHERE show_id = ? ORDER BY movie_time, id")
    for row in connection.execute(sql, (show_id,)):
        yield session_of(row)
    for row in connection.execute(select(MEMBER_COLUMNS, f"FROM members {of_show}"), (show_id,)):
        yield member_of(row)
    sql = select((*INVITE_COLUMNS, "log_seq"), f"FROM invites {of_show}")
    for *row, log_seq in connection.execute(sql, (show_id,)):
        yield KeptInvite(invite_of(row), log_seq)
    sql = select(ENTRY_COLUMNS, "FROM entries WHERE target_id = ? ORDER BY seq")
    for row in connection.execute(sql, (show_id,)):
        yield entry_of(row)


def _is_empty(connection: sqlite3.Connection) -> bool:
    # Names of this package; all else belongs to a show.
    tables = ("shows", "jobs", *PERSONAL_TABLES)
    lookups = (f"SELECT 1 FROM {table} LIMIT 1" for table in tables)  # noqa: S608
    return not any(connection.execute(sql).fetchone() for sql in lookups)


def write_all(folder: Path, records: Iterable[Record]) -> int:
    """Write all records into the empty store of a data folder, or none; return how many.

    Raises what ``records`` raises; Invalid where they do not fit together; StoreUnavailable where
    the store is not empty, in use, or cannot be written; TooNew; OSError.
    """
    place = Folder(folder)
    place.take()
    try:
        with closing(connect(place.file, writes=True)) as connection:
            migrate(connection)
            if not _is_empty(connection):
                raise StoreUnavailable(f"the store in {folder} is not empty")
            return _write_all(connection, records)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the store in {folder} cannot be written: {error}") from error
    finally:
        place.give_back()


def _write_all(connection: sqlite3.Connection, records: Iterable[Record]) -> int:
    connection.execute("BEGIN IMMEDIATE")
    try:
        count = 0
        for count, record in enumerate(records, start=1):
            try:
                _write(connection, record)
            except (sqlite3.IntegrityError, OverflowError) as error:
                raise Invalid(f"record {count} does not fit those before it ({error})") from error
        connection.execute("COMMIT")
    except BaseException:
        # SQLite rolls some errors back itself, such as a full disk.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return count


def _write(connection: sqlite3.Connection, record: Record) -> None:
    match record:
        case Show():
            connection.execute(insert("shows", SHOW_COLUMNS), show_row(record))
        case Session():
            newest = record.chain.newest
            connection.execute(
                insert("sessions", (*SESSION_COLUMNS, "revision", "ends_at", "due_at")),
                (
                    *session_row(record),
                    *(newest.revision, ends_at_column(newest, record.duration)),
                    due_at_column(record),
                ),
            )
        case Member():
            connection.execute(insert("members", MEMBER_COLUMNS), member_row(record))
        case KeptInvite():
            connection.execute(
                insert("invites", (*INVITE_COLUMNS, "log_seq")),
                (*invite_row(record.invite), record.log_seq),
            )
        case Entry():
            _write_entry(connection, record)
        case Job():
            connection.execute(insert("jobs", JOB_COLUMNS), job_row(record))
        case Owner() | Bookmark() | View() | CalendarAddress() | MovedUser():
            write_personal(connection, record)


def _write_entry(connection: sqlite3.Connection, entry: Entry) -> None:
    connection.execute(insert("entries", ENTRY_COLUMNS), entry_row(entry))
    if (presence := presence_after(entry)) is not None:
        user_id, here = presence
        connection.execute(
            "UPDATE members SET present = ? WHERE target_id = ? AND user_id = ?",
            (here, entry.show_id, user_id),
        )
