"""The figures of the live streams."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric

from streamer.web.families import by_label, counter, gauge
from streamer.webrtc.egress_peer import Sending
from streamer.webrtc.live_streams import LiveStreams

__all__ = ["live_metrics"]


def live_metrics(streams: LiveStreams) -> Iterator[Metric]:
    """Return what is sent live, to how many, and what went wrong."""
    peers, pumps = streams.peers, streams.counts
    sending = peers.sending
    yield gauge("live_streams", "Live streams, connected or connecting", len(peers))
    yield gauge("live_pumps", "Sessions that are being sent live", streams.running)
    yield counter("live_offers", "Offers answered with a stream", peers.counts.offered)
    yield counter("live_offers_refused", "Offers refused", peers.counts.refused)
    opened = sum(sending.profiles.values()) + peers.counts.plain
    yield counter("live_streams_opened", "Live streams that connected", opened)
    yield by_label("live_streams_ended", "Live streams that ended", "cause", peers.counts.ended)
    yield from _sent(sending)
    yield by_label(
        "live_fallbacks",
        "Live streams, or datagrams, that took a slower way",
        "way",
        {
            "aiortc": peers.counts.plain,
            "sha1_80": sending.profiles.get("SRTP_AES128_CM_SHA1_80", 0),
            "no_segmentation": sending.port.counts.plain,
        },
    )
    yield counter("live_pictures", "Pictures sent to sessions", pumps.pictures)
    yield counter("live_late_seconds", "By how much pictures were sent late", pumps.late)
    yield gauge("live_latest_seconds", "By how much the latest picture was", pumps.latest)
    yield counter("live_missing", "Times a picture was not made in time", pumps.missing)
    yield counter("live_unavailable", "Parts of films that could not be had", pumps.unavailable)
    yield counter("live_pump_failures", "Pumps that failed and began anew", pumps.failures)
    yield counter("live_keyframes", "Keyframes made of single frames", streams.keyframes.made)


def _sent(sending: Sending) -> Iterator[Metric]:
    """Return what all streams were sent."""
    counts, port = sending.counts, sending.port.counts
    yield counter("live_packets", "RTP packets sent for the first time", counts.packets)
    yield counter("live_dropped", "Pictures and sounds not sent whole", counts.dropped)
    yield counter("live_retransmitted", "RTP packets sent again (NACK)", counts.retransmitted)
    yield counter("live_unrepairable", "RTP packets that were gone by then", counts.unrepairable)
    yield counter("live_refreshed", "Pictures sent anew (PLI)", counts.refreshed)
    yield counter("live_bad_rtcp", "RTCP datagrams that made no sense", sending.bad_rtcp)
    yield by_label(
        "live_datagrams_refused",
        "Datagrams that were not taken or not sent",
        "why",
        {
            "unknown": port.unknown,
            "excess": port.excess,
            "buffer_full": port.dropped,
            "system": port.failed,
        },
    )
