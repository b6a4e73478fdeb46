"""The live end of a log."""

from __future__ import annotations

from dataclasses import replace

from sessions.core.records import Entry
from sessions.live.log import MAX_RECENT_ENTRIES, LiveLog


def entry(seq: int, **facts: object) -> Entry:
    made = Entry(
        id=f"id-{seq}",
        show_id="show",
        session_id="session",
        kind="message",
        user_id="anna",
        name="Anna",
        created_at=0.0,
        position=0.0,
        revision=1,
        seq=seq,
        text=f"text {seq}",
    )
    return replace(made, **facts)  # type: ignore[arg-type]


def test_what_arrives_early_waits_for_its_turn() -> None:
    told: list[int] = []
    log = LiveLog([], 0, lambda e: told.append(e.seq))

    for seq in (2, 3, 1, 5):
        log.arrived(entry(seq))

    assert told == [1, 2, 3]
    assert log.seq == 3
    assert log.gap


def test_what_arrives_twice_is_told_once() -> None:
    told: list[int] = []
    log = LiveLog([entry(1)], 1, lambda e: told.append(e.seq))

    for seq in (1, 2, 2):
        log.arrived(entry(seq))

    assert told == [2]
    assert not log.gap


def test_only_recent_entries_are_at_hand() -> None:
    log = LiveLog([], 0, lambda _: None)
    for seq in range(1, MAX_RECENT_ENTRIES + 11):
        log.arrived(entry(seq))

    assert log.after(9, 5) is None
    assert [e.seq for e in log.after(10, 5) or ()] == [11, 12, 13, 14, 15]
    assert log.after(MAX_RECENT_ENTRIES + 10, 5) == []


def test_an_empty_log_has_everything_at_hand() -> None:
    assert LiveLog([], 0, lambda _: None).after(0, 5) == []


def test_a_deletion_blanks_what_is_at_hand() -> None:
    log = LiveLog([entry(1)], 1, lambda _: None)

    log.arrived(entry(2, kind="deleted", subject="id-1", text=""))

    first = (log.after(0, 5) or ())[0]
    assert (first.text, first.deleted) == ("", True)
