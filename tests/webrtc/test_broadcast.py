"""The fan-out: everybody gets everything once, latecomers from the last keyframe on."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from harness.rooms import until
from streamer.webrtc import broadcast as module
from streamer.webrtc.broadcast import Broadcast
from streamer.webrtc.packets import MediaPackets
from streamer.webrtc.sound_schedule import SoundPacket
from tests.webrtc.pictures import IDR, SLICE, picture, unit

SOUND = b"\xfc\1"


class Viewer:
    """Notes what it is sent."""

    def __init__(self) -> None:
        self.got: list[MediaPackets] = []

    def send(self, packets: MediaPackets) -> None:
        self.got.append(packets)

    @property
    def sequences(self) -> list[int]:
        return [
            packets.first_sequence + index
            for packets in self.got
            if packets.kind == "video"
            for index in range(len(packets.payloads))
        ]


class Pauses:
    """Waits that end when the test says."""

    def __init__(self) -> None:
        self.asked = 0
        self._going_on = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked += 1
        await self._going_on.wait()

    def go_on(self) -> None:
        self._going_on.set()


async def nothing(_: float) -> None:
    await asyncio.sleep(0)


def made(**options: object) -> Broadcast:
    numbers = count(100)
    return Broadcast(pause=nothing, random_below=lambda most: next(numbers) % most, **options)  # type: ignore[arg-type]


async def show(to: Broadcast, size: int = 500, *, keyframe: bool = False) -> None:
    data = picture(unit(IDR if keyframe else SLICE, size))
    await to.send(data, shown_at=0.0, keyframe=keyframe)


async def sound(to: Broadcast, shown_at: float = 0.0) -> None:
    """Send two Opus packets, which go out together."""
    await to.send_sounds([SoundPacket(SOUND, shown_at), SoundPacket(SOUND, shown_at + 0.02)])


async def settled(to: Broadcast, viewer: Viewer) -> None:
    await until(lambda: to.caught_up(viewer))


async def test_everybody_gets_every_picture_and_sound() -> None:
    room, viewers = made(), [Viewer(), Viewer()]
    for viewer in viewers:
        room.subscribe(viewer)
        await settled(room, viewer)

    await show(room, keyframe=True)
    await sound(room)

    for viewer in viewers:
        assert [packets.kind for packets in viewer.got] == ["video", "audio"]
    assert viewers[0].got[0] is viewers[1].got[0]


async def test_sounds_that_do_not_follow_each_other_keep_their_times() -> None:
    room, viewer = made(), Viewer()
    room.subscribe(viewer)
    await settled(room, viewer)

    times = [1.0, 1.02, 7.0, 7.02, 7.04]
    await room.send_sounds([SoundPacket(SOUND, time) for time in times])

    assert [packets.timestamp for packets in viewer.got] == [48_000, 7 * 48_000]
    assert [len(packets.payloads) for packets in viewer.got] == [2, 3]


async def test_a_latecomer_gets_the_group_of_pictures_in_progress() -> None:
    room, viewer = made(), Viewer()
    for keyframe in (True, False, True, False, False):
        await show(room, keyframe=keyframe)

    room.subscribe(viewer)
    await settled(room, viewer)
    await show(room)

    assert [packets.keyframe for packets in viewer.got] == [True, False, False, False]
    first = viewer.got[0].first_sequence
    assert viewer.sequences == list(range(first, first + 4))


async def test_pictures_that_come_meanwhile_are_sent_in_their_order_once() -> None:
    pauses = Pauses()
    room, viewer = Broadcast(pause=pauses), Viewer()
    await show(room, keyframe=True)
    for _ in range(2 * module.PIECE):
        await show(room)

    room.subscribe(viewer)
    await until(lambda: pauses.asked == 1)
    await show(room)
    await show(room)
    assert len(viewer.got) == module.PIECE
    pauses.go_on()
    await settled(room, viewer)
    await show(room)

    assert len(viewer.sequences) == 2 * module.PIECE + 4
    assert viewer.sequences == list(range(viewer.sequences[0], viewer.sequences[-1] + 1))


async def test_sound_is_sent_at_once_to_who_is_catching_up() -> None:
    pauses = Pauses()
    room, viewer = Broadcast(pause=pauses), Viewer()
    await show(room, keyframe=True)
    for _ in range(module.PIECE):
        await show(room)
    room.subscribe(viewer)
    await until(lambda: pauses.asked == 1)

    await sound(room)

    assert viewer.got[-1].kind == "audio"
    room.unsubscribe(viewer)


async def test_before_the_first_keyframe_a_viewer_waits_for_it() -> None:
    room, viewer = made(), Viewer()
    await show(room)

    room.subscribe(viewer)
    await settled(room, viewer)
    assert viewer.got == []

    await show(room, keyframe=True)
    assert len(viewer.got) == 1


async def test_after_forgetting_a_viewer_waits_for_the_next_keyframe() -> None:
    room, viewer = made(), Viewer()
    await show(room, keyframe=True)
    room.forget()

    room.subscribe(viewer)
    await settled(room, viewer)

    assert viewer.got == []


async def test_a_large_picture_goes_out_in_pieces() -> None:
    pauses = Pauses()
    room, viewer = Broadcast(pause=pauses), Viewer()
    room.subscribe(viewer)
    await settled(room, viewer)

    showing = asyncio.create_task(show(room, 100_000, keyframe=True))
    await until(lambda: pauses.asked == 1)
    assert [len(packets.payloads) for packets in viewer.got] == [module.PIECE]
    pauses.go_on()
    await showing

    assert len(viewer.sequences) == 84
    assert [packets.complete for packets in viewer.got] == [False, False, True]


async def test_others_have_their_turn_within_a_fan_out() -> None:
    room, turns = made(), 0
    for _ in range(3 * module.VIEWERS_A_TURN):
        room.subscribe(viewer := Viewer())
        await settled(room, viewer)

    async def other() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    before = turns
    await show(room, keyframe=True)
    task.cancel()

    assert turns - before >= 2


async def test_who_leaves_within_a_fan_out_is_not_sent_to() -> None:
    room = made()
    viewers = [Viewer() for _ in range(2 * module.VIEWERS_A_TURN)]
    for viewer in viewers:
        room.subscribe(viewer)
        await settled(room, viewer)

    showing = asyncio.create_task(show(room, keyframe=True))
    await asyncio.sleep(0)
    room.unsubscribe(viewers[-1])
    await showing

    assert viewers[-2].got
    assert not viewers[-1].got


async def test_the_number_of_viewers_is_told() -> None:
    told: list[int] = []
    room, viewer = made(on_viewers=told.append), Viewer()

    room.subscribe(viewer)
    room.unsubscribe(viewer)
    room.unsubscribe(viewer)

    assert told == [1, 0]
    assert room.viewers == 0


async def test_a_viewer_that_lost_its_picture_gets_the_group_again() -> None:
    room, viewer = made(), Viewer()
    room.subscribe(viewer)
    await settled(room, viewer)
    await show(room, keyframe=True)
    await show(room)
    first = list(viewer.got)

    room.refresh(viewer)
    await until(lambda: len(viewer.got) == 4)

    assert viewer.got == first + first
    room.refresh(Viewer())


async def test_a_packet_is_found_by_stream_and_number() -> None:
    room = made()
    await show(room, keyframe=True)
    await sound(room)
    ssrc = room.ssrcs["audio"][0]

    packet = room.find(ssrc, next(n for n in range(1 << 16) if room.find(ssrc, n)))

    assert packet is not None
    assert packet.packets.kind == "audio"
    assert room.find(99, 0) is None


def test_streams_have_ssrcs_of_their_own() -> None:
    numbers = iter([5, 5, 6, 7, 8, 1, 2])

    room = Broadcast(random_below=lambda _: next(numbers))

    assert room.ssrcs == {"video": (6, 7), "audio": (8, 9)}


async def test_what_is_no_picture_is_refused_and_nobody_gets_it() -> None:
    room, viewer = made(), Viewer()
    room.subscribe(viewer)

    with pytest.raises(ValueError, match="NAL"):
        await room.send(b"\0\0\0\7x", shown_at=0.0)

    assert viewer.got == []
