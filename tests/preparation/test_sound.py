"""Sound lies on one grid of 20 ms, and runs of different beginnings fit without a click."""

from __future__ import annotations

from itertools import pairwise
from math import cos, log10, pi, sin
from pathlib import Path

import pytest

from harness.films import cut_off
from streamer.preparation.fragments import TimedSample
from streamer.preparation.plan import plan_rendition
from streamer.preparation.segments import Sample
from streamer.preparation.sound import sound_segments
from streamer.preparation.source import Source
from streamer.preparation.survey import survey
from tests.preparation.decoding import samples_of
from tests.preparation.numbered_films import TONE_HZ, NumberedFilm

RATE = 48_000
PACKET = 960
WINDOW = 480
"""Samples of 10 ms, in which a click would be heard."""

PICTURE = {"preset": "ultrafast", "bf": "1"}

FILMS = {
    "aac 44.1 in matroska": NumberedFilm("matroska", sample_rate=44_100, encoding=PICTURE),
    "aac 48 in mp4": NumberedFilm(encoding=PICTURE),
    "ac-3 5.1 in matroska": NumberedFilm("matroska", audio="ac3", layout="5.1", encoding=PICTURE),
    "mp2 in a transport stream from 1 h on": NumberedFilm(
        "mpegts", audio="mp2", start=3600, encoding=PICTURE
    ),
    "flac, mono": NumberedFilm("matroska", audio="flac", layout="mono", encoding=PICTURE),
    "opus": NumberedFilm("webm", "libvpx-vp9", audio="libopus"),
}


def runs_of(path: Path, *, each_alone: bool) -> list[tuple[TimedSample, ...]]:
    """Return the packets of all segments, of one run or of a run for each."""
    source = Source(str(path), threads=1)
    facts = survey(source)
    plan = plan_rendition(facts, facts.duration)
    if not each_alone:
        made = [samples for _, samples, _ in sound_segments(source, plan, 0)]
    else:
        made = []
        for number in reversed(range(plan.count)):
            source = Source(str(path), threads=1)
            made.insert(0, next(sound_segments(source, plan, number))[1])
    assert len(made) == plan.count
    for number, samples in enumerate(made):
        numbers = [sample.time // PACKET for sample in samples]
        assert [sample.time % PACKET for sample in samples] == [0] * len(samples)
        assert numbers == list(range(plan.first_packet(number), plan.first_packet(number + 1)))
    return made


def heard(made: list[tuple[TimedSample, ...]]) -> list[float]:
    packets = [sample for samples in made for sample in samples]
    return samples_of([Sample(p.time / RATE, p.data, keyframe=True) for p in packets])


def begins_of_beeps(samples: list[float]) -> list[float]:
    """Return where it becomes loud, seconds."""
    loud = [any(abs(s) > 0.05 for s in samples[at : at + 24]) for at in range(0, len(samples), 24)]
    begins = []
    for at, is_loud in enumerate(loud):
        if is_loud and not any(loud[max(at - 1000, 0) : at]):
            begins.append(at * 24 / RATE)
    return begins


@pytest.mark.parametrize("name", FILMS)
def test_each_beep_is_heard_at_its_second(name: str, tmp_path: Path) -> None:
    path = FILMS[name].write(tmp_path / "film")

    found = begins_of_beeps(heard(runs_of(path, each_alone=True)))

    assert [round(at) for at in found] == list(range(len(found)))
    assert len(found) >= 6
    # What the source's own codec lays before the sound (its priming) stands in the first 50 ms.
    assert found == [pytest.approx(n, abs=0.05) for n in range(len(found))]
    away = [at - n for n, at in enumerate(found)][1:]
    assert max(away) - min(away) < 0.002


def left_of_tone(samples: list[float], at: int) -> float:
    """Return what is left of a window when the best fitting tone is taken away, dB."""
    window = samples[at : at + WINDOW]
    angles = [2 * pi * TONE_HZ * n / RATE for n in range(WINDOW)]
    sines, cosines = [sin(x) for x in angles], [cos(x) for x in angles]
    # The normal equations of least squares.
    ss, cc = sum(x * x for x in sines), sum(x * x for x in cosines)
    sc = sum(x * y for x, y in zip(sines, cosines, strict=True))
    ws = sum(w * x for w, x in zip(window, sines, strict=True))
    wc = sum(w * x for w, x in zip(window, cosines, strict=True))
    a, b = (ws * cc - wc * sc) / (ss * cc - sc * sc), (wc * ss - ws * sc) / (ss * cc - sc * sc)
    rest = [s - a * sin(x) - b * cos(x) for s, x in zip(window, angles, strict=True)]
    power = sum(r * r for r in rest) / sum(s * s for s in window)
    return 10 * log10(max(power, 1e-12))


@pytest.mark.parametrize("rate", [48_000, 44_100])
@pytest.mark.parametrize("codec", ["flac", "aac"])
def test_a_tone_goes_on_over_the_seams_of_runs(codec: str, rate: int, tmp_path: Path) -> None:
    film = NumberedFilm(
        "matroska", audio=codec, sample_rate=rate, beeps=False, seconds=12, encoding=PICTURE
    )
    samples = heard(runs_of(film.write(tmp_path / "film"), each_alone=True))
    packets_before_seams = [100 * n for n in range(1, 6)]

    worst_at_seams = max(
        left_of_tone(samples, packet * PACKET + shift)
        for packet in packets_before_seams
        for shift in range(-WINDOW, 4 * WINDOW, WINDOW // 2)
    )
    elsewhere = max(left_of_tone(samples, at) for at in range(RATE // 2, 11 * RATE, 4 * WINDOW + 7))

    # A click from a phase that is off by ten samples is at -3 dB; AAC adds a noise of its own.
    noise = -40 if codec == "flac" else -30
    assert elsewhere < noise
    assert worst_at_seams < max(elsewhere + 6, noise)


def test_runs_of_other_beginnings_give_the_same_sound(tmp_path: Path) -> None:
    path = NumberedFilm("matroska", sample_rate=44_100, encoding=PICTURE).write(tmp_path / "film")

    whole = heard(runs_of(path, each_alone=False))
    parts = heard(runs_of(path, each_alone=True))

    assert len(whole) == len(parts)
    # 20 ms after a seam nothing tells one from the other.
    for seam, after in pairwise([0, 96_000, 192_000, 288_000]):
        span = slice(seam + 2 * PACKET, after)
        difference = sum((a - b) ** 2 for a, b in zip(whole[span], parts[span], strict=True))
        assert difference < 1e-3 * max(sum(s * s for s in whole[span]), 1e-9)


def test_a_film_that_is_cut_off_is_silent_to_its_end(tmp_path: Path) -> None:
    film = NumberedFilm("matroska", seconds=8, encoding=PICTURE)
    path = cut_off(film.write(tmp_path / "whole"), tmp_path / "film")

    made = runs_of(path, each_alone=True)

    assert max(abs(s) for s in heard(made)[-RATE // 2 :]) < 1e-3
