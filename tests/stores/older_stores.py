"""Stores as earlier versions kept them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from harness.samples import SampleShow
from sessions.core.records import Entry
from sessions.stores.sqlite.rows import ENTRY_COLUMNS, entry_row, insert
from sessions.stores.sqlite.schema import MIGRATIONS, migrate

BEFORE_STANDING = MIGRATIONS[:2]
"""What made a store whose sessions did not say where their films stand."""


def lay_out_old(folder: Path, samples: dict[str, tuple[SampleShow, list[Entry]]]) -> None:
    """Write a store whose sessions do not say yet where their films stand."""
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "seans.sqlite3", isolation_level=None)) as connection:
        migrate(connection, BEFORE_STANDING)
        for sample, moves in samples.values():
            show, session = sample.show, sample.session
            connection.execute(
                "INSERT INTO shows (id, created_at, user_id, target_id, target_type, title, access,"
                " control, waiting) VALUES (?, ?, ?, ?, 'movie', ?, 'link', 'host', 'never')",
                (show.id, show.created_at, show.user_id, show.target_id, show.title),
            )
            connection.execute(
                "INSERT INTO sessions (id, created_at, user_id, show_id, movie_time, target_id,"
                " target_type, duration, revision) VALUES (?, ?, ?, ?, ?, ?, 'movie', ?, ?)",
                (
                    *(session.id, session.created_at, session.user_id, show.id),
                    *(session.movie_time, session.target_id, session.duration, len(moves) + 1),
                ),
            )
            for seq, move in enumerate(moves, start=1):
                connection.execute(
                    insert("entries", ENTRY_COLUMNS), entry_row(replace(move, seq=seq))
                )
