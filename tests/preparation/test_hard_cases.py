"""All the forms that films come in: each frame is the right one, wherever making begins."""

from __future__ import annotations

import random
from bisect import bisect_right
from fractions import Fraction
from pathlib import Path

import av
import pytest

from harness.films import cut_off
from streamer.preparation.copying import copied_segments
from streamer.preparation.plan import RenditionPlan, plan_rendition
from streamer.preparation.segments import Sample, Segment
from streamer.preparation.source import Source
from streamer.preparation.survey import survey
from streamer.preparation.video import encoded_segments
from tests.preparation.decoding import numbers_of
from tests.preparation.numbered_films import NumberedFilm

NTSC = Fraction(24000, 1001)

LIKE_OURS = {"preset": "superfast", "profile": "baseline", "crf": "23", "bf": "0", "g": "50"}
FILMS = {
    "mp4 with B-frames": NumberedFilm(encoding={"preset": "veryfast", "bf": "3"}),
    "matroska, which rounds times": NumberedFilm("matroska", encoding={"bf": "2"}, rate=NTSC),
    "transport stream from 1 h on": NumberedFilm("mpegts", encoding={"bf": "2"}, start=3600),
    "hevc with open groups": NumberedFilm(
        "matroska", "libx265", {"preset": "superfast", "x265-params": "log-level=none:keyint=60"}
    ),
    "vp9": NumberedFilm("webm", "libvpx-vp9", audio="libopus"),
    "mpeg-4 in avi": NumberedFilm("avi", "mpeg4", audio="libmp3lame"),
    "mpeg-2": NumberedFilm("mpegts", "mpeg2video", {"bf": "2"}, audio="mp2"),
    "one keyframe": NumberedFilm(encoding={"g": "9999", "bf": "3", "preset": "veryfast"}),
    "23.976": NumberedFilm(rate=NTSC, encoding={"bf": "2"}),
    "variable rate": NumberedFilm(steps=(1, 2, 3), encoding={"bf": "2"}),
    "a slide show": NumberedFilm("matroska", steps=(130, 40, 5), seconds=20, encoding={"bf": "1"}),
    "a slow one": NumberedFilm(steps=(12,), seconds=12, encoding={"bf": "1"}),
    "10 bit": NumberedFilm(pixels="yuv420p10le"),
    "4:2:2": NumberedFilm("mov", pixels="yuv422p"),
    "odd sizes": NumberedFilm(size=(318, 178), encoding={"bf": "1"}),
    "high rate": NumberedFilm(rate=Fraction(60), seconds=4, encoding={"bf": "1"}),
    "interlaced": NumberedFilm(encoding={"flags": "+ildct+ilme", "x264-params": "tff=1"}),
    "no sound": NumberedFilm(audio=None, encoding={"bf": "1"}),
    "several references": NumberedFilm(encoding={"profile": "baseline", "g": "50", "bf": "0"}),
    "another quantizer": NumberedFilm(encoding={**LIKE_OURS, "crf": "28"}),
    "fit to be copied": NumberedFilm(encoding=LIKE_OURS),
    "fit to be copied, in matroska": NumberedFilm("matroska", encoding=LIKE_OURS, rate=NTSC),
}


def segment_of(path: Path, plan: RenditionPlan, number: int) -> Segment:
    """Return the picture of a segment, from a run that begins with it."""
    source = Source(str(path), threads=1)
    run = (copied_segments if plan.copied else encoded_segments)(source, plan, number)
    made, samples, _ = next(run)
    source.close()
    video = tuple(Sample(s.time / 90_000, s.data, s.keyframe) for s in samples)
    assert made == number
    return Segment(number, float(plan.edges[number]), float(plan.edges[number + 1]), video, ())


def plan_of(path: Path) -> RenditionPlan:
    source = Source(str(path), threads=1)
    facts = survey(source)
    source.close()
    return plan_rendition(facts, facts.duration)


def times_in(path: Path) -> list[Fraction]:
    """Return when each frame is shown by the file itself, read from its beginning to its end."""
    with av.open(str(path)) as container:
        start = Fraction(container.start_time or 0, av.time_base)
        [stream] = container.streams.video
        assert stream.time_base is not None
        return sorted((frame.pts or 0) * stream.time_base - start for frame in container.decode(0))


@pytest.mark.parametrize("name", FILMS)
def test_every_segment_shows_the_frames_of_its_time(name: str, tmp_path: Path) -> None:
    film = FILMS[name]
    path = film.write(tmp_path / "film")
    plan, times = plan_of(path), times_in(path)
    # The first picture stands from 0 on, also where the sound begins before it.
    times[0] = Fraction(0)
    assert len(times) == len(film.times())
    assert plan.copied == ("copied" in name)
    assert plan.sound == (film.audio is not None)
    numbers = list(range(plan.count))
    random.Random(1).shuffle(numbers)

    drawn = {}
    for number in numbers:
        segment = segment_of(path, plan, number)
        assert segment.video[0].keyframe
        assert segment.start - 0.011 <= segment.video[0].position <= segment.start + 0.1
        assert segment.video[-1].position < segment.end
        seen = numbers_of(segment)
        for position, n in seen:
            # A picture that is still there at a segment's beginning is shown again.
            assert n == bisect_right(times, position + 0.001) - 1, position
        drawn[number] = [n for _, n in seen]

    in_order = [n for number in sorted(drawn) for n in drawn[number]]
    assert sorted({n for n in in_order if n is not None}) == list(range(len(times)))
    if len(set(film.steps)) == 1 and film.steps[0] < 12:
        assert in_order == list(range(len(times))), "each frame once"


def test_a_turned_film_stands_upright(tmp_path: Path) -> None:
    path = NumberedFilm(rotation=90).write(tmp_path / "film")
    plan = plan_of(path)
    assert (plan.width, plan.height) == (360, 640)

    seen = numbers_of(segment_of(path, plan, 1), turned=True)

    assert [n for _, n in seen] == list(range(50, 100))


def test_a_film_that_is_cut_off_stands_at_its_last_picture(tmp_path: Path) -> None:
    film = NumberedFilm("matroska", seconds=12, encoding={"bf": "2", "g": "25"})
    path = cut_off(film.write(tmp_path / "whole"), tmp_path / "film")
    plan = plan_of(path)
    assert plan.duration == pytest.approx(12, abs=0.1)

    held = [numbers_of(segment_of(path, plan, number)) for number in range(plan.count)]

    assert [n for _, n in held[0]] == list(range(50))
    *_, before, last = held
    [(position, stands)] = last
    assert position == plan.edges[-2]
    assert stands is not None
    assert 50 < stands < 250
    assert [n for _, n in before] == [stands]
