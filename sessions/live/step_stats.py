"""How well a session keeps step: the errors that its viewers report while the film runs.

Each viewer has a histogram of fixed size, so that a long film needs no more memory than a short
one. The figures of the session give each viewer the same weight, however many reports they send. So
one of n viewers who reports nonsense spoils their own figures and an nth of the session's. Reports
are only shown; they move nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from math import floor, log

from sessions.core.room import RoomState
from sessions.live.fanout import Link
from sessions.live.listener import Listener
from sessions.protocol import Report
from sessions.record_types import SummaryRecord
from sessions.wire import summary_record

__all__ = [
    "MAX_ERROR_S",
    "WINDOW_S",
    "ErrorHistogram",
    "ErrorQuantiles",
    "MetricsHistogram",
    "StepStats",
    "quantile",
]

MAX_ERROR_S = 10.0
"""Reports of larger errors are ignored as invalid, seconds."""

MIN_ERROR_S = 0.0005
"""Errors below this share one bucket, seconds."""

BUCKET_RATIO = 1.05
"""Ratio of the upper bounds of two adjacent buckets."""

BUCKET_BOUNDS_S = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.4, 1.0, MAX_ERROR_S)
"""Upper bounds of the buckets of the metrics, seconds."""

MAX_VIEWERS = 500
"""Viewers of a session whose errors are kept."""

MIN_REPORT_SPACING_S = 1.0
"""At most one report of a viewer counts in this time, seconds."""

NEWEST_ERRORS = 12
"""How many newest errors of a viewer are kept: a minute of reports every five seconds."""

WINDOW_S = 60.0
"""A report older than this does not count as current, seconds."""


@dataclass(frozen=True, slots=True)
class ErrorQuantiles:
    """Quantiles of the absolute error, and how many reports they come from."""

    p50: float | None = None
    """Half of the errors are no larger, seconds; None where nothing was reported."""

    p95: float | None = None
    """19 of 20 errors are no larger, seconds; None where nothing was reported."""

    samples: int = 0
    """How many reports these come from."""


def quantile(weighed: Iterable[tuple[float, float]], share: float) -> float | None:
    """Return the smallest of the values that has ``share`` of the weight up to itself.

    ``weighed`` are values with their weights, which are positive; None where there is none.
    """
    ordered = sorted(weighed)
    wanted = share * sum(weight for _, weight in ordered) * (1.0 - 1e-12)
    reached = 0.0
    for value, weight in ordered:
        reached += weight
        if reached >= wanted:
            return value
    return None


class ErrorHistogram:
    """A histogram of errors up to MAX_ERROR_S, known to 2.5 % or to half of MIN_ERROR_S."""

    __slots__ = ("_counts", "samples")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.samples = 0

    def add(self, error: float) -> None:
        """Count an error, seconds, from 0 to MAX_ERROR_S."""
        bucket = (
            0 if error < MIN_ERROR_S else 1 + floor(log(error / MIN_ERROR_S) / log(BUCKET_RATIO))
        )
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        self.samples += 1

    def weighed(self, whole: float) -> Iterator[tuple[float, float]]:
        """Iterate over the errors with their weights, of which the sum is ``whole``."""
        for bucket, count in self._counts.items():
            middle = (
                MIN_ERROR_S / 2 if bucket == 0 else MIN_ERROR_S * BUCKET_RATIO ** (bucket - 0.5)
            )
            yield middle, whole * count / self.samples


@dataclass(slots=True)
class _Viewer:
    histogram: ErrorHistogram = field(default_factory=ErrorHistogram)
    recent: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=NEWEST_ERRORS))


class MetricsHistogram:
    """The errors of all sessions since the start, as a Prometheus histogram."""

    def __init__(self) -> None:
        self._counts = [0] * len(BUCKET_BOUNDS_S)
        self.total = 0.0
        """Sum of the errors, seconds."""

    def add(self, error: float) -> None:
        """Count an error, seconds, from 0 to MAX_ERROR_S."""
        self._counts[bisect_left(BUCKET_BOUNDS_S, error)] += 1
        self.total += error

    def cumulative(self) -> list[tuple[str, int]]:
        """Return how many errors are no larger than each bound, and how many there are."""
        upto = list(accumulate(self._counts))
        return [*zip(map(str, BUCKET_BOUNDS_S), upto, strict=True), ("+Inf", upto[-1])]


class StepStats(Listener):
    """The errors of one session's viewers. ``room`` gives its state, ``clock`` Unix seconds.

    ``on_error`` is called with each error that counts, seconds.
    """

    def __init__(
        self,
        room: Callable[[], RoomState],
        clock: Callable[[], float],
        on_error: Callable[[float], object] = lambda _error: None,
    ) -> None:
        self._room = room
        self._clock = clock
        self._on_error = on_error
        self._viewers: dict[str, _Viewer] = {}
        self._film_is_over = False
        self.ignored = 0
        """Reports of errors that did not count."""

    @property
    def viewers(self) -> frozenset[str]:
        """The ids of those whose errors are kept."""
        return frozenset(self._viewers)

    def reported(self, user_id: str, link: Link, report: Report) -> None:
        """Handle a report of one of a user's pages."""
        self.record(user_id, report)

    def record(self, user_id: str, report: Report) -> None:
        """Count the error of a report, if it is valid for this film now."""
        if report.state != "playing" or report.error is None:
            return
        now, error = self._clock(), abs(report.error)
        viewer = self._viewers.get(user_id) or _Viewer()
        early = viewer.recent and now - viewer.recent[-1][0] < MIN_REPORT_SPACING_S
        full = user_id not in self._viewers and len(self._viewers) >= MAX_VIEWERS
        if full or early or not (error <= MAX_ERROR_S and self._runs(report.revision, now)):
            self.ignored += 1
            return
        self._viewers[user_id] = viewer
        viewer.histogram.add(error)
        viewer.recent.append((now, error))
        self._on_error(error)

    def viewer_quantiles(self, user_id: str) -> ErrorQuantiles:
        """Return how well a viewer kept step."""
        viewer = self._viewers.get(user_id)
        return _quantiles_of([viewer.histogram]) if viewer else ErrorQuantiles()

    def session_quantiles(self) -> ErrorQuantiles:
        """Return how well the session kept step, with the same weight for each viewer."""
        return _quantiles_of([viewer.histogram for viewer in self._viewers.values()])

    def last_minute(self) -> tuple[float | None, float | None, float | None]:
        """Return p50, p95 and the largest of the last minute's errors, seconds; None: no report.

        Each viewer has the same weight here too, with the newest NEWEST_ERRORS of their errors.
        """
        since = self._clock() - WINDOW_S
        weighed: list[tuple[float, float]] = []
        for viewer in self._viewers.values():
            errors = [error for at, error in viewer.recent if at >= since]
            weighed.extend((error, 1.0 / len(errors)) for error in errors)
        largest = max((error for error, _ in weighed), default=None)
        return quantile(weighed, 0.5), quantile(weighed, 0.95), largest

    def summary(self) -> SummaryRecord | None:
        """Return how well the session kept step, as a wire record, once the film is over.

        None before that, and if nobody has reported.
        """
        if not self._is_over():
            return None
        quantiles = self.session_quantiles()
        if quantiles.p50 is None or quantiles.p95 is None:
            return None
        return summary_record(quantiles.p50, quantiles.p95, len(self._viewers))

    def take_summary(self) -> SummaryRecord | None:
        """Return the summary if the film has ended since the last call."""
        was_over, self._film_is_over = self._film_is_over, self._is_over()
        return self.summary() if self._film_is_over and not was_over else None

    def _is_over(self) -> bool:
        return self._room().state(self._clock()) == "ended"

    def _runs(self, revision: int | None, now: float) -> bool:
        """Return whether the film runs, and ``revision`` is the timeline in force."""
        room = self._room()
        current = revision in (None, room.chain.in_force(now).revision)
        return current and room.state(now) == "running"


def _quantiles_of(histograms: Collection[ErrorHistogram]) -> ErrorQuantiles:
    weights: defaultdict[float, float] = defaultdict(float)
    for histogram in histograms:
        for error, weight in histogram.weighed(1.0):
            weights[error] += weight
    samples = sum(histogram.samples for histogram in histograms)
    return ErrorQuantiles(quantile(weights.items(), 0.5), quantile(weights.items(), 0.95), samples)
