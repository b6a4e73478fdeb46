"""The figures of all parts as Prometheus text, made at most once in a few seconds."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nlargest

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from streamer.web.families import by_label, counter, gauge
from streamer.web.http.app_keys import (
    CATALOGUE,
    CLOCK,
    FILMS,
    JWKS,
    LIVE_STREAMS,
    LOG_DROPPED,
    MAKER,
    METERS,
    REGISTRY,
    STORE,
    WALL,
    WEBHOOKS,
)
from streamer.web.live_metrics import live_metrics
from streamer.web.webhook_metrics import webhook_metrics

__all__ = ["MetricsText"]

HOLDS_S = 5.0
"""How long a text is given to who asks, seconds: anybody may, and it costs milliseconds."""

MAX_MEASURED_SESSIONS = 10
"""Sessions with figures of their own, those with the most viewers: labels must not grow."""


class MetricsText:
    """The text, and until when it is good."""

    def __init__(self, app: web.Application) -> None:
        """Read what the parts of ``app`` count."""
        self._app = app
        self._parts = CollectorRegistry()
        self._parts.register(_Parts(app))
        self._text = b""
        self._good_until = 0.0

    def text(self) -> bytes:
        """Return the figures of the last few seconds."""
        now = self._app[CLOCK]()
        if now >= self._good_until:
            self._good_until = now + HOLDS_S
            self._text = generate_latest(self._app[METERS].registry) + generate_latest(self._parts)
        return self._text


class _Parts(Collector):
    """Reads the counters that the parts of the application keep."""

    def __init__(self, app: web.Application) -> None:
        self._app = app

    def collect(self) -> Iterator[Metric]:
        """Return the figures of this moment."""
        yield from self._library()
        yield from self._films()
        yield from self._rooms()
        yield from self._step()
        yield from self._preparation()
        yield from live_metrics(self._app[LIVE_STREAMS])
        yield from self._store()
        yield from webhook_metrics(self._app[WEBHOOKS])
        yield from self._auth()
        yield counter("log_dropped", "Log lines that nobody took", self._app[LOG_DROPPED]())
        drift = self._app[WALL]() - self._app[CLOCK]()
        yield gauge("clock_difference_seconds", "Wall clock less server time", drift)

    def _library(self) -> Iterator[Metric]:
        counts = self._app[CATALOGUE].counts
        films = GaugeMetricFamily("seans_films", "Films of the library", labels=["state"])
        films.add_metric(["ready"], counts.ready)
        films.add_metric(["unplayable"], counts.unplayable)
        yield films
        yield counter("library_scans", "Walks through the film folder", counts.scans)
        yield counter("library_probes", "Files examined", counts.probes)
        yield counter("library_failures", "Files that gave no facts", counts.failures)

    def _store(self) -> Iterator[Metric]:
        counts = self._app[STORE].counts()
        yield counter("store_writes", "Writes acknowledged by the store", counts.writes)
        refused = {"write": counts.refused_writes, "read": counts.refused_reads}
        yield by_label("store_refused", "Asked of the store while too much waited", "kind", refused)

    def _auth(self) -> Iterator[Metric]:
        jwks = self._app[JWKS]
        if jwks is None:
            return
        results = {"ok": jwks.counts.fetched, "failed": jwks.counts.failed}
        yield by_label("auth_key_fetches", "Fetches of the Auth service's keys", "result", results)
        yield gauge("auth_keys", "Keys of the Auth service that are known", jwks.size)
        yield gauge("auth_keys_age_seconds", "Time since they were last fetched", jwks.age)

    def _films(self) -> Iterator[Metric]:
        films = self._app[FILMS]
        counters = films.counters
        answers = {"fast": counters.fast, "ordinary": counters.ordinary}
        yield by_label("film_answers", "Answers for films", "path", answers)
        yield counter("film_sent_bytes", "Bytes of films sent", counters.sent)
        yield counter("film_aborted", "Films cut short", counters.aborted)
        yield counter("film_stalled", "Readers that took nothing for too long", counters.stalled)
        yield counter("film_changed", "Films cut short because the file changed", counters.changed)
        yield counter("film_fallbacks", "Times the fast path stayed off", counters.fallbacks)
        yield counter(
            "late_heads", "Connections that sent no request in time", counters.head_timeouts
        )
        yield counter("gave_way", "Quiet connections ended for others", counters.evicted)
        yield counter("turned_away", "Connections without room", counters.refused)
        yield gauge("film_descriptors", "Film files open", films.open_descriptors)

    def _rooms(self) -> Iterator[Metric]:
        registry = self._app[REGISTRY]
        shows, counts = registry.open_shows(), registry.counts
        outgoing = counts.outgoing
        yield gauge("rooms", "Shows that are open", len(shows))
        yield gauge("links", "Open room links", sum(len(live.audience) for live in shows))
        yield counter("chat_messages", "Chat messages kept", counts.messages)
        yield counter("commands", "Commands accepted", counts.commands)
        yield counter("refused_messages", "Messages of links refused", counts.refused)
        yield counter("slow_readers", "Links ended because they did not read", outgoing.too_slow)
        yield counter("dropped_messages", "Messages that ended links missed", outgoing.dropped)

    def _preparation(self) -> Iterator[Metric]:
        counts = self._app[MAKER].counts
        segments = {"video": counts.video_segments, "sound": counts.sound_segments}
        yield by_label(
            "preparation_segments", "Segments of live renditions made", "track", segments
        )
        made = "Seconds of films whose picture was made"
        yield counter("preparation_film_seconds", made, counts.video_seconds)
        yield gauge("preparation_waiting", "Callers that wait for a segment", counts.waiting)
        yield counter("preparation_failures", "Times a segment failed", counts.failures)
        yield counter("preparation_restarts", "Workers that ended by themselves", counts.restarts)
        behind = "Films that are made slower than somebody watches them"
        yield gauge("preparation_behind", behind, counts.behind)

    def _step(self) -> Iterator[Metric]:
        registry = self._app[REGISTRY]
        errors = registry.counts.errors
        yield HistogramMetricFamily(
            "seans_sync_error_seconds",
            "How far pictures were off, as their viewers reported, at most once a second each",
            buckets=errors.cumulative(),
            sum_value=errors.total,
        )
        quantiles = GaugeMetricFamily(
            "seans_session_sync_error_seconds",
            "The same since a session's start, each viewer weighing the same; the largest sessions",
            labels=["session", "quantile"],
        )
        live_sessions = [live for live in registry.open_sessions() if live.step_stats.viewers]
        for live in nlargest(
            MAX_MEASURED_SESSIONS, live_sessions, key=lambda live: len(live.step_stats.viewers)
        ):
            quantiles_now = live.step_stats.session_quantiles()
            for share, error in (("0.5", quantiles_now.p50), ("0.95", quantiles_now.p95)):
                quantiles.add_metric([live.session.id, share], error or 0.0)
        yield quantiles
