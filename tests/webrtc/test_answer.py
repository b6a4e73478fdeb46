"""Which streams of an offer are sent, and what the answer says."""

from __future__ import annotations

import pytest
from aiortc.sdp import SessionDescription

from streamer.webrtc.answer import LocalCandidate, LocalTransport, accept, write_answer
from streamer.webrtc.errors import NoCommonCodec
from streamer.webrtc.offer import parse_offer
from streamer.webrtc.packets import Kind
from tests.webrtc.offers import offer_of

CHROMIUM = offer_of("chromium")
SSRCS: dict[Kind, tuple[int, int]] = {"video": (11, 12), "audio": (21, 22)}
LOCAL = LocalTransport(
    ufrag="ours",
    password="p" * 24,
    fingerprint="AA:" * 31 + "AA",
    setup="passive",
    candidates=[
        LocalCandidate("192.0.2.1", 5000, "host", 2130706431),
        LocalCandidate("203.0.113.9", 5001, "srflx", 1694498815, ("192.0.2.1", 0)),
    ],
)


def answer_to(text: str) -> str:
    offer = parse_offer(text)
    return write_answer(offer, accept(offer), LOCAL, SSRCS)


def lines_of(section: str, answer: str) -> list[str]:
    return f"m={answer.partition(f'm={section}')[2].partition('m=')[0]}".split("\r\n")


def test_the_richest_profile_with_its_retransmissions_is_taken() -> None:
    accepted = accept(parse_offer(CHROMIUM))

    assert accepted.video.codec.payload_type == 116
    assert accepted.video.rtx is not None
    assert accepted.video.rtx.payload_type == 117
    assert accepted.audio is not None
    assert accepted.audio.codec.name == "opus"
    assert accepted.data is not None


def test_an_offer_without_h264_is_refused() -> None:
    with pytest.raises(NoCommonCodec):
        accept(parse_offer(offer_of("firefox-without-h264")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("packetization-mode=1", "packetization-mode=0"),
        ("a=recvonly", "a=sendonly"),
        ("a=rtcp-mux", "a=rtcp-max"),
        ("m=video 9 ", "m=video 0 "),
        ("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        ("BUNDLE 0 1 2", "BUNDLE 1 2"),
    ],
)
def test_an_offer_that_takes_no_picture_from_us_is_refused(old: str, new: str) -> None:
    with pytest.raises(NoCommonCodec):
        accept(parse_offer(CHROMIUM.replace(old, new)))


def test_sound_is_not_sent_where_none_is_wanted() -> None:
    text = CHROMIUM.replace("opus/48000/2", "opux/48000/2")

    answer = answer_to(text)

    assert accept(parse_offer(text)).audio is None
    assert "m=audio 0 " in answer
    assert "a=group:BUNDLE 0 2\r\n" in answer


def test_the_answer_is_sdp_that_aiortc_reads() -> None:
    described = SessionDescription.parse(answer_to(CHROMIUM))

    video, audio, data = described.media
    assert [media.direction for media in (video, audio)] == ["sendonly", "sendonly"]
    assert video.dtls is not None
    assert video.dtls.role == "server"
    assert [codec.name for codec in video.rtp.codecs] == ["H264", "rtx"]
    assert [each.ssrc for each in video.ssrc] == [11, 12]
    assert [(each.ip, each.port) for each in video.ice_candidates] == [
        ("192.0.2.1", 5000),
        ("203.0.113.9", 5001),
    ]
    assert [codec.name for codec in audio.rtp.codecs] == ["opus"]
    assert data.sctp_port == 5000


def test_the_answer_says_that_timestamps_are_server_time() -> None:
    session = answer_to(CHROMIUM).partition("m=")[0]

    assert "a=ts-refclk:private\r\na=mediaclk:direct=0\r\n" in session


def test_only_feedback_that_was_offered_is_asked_for() -> None:
    answer = answer_to(CHROMIUM.replace("nack pli", "nack sli"))

    assert "a=rtcp-fb:116 nack" in lines_of("video", answer)
    assert "nack pli" not in answer
    assert "nack" not in "".join(lines_of("audio", answer))


def test_a_profile_that_makes_no_sense_is_not_repeated() -> None:
    text = CHROMIUM.replace("profile-level-id=4d001f", "profile-level-id=4d001f x")

    assert "profile-level-id=42e01f" in answer_to(text)


def test_sections_that_nobody_knows_are_refused_in_their_place() -> None:
    extra = "m=text 9 RTP/AVP 98\r\nc=IN IP4 0.0.0.0\r\na=mid:t\r\n"

    answer = answer_to(CHROMIUM + extra)

    assert answer.endswith("m=text 0 RTP/AVP 98\r\nc=IN IP4 0.0.0.0\r\na=mid:t\r\na=inactive\r\n")
