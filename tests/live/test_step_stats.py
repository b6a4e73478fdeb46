"""How well step was kept: figures that are right, bounded, and nobody's to spoil."""

from __future__ import annotations

import tracemalloc
from math import ceil, inf, nan

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.rooms import Clock
from sessions.core.commands import Pause
from sessions.core.viewers import ViewerState
from sessions.live.step_stats import (
    BUCKET_RATIO,
    MAX_ERROR_S,
    MAX_VIEWERS,
    MIN_ERROR_S,
    MIN_REPORT_SPACING_S,
    ErrorHistogram,
    ErrorQuantiles,
    MetricsHistogram,
    StepStats,
    quantile,
)
from sessions.protocol import Report
from tests.unit.rooms import DURATION, MOVIE_TIME, Film

ERRORS = st.floats(0.0, MAX_ERROR_S)


class Showing:
    """A film that runs, and what its viewers report."""

    def __init__(self) -> None:
        self.film = Film()
        self.clock = Clock(MOVIE_TIME + 10.0)
        self.errors: list[float] = []
        self.stats = StepStats(lambda: self.film.state, self.clock, self.errors.append)

    def report(
        self,
        who: str,
        *errors: float | None,
        state: ViewerState = "playing",
        revision: int | None = 1,
    ) -> None:
        for error in errors:
            self.clock.advance(MIN_REPORT_SPACING_S)
            report = Report(type="report", state=state, error=error, revision=revision)
            self.stats.record(who, report)


def exact(errors: list[float], share: float) -> float:
    return sorted(errors)[max(0, ceil(share * len(errors)) - 1)]


@given(st.lists(ERRORS, min_size=1, max_size=300), st.sampled_from([0.5, 0.9, 0.95]))
@example([MAX_ERROR_S], 0.5)
@example([MIN_ERROR_S] * 20, 0.95)
def test_a_histogram_knows_its_quantiles_as_finely_as_it_says(
    errors: list[float], share: float
) -> None:
    histogram = ErrorHistogram()
    for error in errors:
        histogram.add(error)

    told = quantile(histogram.weighed(1.0), share)

    true = exact(errors, share)
    assert told == pytest.approx(true, rel=BUCKET_RATIO**0.5 - 1.0 + 1e-9, abs=MIN_ERROR_S / 2)


@given(st.lists(ERRORS, min_size=1, max_size=100), st.floats(0.01, 1.0))
def test_with_equal_weights_a_quantile_is_the_nearest_rank(
    errors: list[float], share: float
) -> None:
    told = quantile([(error, 1.0) for error in errors], share)

    below = sum(error < told for error in errors) if told is not None else inf
    upto = sum(error <= told for error in errors) if told is not None else 0
    assert below <= share * len(errors) * (1 + 1e-9)
    assert upto >= share * len(errors) * (1 - 1e-9)


def test_of_nothing_there_is_no_quantile() -> None:
    assert quantile([], 0.5) is None
    assert Showing().stats.session_quantiles() == ErrorQuantiles(None, None, 0)


def test_what_a_viewer_reports_is_kept_without_its_sign() -> None:
    showing = Showing()

    showing.report("Anna", 0.010, -0.010, -0.100)

    kept = showing.stats.viewer_quantiles("Anna")
    assert kept.p50 == pytest.approx(0.010, rel=0.03)
    assert kept.p95 == pytest.approx(0.100, rel=0.03)
    assert kept.samples == 3
    assert showing.stats.viewer_quantiles("Boris") == ErrorQuantiles()
    assert showing.errors == [0.010, 0.010, 0.100]


@pytest.mark.parametrize("error", [10.01, -1e9, 1e308, inf, -inf, nan])
def test_what_can_be_no_error_is_ignored(error: float) -> None:
    showing = Showing()

    showing.report("Anna", error)

    assert (showing.stats.session_quantiles().samples, showing.stats.ignored) == (0, 1)
    assert not showing.stats.viewers


@pytest.mark.parametrize(
    "state", ["waiting", "ready", "paused", "stalled", "background", "blocked"]
)
def test_only_a_picture_that_plays_has_an_error(state: ViewerState) -> None:
    showing = Showing()

    showing.report("Anna", 0.01, state=state)
    showing.report("Anna", None)

    assert showing.stats.session_quantiles().samples == 0


@pytest.mark.parametrize("revision", [0, 2, 10**30, -1])
def test_a_report_on_another_timeline_is_ignored(revision: int) -> None:
    showing = Showing()

    showing.report("Anna", 0.01, revision=revision)
    assert showing.stats.session_quantiles().samples == 0
    showing.report("Anna", 0.01, revision=None)

    assert showing.stats.session_quantiles().samples == 1


def test_before_the_film_in_its_pauses_and_behind_it_nothing_counts() -> None:
    showing = Showing()
    showing.clock.now = MOVIE_TIME - 30.0
    showing.report("Anna", 0.01)
    showing.film.order(Pause(), 20.0)
    showing.clock.now = MOVIE_TIME + 30.0
    showing.report("Anna", 0.01, revision=2)
    assert showing.stats.session_quantiles().samples == 0

    over = Showing()
    over.clock.now = MOVIE_TIME + DURATION
    over.report("Anna", 0.01)

    assert over.stats.session_quantiles().samples == 0


def test_who_talks_all_the_time_counts_once_a_second() -> None:
    showing = Showing()
    showing.report("Anna", 0.01)

    for _ in range(500):
        showing.clock.advance(0.002)
        showing.stats.record("Anna", Report(type="report", state="playing", error=0.01))

    assert showing.stats.viewer_quantiles("Anna").samples == 2
    assert showing.stats.ignored == 499


def test_each_viewer_weighs_the_same_however_much_they_say() -> None:
    showing = Showing()
    showing.report("Eve", *[1.0] * 400)
    for n in range(20):
        showing.report(f"viewer {n}", 0.005)

    whole = showing.stats.session_quantiles()

    assert whole.p50 == pytest.approx(0.005, rel=0.03)
    assert whole.p95 == pytest.approx(0.005, rel=0.03)
    assert whole.samples == 420


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=50))
def test_one_who_reports_nonsense_changes_their_own_row_and_an_nth_of_the_sessions(
    nonsense: list[float],
) -> None:
    showing = Showing()
    for n in range(3):
        showing.report(f"viewer {n}", 0.004, 0.006, 0.008)
    before = [showing.stats.viewer_quantiles(f"viewer {n}") for n in range(3)]

    showing.report("Eve", *nonsense)

    assert [showing.stats.viewer_quantiles(f"viewer {n}") for n in range(3)] == before
    p50 = showing.stats.session_quantiles().p50
    assert p50 is not None
    assert 0.0035 < p50 < 0.0085


def test_however_many_come_and_however_long_it_takes_the_memory_is_bounded() -> None:
    showing = Showing()
    showing.stats = StepStats(lambda: showing.film.state, showing.clock)
    for n in range(MAX_VIEWERS + 10):
        showing.report(f"viewer {n}", 0.001 * n)
    assert len(showing.stats.viewers) == MAX_VIEWERS
    assert showing.stats.ignored == 10
    values = [MAX_ERROR_S * n / 2000 for n in range(2000)]
    showing.report("viewer 0", *values)
    tracemalloc.start()

    showing.report("viewer 0", *values * 5)

    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert grown < 10_000


def test_all_errors_together_are_counted_as_prometheus_wants_it() -> None:
    histogram = MetricsHistogram()

    for error in (0.0, 0.005, 0.006, 9.0, MAX_ERROR_S):
        histogram.add(error)

    counts = dict(histogram.cumulative())
    assert (counts["0.005"], counts["0.01"], counts["1.0"]) == (2, 3, 3)
    assert (counts["10.0"], counts["+Inf"]) == (5, 5)
    assert histogram.total == pytest.approx(19.011)


def test_lately_is_the_last_minute() -> None:
    showing = Showing()
    showing.report("Anna", *[3.0] * 50)
    showing.clock.advance(60.0)
    showing.report("Anna", *[0.01] * 11, 0.03)
    showing.report("Boris", -0.02)

    assert showing.stats.last_minute() == (0.02, 0.02, 0.03)
    showing.clock.advance(61.0)
    assert showing.stats.last_minute() == (None, None, None)


def test_the_summary_is_there_once_the_film_is_over_and_is_news_once() -> None:
    showing = Showing()
    showing.report("Anna", *[0.010] * 10)
    showing.report("Boris", *[0.010] * 10)
    assert (showing.stats.summary(), showing.stats.take_summary()) == (None, None)

    showing.clock.now = MOVIE_TIME + DURATION

    news = showing.stats.take_summary()
    assert news is not None
    assert news == {"p50": news["p50"], "p95": news["p50"], "viewers": 2}
    assert news["p50"] == pytest.approx(0.010, rel=0.03)
    assert showing.stats.take_summary() is None
    assert showing.stats.summary() == news


def test_of_a_film_that_nobody_reported_on_there_is_no_summary() -> None:
    showing = Showing()
    showing.clock.now = MOVIE_TIME + DURATION

    assert (showing.stats.take_summary(), showing.stats.summary()) == (None, None)
