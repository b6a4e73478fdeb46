"""How well an open show keeps step, viewer by viewer: what its host may see."""

from __future__ import annotations

from typing import Any

from sessions.protocol import Report
from sessions.services.hall import Hall
from sessions.services.steadiness import RECENT, Kept
from sessions.wire import Presence

__all__ = ["IN_STEP", "ROWS", "sync_record"]

IN_STEP = 0.04
"""Who is off by no more than a frame of 25 a second is in step, seconds."""

ROWS = 200
"""Viewers that the host is told of at most, the present first."""

SILENT = Report(type="report", state="waiting")
"""Stands for the report of who has made none."""

GRAIN = 4
"""Decimals of what is told in seconds."""


def sync_record(hall: Hall | None, now: float) -> dict[str, Any]:
    """Return how well step is kept at ``now``, Unix seconds; None: the show is not open."""
    if hall is None:
        return {**_whole((None, None, None), Kept()), "viewers": 0, "in_step": 0, "rows": []}
    fresh = [
        reported[0]
        for user_id in hall.roster.present()
        if (reported := hall.roster.reported(user_id)) and reported[1] >= now - RECENT
    ]
    return {
        "viewers": len(fresh),
        "in_step": sum(map(_in_step, fresh)),
        **_whole(hall.steadiness.lately(), hall.steadiness.whole()),
        "rows": _rows(hall),
    }


def _whole(lately: tuple[float | None, float | None, float | None], kept: Kept) -> dict[str, Any]:
    p50, p95, largest = map(_told, lately)
    return {"error": {"p50": p50, "p95": p95, "max": largest}, **_kept(kept)}


def _rows(hall: Hall) -> list[dict[str, Any]]:
    present = dict.fromkeys(hall.roster.present())
    gone = sorted(hall.steadiness.viewers - present.keys())
    known = (u for u in (*present, *gone) if u in hall.members and not hall.members[u].removed)
    return [_row(hall, user_id) for user_id, _ in zip(known, range(ROWS), strict=False)]


def _row(hall: Hall, user_id: str) -> dict[str, Any]:
    report, at = hall.roster.reported(user_id) or (SILENT, None)
    presence = hall.roster.presence(user_id)
    return {
        "user": {"id": user_id, "name": hall.members[user_id].name},
        **_last(report, presence),
        "reported_at": at,
        **_kept(hall.steadiness.of(user_id)),
    }


def _last(report: Report, presence: Presence) -> dict[str, Any]:
    """Return what a viewer's page said last."""
    return {
        "state": presence.state,
        "error": _told(report.error),
        "bound": _told(report.clock_error),
        "delay": _told(report.delay),
        "buffered": _told(report.buffered),
        "seek_cost": _told(report.seek_cost),
        "start_latency": _told(report.start_latency),
        "dropped": report.dropped,
        "transport": presence.transport,
    }


def _kept(kept: Kept) -> dict[str, Any]:
    return {"p50": _told(kept.p50), "p95": _told(kept.p95), "samples": kept.samples}


def _in_step(report: Report) -> bool:
    if report.state != "playing":
        return report.state == "paused"
    return report.error is not None and abs(report.error) <= IN_STEP


def _told(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, GRAIN) + 0.0
