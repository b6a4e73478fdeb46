"""The packets of the last seconds: found by number, whole back to the last keyframe, bounded."""

from __future__ import annotations

from streamer.webrtc import history
from streamer.webrtc.history import KEPT_S, History
from streamer.webrtc.packets import Packetizer
from tests.webrtc.pictures import sent


def filled(seconds: int, *, first: int = 0, keyframe_every: int = 2) -> History:
    """A history after ``seconds`` of ten pictures a second."""
    packetizer, kept = Packetizer("video", 7, first), History()
    for number in range(seconds * 10):
        keyframe = number % (keyframe_every * 10) == 0
        kept.add(sent(packetizer, 3000, shown_at=number / 10, keyframe=keyframe))
    return kept


def test_a_packet_is_found_by_its_sixteen_bits() -> None:
    kept = filled(2, first=65_530)

    packet = kept.find(3)

    assert packet is not None
    assert packet.sequence == 65_536 + 3


def test_a_packet_that_was_never_sent_is_not_found() -> None:
    kept = filled(1, first=100)

    assert kept.find(99) is None
    assert kept.find(130) is None
    assert History().find(1) is None


def test_old_packets_are_forgotten() -> None:
    kept = filled(20)

    assert kept.find(0) is None
    oldest = next(n for n in range(kept.end) if kept.item(n) is not None)
    item = kept.item(oldest)
    assert item is not None
    assert item.shown_at >= 19.9 - KEPT_S


def test_the_group_of_pictures_in_progress_stays_whole_however_long() -> None:
    kept = filled(9, keyframe_every=10)

    first = kept.item(kept.gop_start)

    assert first is not None
    assert first.keyframe
    assert kept.gop_start == 0


def test_before_the_first_keyframe_there_is_no_group() -> None:
    packetizer, kept = Packetizer("video", 7, 0), History()
    kept.add(sent(packetizer, 100))

    assert kept.gop_start == kept.end


def test_a_group_that_is_too_large_is_forgotten() -> None:
    packetizer, kept = Packetizer("video", 7, 0), History()
    size = history.MAX_BYTES // 4
    for number in range(6):
        kept.add(sent(packetizer, size, shown_at=0.0, keyframe=number == 0))

    assert kept.gop_start == kept.end
    assert sum(kept.item(n) is not None for n in range(6)) == 3


def test_a_group_of_a_picture_that_stands_for_ever_is_forgotten() -> None:
    packetizer, kept = Packetizer("video", 7, 0), History()
    for number in range(history.MAX_ITEMS + 5):
        kept.add(sent(packetizer, 10, shown_at=number / 5, keyframe=number == 0))

    assert kept.gop_start == kept.end
    assert kept.item(4) is None
    assert kept.item(kept.end - 1) is not None


def test_a_cleared_history_goes_on_counting() -> None:
    kept = filled(1)
    end = kept.end

    kept.clear()

    assert kept.end == end
    assert kept.gop_start == end
    assert kept.find(3) is None
