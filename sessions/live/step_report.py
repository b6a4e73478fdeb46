"""How well a live session keeps step, with a row for each viewer, for its host."""

from __future__ import annotations

from sessions.live.live_session import LiveSession
from sessions.live.step_stats import WINDOW_S, ErrorQuantiles
from sessions.protocol import Report
from sessions.record_types import (
    ErrorsRecord,
    QuantilesRecord,
    ReportRecord,
    SyncRecord,
    ViewerRecord,
)
from sessions.wire import Presence

__all__ = ["IN_STEP", "MAX_ROWS", "sync_record"]

IN_STEP = 0.04
"""A viewer whose error is at most a frame of 25 a second is in step, seconds."""

MAX_ROWS = 200
"""Largest number of viewers in the report, the present first."""

NO_REPORT = Report(type="report", state="waiting")
"""Replaces the report of a viewer who has sent none."""

DECIMALS = 4
"""Decimals of values in seconds."""


def sync_record(live: LiveSession | None, now: float) -> SyncRecord:
    """Return how well a session keeps step at ``now``, Unix seconds; None: it is not open."""
    if live is None:
        return {
            "viewers": 0,
            "in_step": 0,
            "error": _errors((None, None, None)),
            **_quantiles(ErrorQuantiles()),
            "rows": [],
        }
    fresh = [
        reported[0]
        for user_id in live.reports.present()
        if (reported := live.reports.last_report(user_id)) and reported[1] >= now - WINDOW_S
    ]
    return {
        "viewers": len(fresh),
        "in_step": sum(map(_in_step, fresh)),
        "error": _errors(live.step_stats.last_minute()),
        **_quantiles(live.step_stats.session_quantiles()),
        "rows": _rows(live),
    }


def _errors(last_minute: tuple[float | None, float | None, float | None]) -> ErrorsRecord:
    p50, p95, largest = map(_rounded, last_minute)
    return {"p50": p50, "p95": p95, "max": largest}


def _rows(live: LiveSession) -> list[ViewerRecord]:
    present = dict.fromkeys(live.reports.present())
    gone = sorted(live.step_stats.viewers - present.keys())
    known = (u for u in (*present, *gone) if u in live.members and not live.members[u].removed)
    return [_row(live, user_id) for user_id, _ in zip(known, range(MAX_ROWS), strict=False)]


def _row(live: LiveSession, user_id: str) -> ViewerRecord:
    report, at = live.reports.last_report(user_id) or (NO_REPORT, None)
    presence = live.live_show.roster.presence(user_id)
    return {
        "user": {"id": user_id, "name": live.members[user_id].name},
        **_last(report, presence),
        "reported_at": at,
        **_quantiles(live.step_stats.viewer_quantiles(user_id)),
    }


def _last(report: Report, presence: Presence) -> ReportRecord:
    """Return the last report of a viewer's page."""
    return {
        "state": presence.state,
        "error": _rounded(report.error),
        "bound": _rounded(report.clock_error),
        "delay": _rounded(report.delay),
        "buffered": _rounded(report.buffered),
        "seek_cost": _rounded(report.seek_cost),
        "start_latency": _rounded(report.start_latency),
        "dropped": report.dropped,
        "transport": presence.transport,
    }


def _quantiles(quantiles: ErrorQuantiles) -> QuantilesRecord:
    return {
        "p50": _rounded(quantiles.p50),
        "p95": _rounded(quantiles.p95),
        "samples": quantiles.samples,
    }


def _in_step(report: Report) -> bool:
    if report.state != "playing":
        return report.state == "paused"
    return report.error is not None and abs(report.error) <= IN_STEP


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, DECIMALS) + 0.0
