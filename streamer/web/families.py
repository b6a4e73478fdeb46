"""Families of figures as Prometheus has them, under the names of this server."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

__all__ = ["by_label", "counter", "gauge"]


def gauge(name: str, words: str, value: float) -> Metric:
    """Return a figure that goes up and down."""
    return GaugeMetricFamily(f"seans_{name}", words, value=value)


def counter(name: str, words: str, value: float) -> Metric:
    """Return a figure that only grows."""
    return CounterMetricFamily(f"seans_{name}", words, value=value)


def by_label(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    """Return figures that only grow, one for each value of a label."""
    family = CounterMetricFamily(f"seans_{name}", words, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family
