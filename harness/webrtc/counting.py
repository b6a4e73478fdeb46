"""What a viewer counts of each RTP stream: packets, losses, the last sender report (RFC 3550)."""

from __future__ import annotations

from dataclasses import dataclass

from aiortc.rtp import RtcpReceiverInfo

__all__ = ["Stream"]

_HALF = 1 << 15
_MASK = (1 << 16) - 1
_LONG = (1 << 32) - 1
_FRACTION = 1 << 16


@dataclass(slots=True)
class Stream:
    """One SSRC."""

    ssrc: int
    """Its number."""

    payload_type: int
    """What it carries."""

    first: int
    """The first sequence number that came."""

    highest: int
    """The highest so far, extended by the turns of its 16 bits."""

    received: int = 0
    """Packets, copies included."""

    size: int = 0
    """Bytes of all packets, with headers and seals."""

    report: tuple[int, float] = (0, 0.0)
    """Middle 32 bits of the last sender report's NTP time, and when it came, s."""

    _reported: tuple[int, int] = (0, 0)
    """Packets expected and received until the last report of our own."""

    def count(self, sequence: int, size: int) -> None:
        """Note one packet, in whatever order they come."""
        ahead = (sequence - self.highest) & _MASK
        if ahead < _HALF:
            self.highest += ahead
        elif sequence_before(sequence, self.first):
            self.first -= (self.first - sequence) & _MASK
        self.received += 1
        self.size += size

    @property
    def expected(self) -> int:
        """Packets from the first to the highest (RFC 3550 appendix A.3)."""
        return self.highest - self.first + 1

    @property
    def lost(self) -> int:
        """Packets that did not come; copies of others may hide some."""
        return max(0, self.expected - self.received)

    def receiver_report(self, now: float) -> RtcpReceiverInfo:
        """Return the block for a receiver report at ``now``, s, and begin its next interval."""
        expected, received = self._reported
        fresh, came = self.expected - expected, self.received - received
        self._reported = (self.expected, self.received)
        share = 0 if fresh <= 0 else max(0, fresh - came) * 256 // fresh
        middle, at = self.report
        return RtcpReceiverInfo(
            ssrc=self.ssrc,
            fraction_lost=min(255, share),
            packets_lost=min(self.lost, (1 << 23) - 1),
            highest_sequence=self.highest & _LONG,
            jitter=0,
            lsr=middle,
            dlsr=int((now - at) * _FRACTION) & _LONG if middle else 0,
        )


def sequence_before(sequence: int, first: int) -> bool:
    """Return whether a sequence number lies shortly before another (RFC 1982)."""
    return 0 < ((first - sequence) & _MASK) < 64
