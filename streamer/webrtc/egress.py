"""What one viewer is sent: encryption, sender reports, retransmissions; and what it reports.

Packets come numbered and with payloads made; only the seal is the viewer's own. What does not fit
the socket is dropped for this viewer alone: it asks again, or goes on at the next keyframe.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from streamer.webrtc import answer
from streamer.webrtc.answer import StreamFormat
from streamer.webrtc.history import Packet
from streamer.webrtc.packets import CLOCK_RATES, Kind, MediaPackets, rtp_header
from streamer.webrtc.rtcp import (
    Feedback,
    ReceptionReport,
    ntp_middle,
    ntp_time,
    sender_report,
    source_description,
)
from streamer.webrtc.sealing import Layout, Run, Sealer, segmented
from streamer.webrtc.udp_port import Route

__all__ = ["Egress", "EgressCounts", "Layouts", "Reception", "SendRun"]

RETRANSMISSIONS_A_SECOND = 500
"""Packets sent again to one viewer in a second; more loss than that is no use repairing."""

REQUESTS_A_SECOND = 2000
"""Packets that one viewer may ask for again in a second; each is searched for, found or not."""

REPORTED_EACH_S, REPORT_EVERY_S = 10, 3
"""Sender reports come once a second at first, so that picture and sound are soon in step; then each
so many seconds (RFC 3550 section 6.2 asks for no more)."""

REFRESH_EVERY_S = 1.0
"""How often one viewer may have the group of pictures in progress again, seconds."""

CNAME = answer.CNAME.encode()

_REPORTS_KEPT = 4

SendRun = Callable[[Run, Route], bool]
"""Sends datagrams to the viewer; returns False where any was dropped."""


@dataclass(slots=True)
class EgressCounts:
    """Counters since the start, for the metrics."""

    packets: int = 0
    """Packets sent for the first time."""

    dropped: int = 0
    """Pictures and sounds that were not sent whole, to one viewer each."""

    retransmitted: int = 0
    """Packets sent again."""

    unrepairable: int = 0
    """Packets asked for again and no longer kept, or asked for too often."""

    refreshed: int = 0
    """Groups of pictures sent again, after a viewer lost its picture."""


@dataclass(frozen=True, slots=True)
class Reception:
    """How a stream arrives, as the viewer reports."""

    fraction_lost: float
    """Share of packets lost lately, 0 to 1."""

    lost: int
    """Packets lost in all."""

    jitter: float
    """Variation of the packets' delay, seconds."""

    round_trip: float | None
    """Round trip time, seconds."""


@dataclass(slots=True)
class _Stream:
    format: StreamFormat
    payload_type: int
    ssrc: int
    rtx_ssrc: int
    rtx_sequence: int
    base: int | None = None
    """Roll-overs before the viewer came, times 2**16."""

    shared_from: int = 0
    """Extended sequence number from which on the viewer gets what all get.

    A sequence number is a nonce: by one of those before it nothing else may be sent.
    """

    last: MediaPackets | None = None
    packets: int = 0
    octets: int = 0
    reception: Reception | None = None


class Layouts:
    """The buffers of the pictures that are being sent, shared by all viewers."""

    def __init__(self) -> None:
        self._layouts: dict[tuple[int, int, int], Layout] = {}

    def of(self, packets: MediaPackets, payload_type: int, tag: int) -> Layout:
        """Return a buffer for ``packets``; its content is the caller's until the next call."""
        if packets.variant:
            # Nobody else has these.
            return Layout(packets, payload_type, tag)
        key = packets.ssrc, payload_type, tag
        layout = self._layouts.get(key)
        if layout is None or layout.packets is not packets:
            layout = self._layouts[key] = Layout(packets, payload_type, tag)
        return layout


class Egress:
    """The sending side of one viewer: a ``Subscriber`` of a broadcast."""

    def __init__(
        self,
        sealer: Sealer,
        streams: Iterable[tuple[StreamFormat, int, int]],
        send_run: SendRun,
        *,
        protect_rtcp: Callable[[bytes], bytes | None],
        find: Callable[[int, int], Packet | None],
        refresh: Callable[[], object],
        layouts: Layouts,
        counts: EgressCounts,
        clock: Callable[[], float],
        first_rtx: int,
    ) -> None:
        """``streams``: format, SSRC and SSRC of retransmissions of each.

        ``find`` returns a packet sent before, by SSRC and sequence number; ``refresh`` sends the
        group of pictures in progress again. ``first_rtx`` is random and below 2**15.
        """
        self._sealer = sealer
        self._send_run = send_run
        self.route: Route | None = None
        """The way to the viewer; None: nothing is sent."""
        self._protect_rtcp = protect_rtcp
        self._find = find
        self._refresh = refresh
        self._layouts = layouts
        self._counts = counts
        self._clock = clock
        self._streams: dict[Kind, _Stream] = {
            form.kind: _Stream(form, form.codec.payload_type, ssrc, rtx_ssrc, first_rtx)
            for form, ssrc, rtx_ssrc in streams
        }
        self._by_ssrc = {stream.ssrc: stream for stream in self._streams.values()}
        self._sent_reports: OrderedDict[int, float] = OrderedDict()
        self._retransmissions = RETRANSMISSIONS_A_SECOND
        self.requests_left = REQUESTS_A_SECOND
        """Packets that the viewer may still ask for again in this second."""
        self._refreshed_at = -REFRESH_EVERY_S
        self._seconds = 0
        """How often :meth:`report` was called."""
        self.dropped = 0
        """Pictures and sounds not sent whole."""

    def send(self, packets: MediaPackets) -> None:
        """Encrypt and send; never blocks. What this viewer did not ask for is not sent."""
        stream, route = self._streams.get(packets.kind), self.route
        if stream is None or route is None:
            return
        if stream.base is None:
            stream.base = packets.first_sequence & ~0xFFFF
        index = packets.first_sequence - stream.base
        if packets.variant:
            stream.shared_from = max(stream.shared_from, packets.next_sequence)
        elif packets.first_sequence < stream.shared_from:
            return
        if index < 0:
            return
        layout = self._layouts.of(packets, stream.payload_type, self._sealer.tag)
        try:
            self._sealer.seal(layout, index)
        except ValueError:
            self._drop()
            return
        whole = True
        for run in layout.runs:
            whole = self._send_run(run, route) and whole
        if not whole:
            self._drop()
        stream.last = packets
        stream.packets += len(layout.parts)
        stream.octets += layout.octets
        self._counts.packets += len(layout.parts)

    def report(self) -> None:
        """Send a sender report of each stream, if one is due; called once a second.

        Its NTP time is when the last picture is to be shown: RTP timestamps are that same time,
        so picture and sound are in step wherever they come from.
        """
        self._retransmissions = RETRANSMISSIONS_A_SECOND
        self.requests_left = REQUESTS_A_SECOND
        self._seconds += 1
        if self._seconds > REPORTED_EACH_S and self._seconds % REPORT_EVERY_S:
            return
        parts: list[bytes] = []
        described: list[bytes] = []
        for stream in self._streams.values():
            if stream.last is None:
                continue
            ntp = ntp_time(stream.last.shown_at)
            self._note_report(ntp_middle(ntp))
            counts = stream.packets, stream.octets
            parts.append(sender_report(stream.ssrc, ntp, stream.last.timestamp, *counts))
            described.append(source_description(stream.ssrc, CNAME))
        if not parts:
            return
        if sealed := self._protect_rtcp(b"".join(parts + described)):
            self._send_one(sealed)

    def feedback(self, feedback: Feedback) -> None:
        """Do what the viewer asks for, and keep what it reports."""
        self.requests_left -= len(feedback.lost)
        for ssrc, sequence in feedback.lost:
            if stream := self._by_ssrc.get(ssrc):
                self._retransmit(stream, sequence)
        for report in feedback.reports:
            if stream := self._by_ssrc.get(report.ssrc):
                stream.reception = self._reception(stream.format.kind, report)
        now = self._clock()
        wanted = any(ssrc in self._by_ssrc for ssrc in feedback.keyframes)
        if wanted and now - self._refreshed_at >= REFRESH_EVERY_S:
            self._refreshed_at = now
            self._counts.refreshed += 1
            self._refresh()

    def reception(self, kind: Kind) -> Reception | None:
        """Return how a stream arrives; None before the first report."""
        stream = self._streams.get(kind)
        return stream.reception if stream else None

    @property
    def packets_sent(self) -> int:
        """Packets sent for the first time."""
        return sum(stream.packets for stream in self._streams.values())

    @property
    def octets_sent(self) -> int:
        """Payload bytes sent for the first time."""
        return sum(stream.octets for stream in self._streams.values())

    def _drop(self) -> None:
        self.dropped += 1
        self._counts.dropped += 1

    def _retransmit(self, stream: _Stream, sequence: int) -> None:
        packet = self._find(stream.ssrc, sequence)
        index = -1 if packet is None or stream.base is None else packet.sequence - stream.base
        if packet is not None and not packet.packets.variant:
            index = -1 if packet.sequence < stream.shared_from else index
        if packet is None or index < 0 or self._retransmissions <= 0:
            self._counts.unrepairable += 1
            return
        self._retransmissions -= 1
        try:
            sealed = self._sealed_again(stream, packet, index)
        except ValueError:
            self._counts.unrepairable += 1
            return
        if self._send_one(sealed):
            self._counts.retransmitted += 1

    def _send_one(self, datagram: bytes) -> bool:
        run = segmented(memoryview(datagram), len(datagram))
        return self.route is not None and self._send_run(run, self.route)

    def _sealed_again(self, stream: _Stream, packet: Packet, index: int) -> bytes:
        packets, payload = packet.packets, packet.packets.payloads[packet.index]
        rtx = stream.format.rtx
        if rtx is None:
            header = packets.header(packet.index, stream.payload_type)
            return self._sealer.seal_one(header, payload, stream.ssrc, index)
        # A stream of its own, whose payload begins with the original sequence number (RFC 4588).
        index, stream.rtx_sequence = stream.rtx_sequence, stream.rtx_sequence + 1
        header = rtp_header(
            rtx.payload_type,
            index,
            packets.timestamp,
            stream.rtx_ssrc,
            marker=packets.has_marker(packet.index),
        )
        original = struct.pack("!H", packet.sequence & 0xFFFF)
        return self._sealer.seal_one(header, original + payload, stream.rtx_ssrc, index)

    def _reception(self, kind: Kind, report: ReceptionReport) -> Reception:
        sent_at = self._sent_reports.get(report.last_report)
        # The report says when it left us not by the clock, but by the NTP time that we gave it.
        trip = None if sent_at is None else max(0.0, self._clock() - sent_at - report.delay)
        jitter = report.jitter / CLOCK_RATES[kind]
        return Reception(report.fraction_lost, report.lost, jitter, trip)

    def _note_report(self, middle: int) -> None:
        self._sent_reports[middle] = self._clock()
        while len(self._sent_reports) > _REPORTS_KEPT:
            self._sent_reports.popitem(last=False)
