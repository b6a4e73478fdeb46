"""Which sound the pump sends when."""

from __future__ import annotations

from itertools import pairwise

import pytest

from harness.live.bare_segments import loaded_film
from harness.rooms import T0
from sessions.core.timeline import Chain, Timeline, scheduled
from streamer.webrtc.loaded_film import LoadedFilm
from streamer.webrtc.sound_schedule import PACKET_S, SILENCE, SoundPacket, sound_until

D = 0.25


def heard(
    chain: Chain, begin: float, end: float, film: LoadedFilm | None = None
) -> list[SoundPacket]:
    film = film or loaded_film(20.0)
    settled, packets = begin, list[SoundPacket]()
    for step in range(round((end - begin) / 0.02)):
        new, settled = sound_until(begin + step * 0.02, settled, chain, film)
        packets += new
    return packets


def test_sound_is_heard_when_the_timeline_is_there() -> None:
    packets = heard(Chain((scheduled(T0),)), T0 + 1.0, T0 + 5.0)

    for packet in packets:
        number = int(packet.data.split()[1])
        assert packet.shown_at == pytest.approx(T0 + number * PACKET_S, abs=1e-5)
    assert len(packets) == 200


def test_silence_is_sent_up_to_the_first_packet() -> None:
    packets = heard(Chain((scheduled(T0),)), T0 - 0.513, T0 + 0.2)

    before = [packet for packet in packets if packet.shown_at < T0 - 1e-6]
    assert all(packet.data == SILENCE for packet in before)
    assert packets[len(before)].data == b"sound 0"
    assert all(b.shown_at - a.shown_at < 2 * PACKET_S for a, b in pairwise(packets))


@pytest.mark.parametrize("rate", [0.0, 1.5])
def test_a_film_that_stands_or_runs_faster_is_silent(rate: float) -> None:
    packets = heard(Chain((Timeline(1, 5.0, rate, T0, None, "rate"),)), T0, T0 + 1.0)

    assert {packet.data for packet in packets} == {SILENCE}
    assert all(b.shown_at - a.shown_at == pytest.approx(PACKET_S) for a, b in pairwise(packets))


def test_packets_never_overlap_over_a_seek() -> None:
    seek = Timeline(2, 11.1234, 1.0, T0 + 1.0071, "somebody", "seek")
    packets = heard(Chain((scheduled(T0), seek)), T0, T0 + 2.0)

    gaps = [b.shown_at - a.shown_at - PACKET_S for a, b in pairwise(packets)]
    assert min(gaps) > -1e-5
    assert sum(gap > 1e-5 for gap in gaps) == 1
    after = [p for p in packets if p.shown_at > T0 + 1.0071]
    assert after[0].data == b"sound 557"
    assert after[0].shown_at == pytest.approx(T0 + 1.0071 + 11.14 - 11.1234)


def test_sound_that_is_not_made_yet_is_silence() -> None:
    packets = heard(Chain((scheduled(T0),)), T0, T0 + 5.0, loaded_film(20.0, but=[1]))

    silent = [p.shown_at - T0 for p in packets if p.data == SILENCE]
    assert min(silent) == pytest.approx(2.0)
    assert max(silent) == pytest.approx(3.98)


def test_after_a_hang_nothing_old_is_sent() -> None:
    chain = Chain((scheduled(T0),))

    packets, settled = sound_until(T0 + 9.0, T0 + 1.0, chain, loaded_film(20.0))

    assert packets[0].shown_at == pytest.approx(T0 + 9.0)
    assert settled == pytest.approx(packets[-1].shown_at + PACKET_S)
