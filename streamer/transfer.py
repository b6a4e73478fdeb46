"""``python -m streamer export FILE``, ``import FILE`` and ``backup FILE``.

An export is everything as JSON lines, from either store, for either store; ``-`` is the standard
streams. A backup of the embedded store is a copy of its file; one of MongoDB is an export. Both may
run beside the server.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sessions.core.errors import Invalid, StoreUnavailable, TooNew
from sessions.stores.sqlite import transfer as sqlite
from sessions.stores.transfer import Record, end_line, first_line, line_of, records_of
from streamer.settings import Settings

__all__ = ["WORDS", "run_word"]

WORDS = ("backup", "export", "import")

STANDARD = "-"
"""In place of a file's name: standard input or output."""


def run_word(word: str, names: Sequence[str], settings: Settings) -> int:
    """Do what a word of the command line says with the file of ``names``; return the exit code."""
    if len(names) != 1:
        print(f"seans: {word} takes one file, or {STANDARD}; --help tells more", file=sys.stderr)
        return 2
    (name,) = names
    try:
        if word == "backup" and settings.store == "sqlite":
            _back_up(name, settings)
            done = "the store was copied"
        elif word == "import":
            done = f"{_import(name, settings)} records"
        else:
            done = f"{asyncio.run(_export(name, settings))} records"
    except (Invalid, StoreUnavailable, TooNew) as error:
        print(f"seans: {error}", file=sys.stderr)
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"seans: {name}: {error}", file=sys.stderr)
        return 1
    print(f"seans: {word}: {done}", file=sys.stderr)
    return 0


async def _export(name: str, settings: Settings) -> int:
    count = 0
    with _written(name) as file:
        file.write(first_line())
        async for record in _records(settings):
            file.write(line_of(record))
            count += 1
        file.write(end_line(count))
    return count


async def _records(settings: Settings) -> AsyncIterator[Record]:
    if settings.store == "sqlite":
        for record in sqlite.read_all(settings.data):
            yield record
        return
    # Here, because the driver takes a fifth of a second that SQLite need not pay.
    from sessions.stores.mongo import transfer as mongo

    async for record in mongo.read_all(settings.store, settings.mongo_driver):
        yield record


def _import(name: str, settings: Settings) -> int:
    with _read(name) as file:
        records = records_of(file)
        if settings.store == "sqlite":
            return sqlite.write_all(settings.data, records)
        from sessions.stores.mongo import transfer as mongo

        return asyncio.run(mongo.write_all(settings.store, settings.mongo_driver, records))


def _back_up(name: str, settings: Settings) -> None:
    if name == STANDARD:
        raise StoreUnavailable("a backup of the embedded store needs a file; export does not")
    file = Path(name)
    unfinished = file.with_name(f".{file.name}.part")
    try:
        sqlite.back_up(settings.data, unfinished)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _read(name: str) -> Iterator[TextIO]:
    if name == STANDARD:
        sys.stdin.reconfigure(encoding="utf-8", errors="strict")  # type: ignore[union-attr]
        yield sys.stdin
        return
    with Path(name).open(encoding="utf-8") as file:
        yield file


@contextmanager
def _written(name: str) -> Iterator[TextIO]:
    """Yield what is written to; a file stands there only when it is whole, for its owner alone."""
    if name == STANDARD:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        yield sys.stdout
        sys.stdout.flush()
        return
    file = Path(name)
    unfinished = file.with_name(f".{file.name}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(unfinished, flags, 0o600), "w", encoding="utf-8") as text:
            yield text
            text.flush()
            os.fsync(text.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
