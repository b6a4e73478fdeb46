"""What is counted about requests, for /metrics: how many, how they ended, how long they took."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

__all__ = ["Meters"]

BUCKET_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the latency histogram, seconds."""


class Meters:
    """The counters of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "seans_http_requests",
            "Requests answered, by method and class of status",
            ["method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "seans_http_request_seconds",
            "From a request's header to the end of its handler; sockets and films left out",
            buckets=BUCKET_BOUNDS_S,
            registry=self.registry,
        )
        self.aborted = Counter(
            "seans_http_aborted",
            "Requests whose peer left before there was an answer",
            registry=self.registry,
        )
        self.failures = Counter(
            "seans_http_failures",
            "Requests that ended in an exception nobody expected",
            registry=self.registry,
        )

    def answered(self, method: str, status: int, seconds: float | None) -> None:
        """Count an answer; ``seconds`` None where how long it took depends on the peer."""
        known = method if method in KNOWN_METHODS else "other"
        self.requests.labels(known, f"{status // 100}xx").inc()
        if seconds is not None:
            self.seconds.observe(seconds)


KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT"})
"""Methods with a label of their own: a client can't make labels by inventing methods."""
