"""The figures of the webhooks."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric

from streamer.web.families import by_label, counter, gauge
from streamer.webhooks.sender import WebhookSender

__all__ = ["webhook_metrics"]


def webhook_metrics(sender: WebhookSender | None) -> Iterator[Metric]:
    """Return what was sent and what not; nothing where nobody is told anything."""
    if sender is None:
        return
    counts = sender.counts
    yield counter("webhooks_delivered", "Webhooks that were taken", counts.delivered)
    yield counter("webhook_failures", "Attempts to send a webhook that failed", counts.failures)
    dropped = {str(why): float(count) for why, count in counts.dropped.items()}
    yield by_label("webhooks_dropped", "Webhooks that are not sent", "why", dropped)
    yield gauge("webhooks_waiting", "Webhooks that wait or are on their way", sender.waiting)
