"""What is left of the embedded store after ``kill -9`` and after a power cut."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from harness.samples import SampleShow, tail_of
from sessions.core.records import Entry
from sessions.stores.sqlite.store import SqliteStore
from tests.stores.files import CHECKOUT, contents_of, lay_out

ROUNDS = 20

FILE, WAL = "seans.sqlite3", "seans.sqlite3-wal"


def acknowledged_before_the_kill(folder: Path, lines: int) -> list[list[str]]:
    """Return what a writing process told up to its death, some time after ``lines`` lines."""
    told = []
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "tests.stores.writing", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told.append(line)
            if len(told) == lines:
                process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    # The last line may be torn: it was not told whole, but may well have been acknowledged.
    return [line.split() for line in told if line.endswith("\n")]


async def whole_log(folder: Path, show_id: str, session_id: str) -> tuple[list[Entry], list[Entry]]:
    store = SqliteStore(folder)
    await store.open()
    try:
        log = list(await store.entries(show_id, after=0, limit=1_000_000))
        assert await tail_of(store, show_id) == len(log)
        return log, [entry for entry in log if entry.timeline is not None]
    finally:
        await store.close()


async def test_nothing_acknowledged_is_lost_over_twenty_kills(folder: Path) -> None:
    chance = Random(1895)
    for _ in range(ROUNDS):
        (show_id, session_id), *told = acknowledged_before_the_kill(folder, chance.randint(30, 400))

        log, moves = await whole_log(folder, show_id, session_id)

        assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
        assert [entry.revision for entry in moves] == list(range(2, len(moves) + 2))
        kept = {entry.id: entry for entry in log}
        deleted = {text[1:] for _, _, text in told if text.startswith("-")}
        for seq, entry_id, text in told:
            entry = kept[entry_id]
            assert entry.seq == int(seq)
            if text.startswith("-"):
                assert (entry.kind, entry.subject) == ("deleted", text[1:])
            elif text.startswith("r"):
                assert entry.revision == int(text[1:])
            elif entry_id in deleted:
                assert (entry.text, entry.deleted) == ("", True)
            else:
                # A deletion that was under way may have been made and not told.
                assert entry.text == text or entry.deleted
        # Tasks that were told of, plus at most one entry under way for each of them.
        assert len(told) <= len(log) <= len(told) + 10


@pytest.mark.parametrize("torn", ["cut", "zeros", "noise"])
async def test_a_power_cut_leaves_all_that_was_flushed_and_no_half_of_the_rest(
    sqlite: SqliteStore, folder: Path, tmp_path: Path, torn: str
) -> None:
    chance = Random(1896)
    sample = await SampleShow().create(sqlite)
    flushed = [wal_size(folder)]
    for number in range(25):
        await sqlite.append(sample.entry(text="x" * (number * 150 + 1)))
        flushed.append(wal_size(folder))
    left = contents_of(folder)
    whole = left[WAL]
    cuts = [*flushed, *(chance.randrange(flushed[0], len(whole)) for _ in range(25))]

    for number, cut in enumerate(cuts):
        rest = len(whole) - cut
        tail = {"cut": b"", "zeros": bytes(rest), "noise": chance.randbytes(rest)}[torn]
        after = tmp_path / f"after-{number}"
        wal = whole[:cut] + tail
        lay_out(after, {FILE: left[FILE], WAL: wal})

        log, _ = await whole_log(after, sample.show.id, sample.session.id)

        # Not by the cut's place alone: what was torn off may have been zeros anyway.
        assert len(log) == sum(wal[:size] == whole[:size] for size in flushed) - 1
        assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
        assert [len(entry.text) for entry in log] == [n * 150 + 1 for n in range(len(log))]


def wal_size(folder: Path) -> int:
    return (folder / WAL).stat().st_size
