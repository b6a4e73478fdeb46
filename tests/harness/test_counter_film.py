"""The film of numbered frames: what machines read in it is right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import pytest

from harness.films import counter_film, shared_media
from harness.picture import FRAME_RATE, HEIGHT, WIDTH, Painter, drawn_number


def read_number(luma: bytes, line: int = WIDTH) -> int:
    """Return the number that the cells of a picture show; see the shared films' manifest."""
    number = drawn_number(lambda x, y: luma[y * line + x])
    assert number is not None, "a cell and its complement agree"
    return number


def shown(path: Path) -> Iterator[tuple[float, int]]:
    """Return of each frame its time, seconds, and the number drawn in it."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.time is not None
            plane = frame.planes[0]
            yield frame.time, read_number(bytes(plane), plane.line_size)


@pytest.mark.parametrize("n", [0, 1, 2, 0x5555, 0xAAAA, 0xFFFF])
def test_the_cells_of_a_painted_frame_hold_its_number(n: int) -> None:
    luma, blue, red = Painter(1500).planes(n)

    assert read_number(luma) == n
    assert (len(luma), len(blue), len(red)) == (WIDTH * HEIGHT, *[WIDTH * HEIGHT // 4] * 2)
    assert set(blue[: WIDTH // 2 * 40]) == set(red[: WIDTH // 2 * 40]) == {128}, "no colour there"
    assert min(luma) >= 16
    assert max(luma) <= 235


def test_each_frame_is_shown_at_its_time() -> None:
    assert [(round(time * FRAME_RATE, 6), n) for time, n in shown(counter_film(4))] == [
        (float(n), n) for n in range(100)
    ]


def test_the_shared_counter_film_is_read_the_same_way() -> None:
    media = shared_media()
    if media is None:
        pytest.skip("no shared films beside the checkout")

    numbers = [n for _, n in shown(media / "counter-120s.mp4")]

    assert numbers == list(range(3000))


def test_a_keyframe_comes_every_two_seconds_and_nothing_leans_over_it() -> None:
    with av.open(str(counter_film(4))) as container:
        packets = [p for p in container.demux(video=0) if p.pts is not None]
    keys = [p for p in packets if p.is_keyframe]

    assert [p.pts * p.time_base for p in keys if p.pts is not None and p.time_base] == [0, 2]
    after = packets[packets.index(keys[1]) :]
    assert all((p.pts or 0) >= (keys[1].pts or 0) for p in after), "the groups are closed"
    assert any((b.pts or 0) < (a.pts or 0) for a, b in pairwise(packets)), "it has B-frames"


def beeps(path: Path) -> list[float]:
    """Return when a sound begins after at least a quarter of a second of silence, seconds."""
    loud: list[float] = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
        samples = b"".join(
            bytes(part.planes[0])[: part.samples * 2]
            for frame in container.decode(audio=0)
            for part in resampler.resample(frame)
        )
    quiet_since = -48_000
    for at, value in enumerate(memoryview(samples).cast("h")):
        if abs(value) > 3000:
            if at - quiet_since > 12_000:
                loud.append(at / 48_000)
            quiet_since = at
    return loud


def test_a_beep_begins_with_each_second() -> None:
    assert beeps(counter_film(4)) == pytest.approx([0.0, 1.0, 2.0, 3.0], abs=0.005)


def test_the_index_stands_before_the_pictures() -> None:
    content = counter_film(4).read_bytes()

    assert content.index(b"moov") < content.index(b"mdat")
