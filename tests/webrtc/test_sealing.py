"""Encryption: whatever the profile, libsrtp opens it, over a roll-over too."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pylibsrtp
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from streamer.webrtc.packets import MAX_PAYLOAD, MediaPackets, Packetizer, rtp_header
from streamer.webrtc.sealing import GcmSealer, Keys, Layout, LibsrtpSealer, Run, Sealer, sealer_of
from tests.webrtc.pictures import IDR, PPS, SPS, picture, sent, unit

PROFILES = {
    "SRTP_AEAD_AES_128_GCM": (16, 12, pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM),
    "SRTP_AEAD_AES_256_GCM": (32, 12, pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM),
    "SRTP_AES128_CM_SHA1_80": (16, 14, pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80),
}
GCM = "SRTP_AEAD_AES_128_GCM"


def keys_of(profile: str) -> Keys:
    key, salt, _ = PROFILES[profile]
    return Keys(profile, os.urandom(key), os.urandom(salt))


def opener(keys: Keys) -> pylibsrtp.Session:
    policy = pylibsrtp.Policy(
        key=keys.key + keys.salt,
        ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND,
        srtp_profile=PROFILES[keys.profile][2],
    )
    return pylibsrtp.Session(policy)


def datagrams(runs: list[Run]) -> list[bytes]:
    return [
        bytes(run.data[begin : begin + run.size])
        for run in runs
        for begin in range(0, len(run.data), run.size)
    ]


def sealed(sealer: Sealer, packets: MediaPackets, index: int | None = None) -> list[bytes]:
    layout = Layout(packets, 96, sealer.tag)
    sealer.seal(layout, packets.first_sequence if index is None else index)
    return datagrams(layout.runs)


@pytest.mark.parametrize("profile", PROFILES)
def test_libsrtp_opens_what_was_sealed(profile: str) -> None:
    keys = keys_of(profile)
    packets = sent(Packetizer("video", 7, 65_534), 9000, shown_at=3.0)
    receiver = opener(keys)

    opened = [receiver.unprotect(packet) for packet in sealed(sealer_of(keys), packets)]

    assert [packet[12:] for packet in opened] == list(packets.payloads)
    assert [packet[1] for packet in opened] == [96] * 7 + [96 | 0x80]


def test_aes_gcm_without_encrypt_into_seals_the_same() -> None:
    keys = keys_of(GCM)
    packets = sent(Packetizer("video", 7, 5), 4000)

    def older(key: bytes) -> object:
        return SimpleNamespace(encrypt=AESGCM(key).encrypt)

    assert sealed(GcmSealer(keys, older), packets) == sealed(GcmSealer(keys), packets)


def test_aes_gcm_by_libsrtp_seals_the_same() -> None:
    keys = keys_of(GCM)
    packets = sent(Packetizer("video", 7, 5), 4000)

    assert sealed(LibsrtpSealer(keys), packets) == sealed(GcmSealer(keys), packets)


def test_a_viewer_who_comes_after_a_roll_over_starts_to_count_at_zero() -> None:
    keys = keys_of(GCM)
    packets = sent(Packetizer("video", 7, (3 << 16) + 40_000), 4000)

    first = sealed(sealer_of(keys), packets, packets.first_sequence - (3 << 16))[0]

    assert opener(keys).unprotect(first)[12:] == packets.payloads[0]


@pytest.mark.parametrize("profile", PROFILES)
def test_one_packet_is_sealed_like_many(profile: str) -> None:
    keys = keys_of(profile)
    packets = sent(Packetizer("video", 7, 5), 500)
    header = rtp_header(96, 5, packets.timestamp, 7, marker=True)

    one = sealer_of(keys).seal_one(header, packets.payloads[0], 7, 5)

    assert [one] == sealed(sealer_of(keys), packets)


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(KeyError):
        sealer_of(Keys("SRTP_NULL", b"", b""))


def test_two_sounds_are_one_run() -> None:
    packets = Packetizer("audio", 7, 0).sounds(
        [b"\xfc" + bytes(200), b"\xfc" + bytes(240)], shown_at=0.0
    )

    (run,) = Layout(packets, 111, 16).runs

    assert (run.size, run.count) == (12 + 241 + 16, 2)


@pytest.mark.parametrize("tag", [10, 16])
def test_a_run_is_as_long_as_the_tag_makes_it(tag: int) -> None:
    packets = sent(Packetizer("video", 7, 0), 9000)

    (run,) = Layout(packets, 96, tag).runs

    assert run.size == 12 + len(packets.payloads[0]) + tag
    assert run.count == len(packets.payloads)


def test_packets_of_unequal_size_go_in_runs_of_their_own() -> None:
    data = picture(unit(SPS, 20), unit(PPS, 5), unit(IDR, 4000), unit(IDR, 4000))
    packets = Packetizer("video", 7, 0).packets(data, shown_at=0.0)
    layout = Layout(packets, 96, 16)

    assert [run.count for run in layout.runs] == [1, 4, 4]
    assert sum(len(run.data) for run in layout.runs) == packets.octets + 9 * 28


def test_a_run_is_no_longer_than_a_datagram_and_64_segments() -> None:
    packets = sent(Packetizer("video", 7, 0), 200_000)

    runs = Layout(packets, 96, 16).runs

    assert max(len(run.data) for run in runs) <= 65_000
    assert max(run.count for run in runs) <= 64
    assert MAX_PAYLOAD + 28 <= 1232
