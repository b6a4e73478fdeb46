"""What one viewer is sent, and what it gets for what it says."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field, replace

import pylibsrtp
import pytest
from aiortc.rtp import RtcpPacket, RtcpSrPacket

from streamer.webrtc.answer import StreamFormat
from streamer.webrtc.egress import (
    REFRESH_EVERY_S,
    REQUESTS_A_SECOND,
    RETRANSMISSIONS_A_SECOND,
    Egress,
    EgressCounts,
    Layouts,
)
from streamer.webrtc.history import History
from streamer.webrtc.offer import Codec
from streamer.webrtc.packets import MediaPackets, Packetizer
from streamer.webrtc.rtcp import Feedback, ReceptionReport, ntp_middle, ntp_time
from streamer.webrtc.sealing import Keys, Run, sealer_of
from streamer.webrtc.udp_port import Route
from tests.webrtc.pictures import sent
from tests.webrtc.test_sealing import datagrams, opener

VIDEO = Codec(96, "h264", 90_000, {}, frozenset())
RTX = Codec(97, "rtx", 90_000, {"apt": "96"}, frozenset())
OPUS = Codec(111, "opus", 48_000, {}, frozenset())
SSRC, RTX_SSRC, SOUND = 11, 12, 21
ROUTE = Route(None, ("192.0.2.7", 4711))


@dataclass
class Viewer:
    """A viewer with an egress, and the time."""

    rtx: bool = True
    sound: bool = True
    profile: str = "SRTP_AEAD_AES_128_GCM"
    now: float = 1000.0
    takes: bool = True
    refreshed: int = 0
    got: list[bytes] = field(default_factory=list)
    control: list[bytes] = field(default_factory=list)
    counts: EgressCounts = field(default_factory=EgressCounts)

    def __post_init__(self) -> None:
        salt = 14 if "SHA1" in self.profile else 12
        self.keys = Keys(self.profile, os.urandom(16), os.urandom(salt))
        self.opener: pylibsrtp.Session = opener(self.keys)
        self.history = History()
        self.packetizer = Packetizer("video", SSRC, 65_530)
        streams = [(StreamFormat("video", "0", VIDEO, RTX if self.rtx else None), SSRC, RTX_SSRC)]
        if self.sound:
            streams.append((StreamFormat("audio", "1", OPUS, None), SOUND, SOUND + 1))
        self.egress = Egress(
            sealer_of(self.keys),
            streams,
            self._take,
            protect_rtcp=self._protect,
            find=lambda ssrc, sequence: self.history.find(sequence) if ssrc == SSRC else None,
            refresh=self._refresh,
            layouts=Layouts(),
            counts=self.counts,
            clock=lambda: self.now,
            first_rtx=65_535,
        )
        self.egress.route = ROUTE

    def show(self, size: int = 3000, *, keyframe: bool = False) -> MediaPackets:
        """Send a picture."""
        packets = sent(self.packetizer, size, shown_at=self.now + 0.25, keyframe=keyframe)
        self.history.add(packets)
        self.egress.send(packets)
        return packets

    def opened(self) -> list[bytes]:
        """Decrypt what came since."""
        came, self.got = self.got, []
        return [self.opener.unprotect(packet) for packet in came]

    def _take(self, run: Run, route: Route) -> bool:
        assert route is ROUTE
        if not self.takes:
            return False
        self.got += datagrams([run])
        return True

    def _protect(self, data: bytes) -> bytes:
        self.control.append(data)
        return data

    def _refresh(self) -> None:
        self.refreshed += 1


def sequences(packets: list[bytes]) -> list[int]:
    return [int.from_bytes(packet[2:4]) for packet in packets]


@pytest.mark.parametrize("profile", ["SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80"])
def test_pictures_arrive_over_a_roll_over(profile: str) -> None:
    viewer = Viewer(profile=profile)

    payloads = [payload for _ in range(4) for payload in viewer.show().payloads]
    opened = viewer.opened()

    assert [packet[12:] for packet in opened] == payloads
    assert sequences(opened) == [*range(65_530, 65_536), *range(6)]


def test_a_viewer_that_comes_late_counts_roll_overs_from_then() -> None:
    viewer = Viewer()
    viewer.packetizer = Packetizer("video", SSRC, (5 << 16) + 100)

    payloads = viewer.show().payloads

    assert [packet[12:] for packet in viewer.opened()] == list(payloads)


def test_packets_from_before_the_viewer_s_first_roll_over_are_not_sent() -> None:
    viewer = Viewer()
    before = sent(viewer.packetizer, 100)
    viewer.packetizer = Packetizer("video", SSRC, 70_000)
    viewer.show()
    viewer.opened()

    viewer.egress.send(before)

    assert viewer.got == []


def test_sound_that_nobody_asked_for_is_not_sent() -> None:
    viewer = Viewer(sound=False)
    packetizer = Packetizer("audio", SOUND, 0)

    viewer.egress.send(packetizer.sounds([b"\xfc\1"], shown_at=0.0))

    assert viewer.got == []


def test_what_does_not_fit_is_dropped_and_the_next_picture_is_whole() -> None:
    viewer = Viewer()
    viewer.show()
    viewer.opened()
    viewer.takes = False
    viewer.show()
    viewer.takes = True

    payloads = viewer.show().payloads

    assert viewer.egress.dropped == viewer.counts.dropped == 1
    assert [packet[12:] for packet in viewer.opened()] == list(payloads)


def test_a_lost_packet_comes_again_as_rtx() -> None:
    viewer = Viewer()
    packets = viewer.show()
    viewer.opened()

    viewer.egress.feedback(Feedback(lost=[(SSRC, 65_531), (SSRC, 65_532)]))

    first, second = viewer.opened()
    assert first[1] & 0x7F == 97
    assert int.from_bytes(first[8:12]) == RTX_SSRC
    assert first[12:] == struct.pack("!H", 65_531) + packets.payloads[1]
    assert second[12:14] == struct.pack("!H", 65_532)
    assert sequences([first, second]) == [65_535, 0]
    assert viewer.counts.retransmitted == 2


def test_without_rtx_the_very_packet_comes_again() -> None:
    viewer = Viewer(rtx=False)
    viewer.show()
    first = viewer.got[1]

    viewer.egress.feedback(Feedback(lost=[(SSRC, 65_531)]))

    assert viewer.got[-1] == first


def test_a_packet_after_a_roll_over_comes_again() -> None:
    viewer = Viewer(rtx=False)
    for _ in range(3):
        viewer.show()
    packet = viewer.got[7]

    viewer.egress.feedback(Feedback(lost=[(SSRC, 1)]))

    assert viewer.got[-1] == packet


def test_packets_that_are_not_kept_or_not_ours_are_counted() -> None:
    viewer = Viewer()
    viewer.show()
    viewer.opened()

    viewer.egress.feedback(Feedback(lost=[(SSRC, 20_000), (99, 65_531)]))

    assert viewer.got == []
    assert viewer.counts.unrepairable == 1


def test_repairs_are_limited_until_the_next_second() -> None:
    viewer = Viewer()
    viewer.show()
    viewer.got.clear()

    viewer.egress.feedback(Feedback(lost=[(SSRC, 65_531)] * (RETRANSMISSIONS_A_SECOND + 5)))
    assert len(viewer.got) == RETRANSMISSIONS_A_SECOND
    assert viewer.counts.unrepairable == 5

    viewer.egress.report()
    viewer.got.clear()
    viewer.egress.feedback(Feedback(lost=[(SSRC, 65_531)]))
    assert len(viewer.got) == 1


def test_reports_are_fewer_once_the_first_ones_have_come() -> None:
    viewer = Viewer()
    viewer.show()
    sent = []
    for _ in range(19):
        viewer.got.clear()
        viewer.egress.report()
        sent.append(len(viewer.got))

    assert sent == [1] * 10 + [0, 1, 0, 0, 1, 0, 0, 1, 0]


def test_requests_are_counted_though_nothing_is_found() -> None:
    viewer = Viewer()

    viewer.egress.feedback(Feedback(lost=[(SSRC, 20_000), (99, 65_531)]))
    assert viewer.egress.requests_left == REQUESTS_A_SECOND - 2

    viewer.egress.report()
    assert viewer.egress.requests_left == REQUESTS_A_SECOND


def test_a_lost_picture_is_refreshed_once_a_second_at_most() -> None:
    viewer = Viewer()

    viewer.egress.feedback(Feedback(keyframes={SSRC}))
    viewer.egress.feedback(Feedback(keyframes={SSRC}))
    viewer.egress.feedback(Feedback(keyframes={99}))
    assert viewer.refreshed == 1

    viewer.now += REFRESH_EVERY_S
    viewer.egress.feedback(Feedback(keyframes={SSRC}))
    assert viewer.refreshed == 2


def test_a_report_gives_the_time_at_which_the_last_picture_is_shown() -> None:
    viewer = Viewer()
    packets = viewer.show()

    viewer.egress.report()

    report = RtcpPacket.parse(viewer.control[0])[0]
    assert isinstance(report, RtcpSrPacket)
    assert report.sender_info.ntp_timestamp == ntp_time(1000.25)
    assert report.sender_info.rtp_timestamp == packets.timestamp == 1000.25 * 90_000
    assert report.sender_info.packet_count == 3


def test_nothing_sent_is_nothing_reported() -> None:
    viewer = Viewer()

    viewer.egress.report()

    assert viewer.control == []


def test_picture_and_sound_are_reported_together() -> None:
    viewer = Viewer()
    viewer.show()
    viewer.egress.send(Packetizer("audio", SOUND, 0).sounds([b"\xfc\1"], shown_at=1000.0))

    viewer.egress.report()

    kinds = [type(packet).__name__ for packet in RtcpPacket.parse(viewer.control[0])]
    assert kinds == ["RtcpSrPacket", "RtcpSrPacket", "RtcpSdesPacket", "RtcpSdesPacket"]


def reception(last_report: int = 0, delay: float = 0.0) -> Feedback:
    report = ReceptionReport(
        ssrc=SSRC, fraction_lost=0.25, lost=3, jitter=900, last_report=last_report, delay=delay
    )
    return Feedback(reports=[report])


def test_the_round_trip_is_measured_by_our_clock() -> None:
    viewer = Viewer()
    viewer.show()
    viewer.egress.report()
    viewer.now += 0.7

    viewer.egress.feedback(reception(ntp_middle(ntp_time(1000.25)), 0.5))

    found = viewer.egress.reception("video")
    assert found is not None
    assert found.round_trip == pytest.approx(0.2)
    assert (found.fraction_lost, found.lost, found.jitter) == (0.25, 3, 0.01)


def test_a_report_on_none_of_ours_has_no_round_trip() -> None:
    viewer = Viewer()

    viewer.egress.feedback(reception(12345))

    found = viewer.egress.reception("video")
    assert found is not None
    assert found.round_trip is None
    assert viewer.egress.reception("audio") is None


def test_sums_count_what_was_sent_once() -> None:
    viewer = Viewer()
    packets = viewer.show()
    viewer.egress.feedback(Feedback(lost=[(SSRC, 65_531)]))

    assert viewer.egress.packets_sent == viewer.counts.packets == 3
    assert viewer.egress.octets_sent == packets.octets


def test_viewers_share_the_buffer_of_a_picture() -> None:
    layouts = Layouts()
    packets = sent(Packetizer("video", 7, 0), 3000)

    def made(payload_type: int, tag: int) -> object:
        return layouts.of(packets, payload_type, tag)

    assert made(96, 16) is made(96, 16)
    assert made(96, 16) is not made(97, 16)
    assert made(96, 16) is not made(96, 10)


def test_a_number_that_was_used_for_the_viewer_s_own_packet_is_used_for_no_other() -> None:
    viewer = Viewer(rtx=False)
    shared = sent(viewer.packetizer, 3000, shown_at=1000.0)
    own = replace(shared, payloads=tuple(bytes(900) for _ in shared.payloads), variant=1)
    viewer.history.add(shared)
    viewer.egress.send(own)
    viewer.got.clear()

    viewer.egress.feedback(Feedback(lost=[(SSRC, 65_531)]))
    viewer.egress.send(shared)

    assert viewer.got == []
    assert viewer.counts.unrepairable == 1
    viewer.show()
    assert len(viewer.got) == 3
