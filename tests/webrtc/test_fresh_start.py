"""A latecomer begins with a keyframe of its own, and then gets what all get."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from harness.live.counter_rendition import counter_segment, drawn_numbers
from harness.rooms import until
from streamer.preparation.nal_units import split
from streamer.preparation.stream_layout import stream_layout
from streamer.webrtc.broadcast import Broadcast
from streamer.webrtc.fresh_start import OwnKeyframe
from streamer.webrtc.keyframe_maker import KeyframeMaker
from streamer.webrtc.packets import MediaPackets

T = 1_800_000_000.0


class Viewer:
    """A subscriber that puts pictures together again, as a receiver does."""

    def __init__(self) -> None:
        self.packets: list[MediaPackets] = []

    def send(self, packets: MediaPackets) -> None:
        self.packets.append(packets)

    def pictures(self) -> list[bytes]:
        found: dict[int, list[bytes]] = {}
        for packets in self.packets:
            found.setdefault(packets.timestamp, []).extend(packets.payloads)
        return [_picture(payloads) for payloads in found.values()]

    def sequences(self) -> list[int]:
        return [p.first_sequence + n for p in self.packets for n in range(len(p.payloads))]


def _picture(payloads: list[bytes]) -> bytes:
    """Return a picture of its RTP payloads (RFC 6184), with lengths before its NAL units."""
    units: list[bytes] = []
    for payload in payloads:
        kind = payload[0] & 0x1F
        if kind == 28 and payload[1] & 0x80:
            units.append(bytes((payload[0] & 0xE0 | payload[1] & 0x1F,)) + payload[2:])
        elif kind == 28:
            units[-1] += payload[2:]
        elif kind == 24:
            units += split(payload[1:], 2)
        else:
            units.append(payload)
    return b"".join(len(unit).to_bytes(4) + unit for unit in units)


class Stage:
    """A broadcast of the second segment of the counter film."""

    def __init__(self) -> None:
        self.sent = 0
        self.maker = KeyframeMaker()
        self.can_make = True
        self.may_give = asyncio.Event()
        """Set: keyframes are given as soon as they are made."""
        self.may_give.set()
        self.broadcast = Broadcast(first_picture=self.first_picture)
        self.video = [*counter_segment(1).video, *counter_segment(2).video]

    async def first_picture(self) -> OwnKeyframe | None:
        if not self.can_make or not self.sent:
            return None
        layout = stream_layout(split(self.video[0].data, 4))
        assert layout is not None
        last = self.sent - 1
        data = await self.maker.keyframe(self.video[: last + 1])
        await self.may_give.wait()
        return None if data is None else OwnKeyframe(data, T + last / 25, layout)

    async def send(self, count: int) -> None:
        for _ in range(count):
            sample = self.video[self.sent]
            shown_at = T + self.sent / 25
            self.sent += 1
            await self.broadcast.send(sample.data, shown_at=shown_at, keyframe=sample.keyframe)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    yield stage
    stage.maker.close()


async def test_the_first_picture_is_that_of_the_moment(stage: Stage) -> None:
    early, late = Viewer(), Viewer()
    stage.broadcast.subscribe(early)
    await asyncio.sleep(0.01)
    await stage.send(20)

    stage.broadcast.subscribe(late)
    await until(lambda: late.packets)
    await stage.send(60)

    assert drawn_numbers(early.pictures()) == list(range(50, 130))
    assert drawn_numbers(late.pictures()) == list(range(69, 130))
    assert late.packets[0].keyframe
    # Without a gap, and in the end the very packets that all get.
    sequences = late.sequences()
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
    assert late.packets[-20:] == early.packets[-20:]


async def test_what_is_sent_while_the_keyframe_is_made_follows_it(stage: Stage) -> None:
    viewer = Viewer()
    await stage.send(10)
    stage.may_give.clear()
    stage.broadcast.subscribe(viewer)
    await asyncio.sleep(0)

    await stage.send(5)
    stage.may_give.set()
    await until(lambda: viewer.packets)
    await stage.send(5)

    assert drawn_numbers(viewer.pictures()) == list(range(59, 70))


async def test_a_packet_that_is_lost_comes_again_as_it_was(stage: Stage) -> None:
    viewer, other = Viewer(), Viewer()
    await stage.send(10)
    stage.broadcast.subscribe(viewer)
    await until(lambda: viewer.packets)
    await stage.send(3)

    packets = viewer.packets[-1]
    found = stage.broadcast.find(packets.ssrc, packets.first_sequence & 0xFFFF, viewer)
    of_all = stage.broadcast.find(packets.ssrc, packets.first_sequence & 0xFFFF, other)

    assert found is not None
    assert of_all is not None
    assert found.packets is packets
    assert of_all.packets.payloads != packets.payloads


async def test_a_viewer_that_lost_its_picture_gets_its_own_again(stage: Stage) -> None:
    viewer = Viewer()
    await stage.send(10)
    stage.broadcast.subscribe(viewer)
    await until(lambda: viewer.packets)
    await stage.send(3)
    before = list(viewer.packets)

    stage.broadcast.refresh(viewer)

    assert viewer.packets == [*before, *before]


async def test_without_a_keyframe_of_its_own_it_gets_what_was_sent(stage: Stage) -> None:
    stage.can_make = False
    viewer = Viewer()
    await stage.send(10)

    stage.broadcast.subscribe(viewer)
    await until(lambda: len(viewer.packets) >= 10)

    assert drawn_numbers(viewer.pictures()) == list(range(50, 60))


async def test_who_got_no_picture_gets_one_when_it_asks() -> None:
    async def fails() -> None:
        raise RuntimeError("a test")

    broadcast, viewer = Broadcast(first_picture=fails), Viewer()
    picture = counter_segment(1).video[0]
    await broadcast.send(picture.data, shown_at=T, keyframe=True)
    broadcast.subscribe(viewer)
    await asyncio.sleep(0.01)

    broadcast.refresh(viewer)
    await until(lambda: viewer.packets)

    assert broadcast.caught_up(viewer)


async def test_who_leaves_meanwhile_gets_nothing(stage: Stage) -> None:
    viewer = Viewer()
    await stage.send(10)
    stage.may_give.clear()
    stage.broadcast.subscribe(viewer)
    await asyncio.sleep(0)

    stage.broadcast.unsubscribe(viewer)
    stage.may_give.set()
    await until(lambda: not stage.maker.is_busy)
    await stage.send(3)

    assert viewer.packets == []
