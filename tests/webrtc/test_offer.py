"""Offers: of browsers, of others, and of those who mean harm."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from streamer.webrtc.errors import BadOffer
from streamer.webrtc.offer import (
    MAX_CANDIDATES,
    MAX_OFFER,
    Candidate,
    parse_fragment,
    parse_offer,
)
from tests.webrtc.offers import offer_of

CHROMIUM = offer_of("chromium")
HOST = "a=candidate:1 1 udp 2113937151 192.0.2.7 4711 typ host"


def with_lines(*lines: str) -> str:
    """The offer of Chromium, with ``lines`` in its first section instead of its candidates."""
    kept = [line for line in CHROMIUM.split("\r\n") if not line.startswith("a=candidate")]
    at = kept.index("a=setup:actpass")
    return "\r\n".join([*kept[:at], *lines, *kept[at:]])


def changed(old: str, new: str) -> str:
    assert old in CHROMIUM
    return CHROMIUM.replace(old, new)


def test_the_offer_of_a_browser_is_read() -> None:
    offer = parse_offer(CHROMIUM)

    assert [section.kind for section in offer.sections] == ["video", "audio", "application"]
    assert offer.bundled == ("0", "1", "2")
    assert offer.ufrag == "NjB+"
    assert offer.setup == "actpass"
    assert not offer.ice_lite
    assert [fingerprint.algorithm for fingerprint in offer.fingerprints] == ["sha-256"]
    assert offer.sections[2].sctp_port == 5000


def test_codecs_come_with_parameters_and_feedback() -> None:
    video = parse_offer(CHROMIUM).sections[0]

    h264 = next(codec for codec in video.codecs if codec.payload_type == 102)

    assert (h264.name, h264.clock_rate) == ("h264", 90_000)
    assert h264.parameters["profile-level-id"] == "42001f"
    assert {"nack", "nack pli"} <= h264.feedback


def test_names_of_mdns_are_left_out() -> None:
    assert parse_offer(CHROMIUM).candidates == ()


def test_candidates_that_can_be_used_are_kept() -> None:
    offer = parse_offer(
        with_lines(
            HOST,
            HOST,
            "a=candidate:2 1 UDP 2 FD00::2 9 typ srflx raddr ::1 rport 1",
            "a=candidate:3 2 udp 1 192.0.2.8 9 typ host",
            "a=candidate:4 1 tcp 1 192.0.2.8 9 typ host tcptype active",
            "a=candidate:5 1 udp 1 224.0.0.1 9 typ host",
            "a=candidate:6 1 udp 1 0.0.0.0 9 typ host",
            "a=candidate:7 1 udp 1 192.0.2.8 0 typ host",
            "a=candidate:8 1 udp 1 example.org 9 typ host",
            "a=candidate:9 1 udp 1 192.0.2.9 9 typ prflx",
        )
    )

    assert offer.candidates == (
        Candidate("1", 2113937151, "192.0.2.7", 4711, "host"),
        Candidate("2", 2, "fd00::2", 9, "srflx"),
    )


def test_thousands_of_candidates_are_not_all_used() -> None:
    lines = [f"a=candidate:{n} 1 udp {n} 192.0.2.{n % 256} {n} typ host" for n in range(1, 900)]

    assert len(parse_offer(with_lines(*lines)).candidates) == MAX_CANDIDATES


def test_credentials_of_the_whole_session_count_where_a_section_has_none() -> None:
    session = "a=ice-ufrag:abcd\r\na=ice-pwd:" + "p" * 22
    text = changed("a=ice-ufrag:NjB+\r\n", "").replace("a=ice-pwd:", "a=was-pwd:")
    text = text.replace("a=extmap-allow-mixed", session, 1)

    assert parse_offer(text).ufrag == "abcd"


def test_a_single_section_needs_no_group() -> None:
    section = CHROMIUM.partition("m=audio")[0].replace("a=group:BUNDLE 0 1 2\r\n", "")

    assert parse_offer(section).bundled == ("0",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{}",
        "v=0\r\n",
        "v=0\r\nm=video\r\n",
        "\0" * 100,
        "v=0\r\n" + "a=x\r\n" * MAX_OFFER,
        CHROMIUM + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 40,
        changed("a=group:BUNDLE 0 1 2\r\n", ""),
        changed("BUNDLE 0 1 2", "BUNDLE 0 1 7"),
        changed("BUNDLE 0 1 2", ""),
        changed("BUNDLE 0 1 2", "BUNDLE"),
        changed("BUNDLE 0 1 2", "BUNDLE 0 1 2 0"),
        changed("a=mid:1", "a=mid:0"),
        changed("a=mid:0", "a=mid:" + "x" * 900),
        changed("a=ice-ufrag:NjB+", "a=ice-ufrag:n"),
        changed("a=ice-pwd:3O2+", "a=ice-pwd:3O2!"),
        changed("a=setup:actpass", "a=setup:holdconn"),
        changed("a=setup:actpass", "a=x:y"),
        changed("sha-256 44:4D", "sha-256 44:XX"),
        changed("sha-256 44:4D:", "sha-256 44:"),
        changed("sha-256", "md5"),
        changed("a=fingerprint:", "a=finger:"),
        changed("m=video 9 ", "m=video 99999 "),
        changed("m=video 9 ", "m=video -9 "),
        changed("H264/90000", "H264/x"),
        changed("UDP/TLS/RTP/SAVPF 96 97", "UDP/TLS/RTP/SAVPF 960 97").replace(
            "a=rtpmap:96 ", "a=rtpmap:960 "
        ),
        changed("a=sctp-port:5000", "a=sctp-port:500000"),
        with_lines("a=candidate:1 1 udp"),
        with_lines("a=candidate:1 1 udp 99999999999 192.0.2.7 4711 typ host"),
        with_lines("a=candidate:1 1 udp 1 192.0.2.7 99999 typ host"),
        with_lines("a=x\x07y"),
    ],
    ids=range(32),
)
def test_what_is_malformed_is_refused(text: str) -> None:
    with pytest.raises(BadOffer):
        parse_offer(text)


def _cut(text: str, chance: random.Random) -> str:
    begin = chance.randrange(len(text))
    return text[:begin] + text[begin + chance.randrange(200) :]


def _swapped(text: str, chance: random.Random) -> str:
    lines = text.split("\r\n")
    first, second = chance.sample(range(len(lines)), 2)
    lines[first], lines[second] = lines[second], lines[first]
    return "\r\n".join(lines)


def _overwritten(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice("\0\n :=/-9ÿ") + text[at + 1 :]


def _repeated(text: str, chance: random.Random) -> str:
    begin = chance.randrange(len(text))
    return text + text[begin : begin + 3000]


@pytest.mark.parametrize("damage", [_cut, _swapped, _overwritten, _repeated])
def test_a_damaged_offer_is_read_or_refused(damage: Callable[[str, random.Random], str]) -> None:
    refused = 0
    for seed in range(300):
        chance, text = random.Random(seed), CHROMIUM
        for _ in range(chance.randint(1, 5)):
            text = damage(text, chance)
        try:
            parse_offer(text)
        except BadOffer:
            refused += 1

    assert 0 < refused < 300


def test_a_fragment_brings_candidates() -> None:
    text = (
        f"a=ice-ufrag:NjB+\r\na=ice-pwd:{'p' * 22}\r\nm=video 9 RTP/AVP 0\r\na=mid:0\r\n{HOST}\r\n"
    )

    fragment = parse_fragment(text)

    assert fragment.ufrag == "NjB+"
    assert [candidate.host for candidate in fragment.candidates] == ["192.0.2.7"]


def test_a_fragment_without_candidates_is_fine() -> None:
    assert parse_fragment("a=end-of-candidates\r\n").candidates == ()


@pytest.mark.parametrize("text", ["hello", "a=ice-ufrag:!!!!", "a=candidate:1", "a=x\r\n" * 20_000])
def test_a_malformed_fragment_is_refused(text: str) -> None:
    with pytest.raises(BadOffer):
        parse_fragment(text)
