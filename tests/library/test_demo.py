"""The demo film: what machines read in it is right, and half a film is never left behind."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import pytest
from rich.console import Console

from harness.films import counter_film, shared_media
from streamer.library.demo import DEMO_NAME, has_films, make_demo, make_demo_with_bar
from streamer.library.errors import FolderUnusable
from streamer.library.naming import name_film
from streamer.library.picture import FRAME_RATE, HEIGHT, WIDTH, Painter
from streamer.library.probe import probe
from streamer.library.verdict import judge


def read_number(luma: bytes, line: int = WIDTH) -> int:
    """Return the number that the cells of a picture show; see the shared films' manifest."""
    number = 0
    for cell in range(16):
        bit = luma[20 * line + 40 * cell + 20] > 128
        assert bit != (luma[60 * line + 40 * cell + 20] > 128), "a cell and its complement agree"
        number = number << 1 | bit
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


def test_a_beep_begins_with_each_second() -> None:
    loud: list[float] = []
    with av.open(str(counter_film(4))) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
        samples = b"".join(
            bytes(part.planes[0])[: part.samples * 2]
            for frame in container.decode(audio=0)
            for part in resampler.resample(frame)
        )
    values = memoryview(samples).cast("h")
    quiet_since = -48_000
    for at, value in enumerate(values):
        if abs(value) > 3000:
            if at - quiet_since > 12_000:
                loud.append(at / 48_000)
            quiet_since = at

    assert loud == pytest.approx([0.0, 1.0, 2.0, 3.0], abs=0.005)


async def test_a_demo_film_plays_as_it_is_and_is_called_so(tmp_path: Path) -> None:
    make_demo(tmp_path / DEMO_NAME, seconds=1)

    facts = (await probe(tmp_path / DEMO_NAME)).facts

    assert facts is not None
    assert judge(facts).playable
    assert (facts.duration, facts.start, facts.truncated) == (1.0, 0.0, False)
    assert name_film(Path(DEMO_NAME)).title == "Seans demo"


def test_the_index_stands_before_the_pictures() -> None:
    content = counter_film(4).read_bytes()

    assert content.index(b"moov") < content.index(b"mdat")


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    told: list[float] = []

    make_demo(tmp_path / "x.mp4", 3, told.append)

    assert told == pytest.approx([1 / 3, 2 / 3, 1.0])


def test_an_interrupted_film_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupt(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_demo(tmp_path / "x.mp4", 3, interrupt)

    assert list(tmp_path.iterdir()) == []


def test_while_it_is_made_the_folder_has_no_films(tmp_path: Path) -> None:
    seen: list[bool] = []

    make_demo(tmp_path / "x.mp4", 2, lambda share: seen.append(has_films(tmp_path)))

    assert seen == [False, False]
    assert has_films(tmp_path)


def test_a_folder_that_is_not_there_is_no_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(FolderUnusable):
        has_films(tmp_path / "gone")


def test_the_bar_ends_at_the_whole(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80)

    make_demo_with_bar(tmp_path / "x.mp4", console, seconds=1)

    assert isinstance(console.file, io.StringIO)
    assert "Making a demo film" in console.file.getvalue()
    assert (tmp_path / "x.mp4").exists()
