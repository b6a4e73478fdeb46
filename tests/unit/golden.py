"""The golden messages: every message of the room protocol once, a file each, and its schema.

``python -m tests.unit.golden`` writes the server's files anew; a change there is a change of the
protocol and wants a reason.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from sessions.core.errors import NotAllowed, RateLimited
from sessions.core.records import NOBODY, Entry, Member, Session, Show
from sessions.core.timeline import Timeline, scheduled
from sessions.schema import protocol_schema
from sessions.server_messages import ServerMessage
from sessions.wire import (
    Presence,
    entry_message,
    may_record,
    member_row,
    refusal,
    rights_message,
    session_record,
    show_record,
    summary_record,
    timelines_record,
    waiting_record,
)

__all__ = ["GOLDEN", "SCHEMA", "read", "server_messages"]

GOLDEN = Path(__file__).parent.parent / "golden"
SCHEMA = GOLDEN.parent.parent / "docs" / "room-protocol.schema.json"

ANNA = "11111111-1111-4111-8111-111111111111"
BORIS = "22222222-2222-4222-8222-222222222222"
SHOW = "33333333-3333-4333-8333-333333333333"
SESSION = "44444444-4444-4444-8444-444444444444"
FILM = "55555555-5555-4555-8555-555555555555"
MESSAGE = "66666666-6666-4666-8666-666666666666"
NOW = 1_800_000_000.0


def read(folder: str) -> dict[str, dict[str, Any]]:
    """Return the golden messages of ``client`` or ``server`` by the names of their files."""
    return {path.stem: json.loads(path.read_text()) for path in (GOLDEN / folder).glob("*.json")}


def server_messages() -> dict[str, ServerMessage]:
    """Return what this version sends, by the same names."""
    paused = Timeline(2, 12.25, 0.0, NOW + 0.2, ANNA, "pause")
    now = timelines_record(NOW, scheduled(NOW - 12.0), paused)
    entry = Entry(
        id=MESSAGE,
        show_id=SHOW,
        session_id=SESSION,
        kind="message",
        user_id=ANNA,
        name="Anna",
        created_at=NOW,
        position=12.0,
        revision=1,
        seq=3,
        text="Смотри!",
    )
    anna = Member(MESSAGE, NOW, ANNA, SHOW, "Anna", "host")
    rows = [member_row(anna, Presence("playing", -0.01, "websocket"))]
    session = Session(SESSION, NOW, ANNA, SHOW, NOW + 60.5, FILM, "movie", 120.0)
    show = Show(SHOW, NOW, ANNA, FILM, "movie", "Counter", "link", "host", "never")
    record = session_record(session, "scheduled")
    plain = replace(entry, text="")
    sought = replace(plain, kind="sought", position=30.0, origin=12.0)
    given = replace(plain, kind="role", subject=BORIS, subject_name="Boris", role="moderator")
    return {
        "welcome": {
            "type": "welcome",
            "protocol": 1,
            **now,
            "user": {"id": ANNA, "name": "Anna"},
            "role": "host",
            "may": may_record("host", "host"),
            "show": show_record(show, [record], "host", "https://seans.example/w/token"),
            "session": record,
            "roster": {"present": 1, "total": 1, "rows": rows},
            "seq": 3,
            "settings": {
                "control": "host",
                "waiting": "never",
                "leads": {"play": 0.5, "pause": 0.15, "seek": 0.7, "rate": 0.5},
                "live_delay": 0.0,
                "acting": None,
            },
            "waiting": None,
            "summary": None,
        },
        "timeline": {
            "type": "timeline",
            "now": now["now"],
            "timeline": now["timeline"],
            "next": now["next"],
        },
        "pong": {"type": "pong", "c0": 1.5, "s1": NOW, "s2": NOW},
        "message": entry_message(entry),
        "message-deleted": entry_message(replace(plain, deleted=True)),
        "deleted": entry_message(replace(plain, kind="deleted", subject=MESSAGE, seq=4)),
        "notice-acting": entry_message(
            replace(
                plain,
                kind="acting",
                user_id=NOBODY,
                name="",
                subject=BORIS,
                subject_name="Boris",
            )
        ),
        "notice-acting-over": entry_message(replace(plain, kind="acting", user_id=NOBODY, name="")),
        "notice-joined": entry_message(replace(plain, kind="joined")),
        "notice-paused": entry_message(replace(plain, kind="paused", revision=2)),
        "notice-paused-waiting": entry_message(
            replace(plain, kind="paused", user_id=NOBODY, name="", revision=2)
        ),
        "notice-rate": entry_message(replace(plain, kind="rate", speed=1.25)),
        "notice-role": entry_message(given),
        "notice-sought": entry_message(sought),
        "members": {"type": "members", "rows": rows, "present": 1, "total": 1},
        "accepted-command": {"type": "accepted", "ref": "a1", "revision": 2},
        "accepted-say": {"type": "accepted", "ref": 7, "seq": 3},
        "refused": refusal(NotAllowed("control of this show: host"), "a1"),
        "refused-rate-limited": refusal(RateLimited(0.05), 7),
        "show": {
            "type": "show",
            "title": "Counter",
            "access": "link",
            "control": "everyone",
            "waiting": "never",
            "slow_mode": 0.0,
            "acting": BORIS,
        },
        "rights": rights_message("moderator", "host"),
        "typing": {"type": "typing", "user": {"id": ANNA, "name": "Anna"}},
        "waiting": {"type": "waiting", **waiting_record({BORIS: "Boris"}, NOW + 15.0)},
        "waiting-over": {"type": "waiting", **waiting_record({}, None)},
        "summary": {"type": "summary", **summary_record(0.00649, 0.01823, 3)},
        "removed": {"type": "removed", "code": 4403, "reason": "removed"},
        "goodbye": {"type": "goodbye", "code": 1001, "reason": "server_stops"},
    }


CLIENT: dict[str, dict[str, Any]] = {
    "hello": {"type": "hello", "protocol": 1},
    "hello-after": {"type": "hello", "protocol": 1, "after": 41, "token": "a.b.c"},
    "ping": {"type": "ping", "c0": 1.5},
    "command-play": {"type": "command", "ref": "a1", "action": "play"},
    "command-pause": {"type": "command", "ref": "a2", "action": "pause", "revision": 3},
    "command-seek": {"type": "command", "ref": 3, "action": "seek", "position": 61.5},
    "command-rate": {"type": "command", "ref": 4, "action": "rate", "rate": 1.25},
    "say": {"type": "say", "ref": 7, "id": MESSAGE, "text": "Смотри!"},
    "typing": {"type": "typing"},
    "report": {
        "type": "report",
        "revision": 2,
        "error": -0.004,
        "clock_error": 0.012,
        "delay": 0.031,
        "state": "playing",
        "buffered": 11.2,
        "seek_cost": 0.35,
        "start_latency": 0.07,
        "dropped": 0,
    },
}
"""One of each that a client may send."""


def main() -> None:
    """Write all files anew."""
    for folder, messages in (("client", CLIENT), ("server", server_messages())):
        for name, message in messages.items():
            text = json.dumps(message, ensure_ascii=False, indent=2) + "\n"
            (GOLDEN / folder / f"{name}.json").write_text(text)
    SCHEMA.write_text(json.dumps(protocol_schema(), ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
