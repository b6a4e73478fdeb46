"""The plan of a rendition: exact edges, a size that WebRTC promises, and what is copied."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from streamer.preparation.plan import SourceFacts, fitting_size, plan_rendition

FACTS = SourceFacts(
    duration=Fraction(7200),
    rate=Fraction(24000, 1001),
    width=1920,
    height=1080,
    sound=True,
    bit_rate=3_000_000,
)
FITS = replace(FACTS, width=640, height=360, rate=Fraction(25))


def test_segments_of_23_976_are_whole_frames_to_the_end_of_two_hours() -> None:
    plan = plan_rendition(FACTS, Fraction(7200))

    assert plan.edges[1] == Fraction(48 * 1001, 24000)
    frames = [(after - before) * FACTS.rate for before, after in pairwise(plan.edges)]
    assert set(frames[:-1]) == {48}
    assert plan.edges[-1] == 7200
    assert 24 <= frames[-1] <= 72
    assert not plan.copied


@pytest.mark.parametrize("length", ["0.04", "0.9", "1.1", "2.9", "3.1", "120", "5.312"])
def test_the_last_segment_is_never_a_moment(length: str) -> None:
    plan = plan_rendition(replace(FITS), Fraction(length))

    last = plan.edges[-1] - plan.edges[-2]
    assert plan.edges[0] == 0
    assert plan.edges[-1] == Fraction(length)
    assert plan.count == 1 or 1 <= last <= 3


def test_each_position_belongs_to_one_segment() -> None:
    plan = plan_rendition(FACTS, Fraction(7200))

    for number in (0, 1, 1799, plan.count - 1):
        begin, end = float(plan.edges[number]), float(plan.edges[number + 1])
        assert plan.number_at((begin + end) / 2) == number
    assert (plan.number_at(-3), plan.number_at(1e9)) == (0, plan.count - 1)


def test_packets_of_sound_are_shared_out_without_gap_or_overlap() -> None:
    plan = plan_rendition(FACTS, Fraction(7200))

    firsts = [plan.first_packet(number) for number in range(plan.count + 1)]
    assert firsts[0] == 0
    assert firsts[-1] == 7200 * 50
    for first, edge in zip(firsts, plan.edges, strict=True):
        assert 0 <= Fraction(first, 50) - edge < Fraction(1, 50)


@pytest.mark.parametrize(
    ("size", "rate", "fitting"),
    [
        ((640, 360), 25, (640, 360)),
        ((1920, 1080), 24, (1280, 720)),
        ((1080, 1920), 24, (720, 1280)),
        ((3840, 1600), 24, (1280, 534)),
        ((479, 203), 24, (480, 204)),
        ((1, 1), 24, (2, 2)),
    ],
)
def test_a_picture_keeps_its_shape(
    size: tuple[int, int], rate: int, fitting: tuple[int, int]
) -> None:
    assert fitting_size(*size, Fraction(rate)) == fitting


@pytest.mark.parametrize("rate", [24, 25, 30, 50, 60, 120])
@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (1440, 1080), (4096, 100)])
def test_no_picture_is_more_than_level_3_1_holds(size: tuple[int, int], rate: int) -> None:
    width, height = fitting_size(*size, Fraction(rate))

    macroblocks = -(-width // 16) * -(-height // 16)
    assert width % 2 == height % 2 == 0
    assert macroblocks <= 3600
    assert macroblocks * rate <= 108_000
    assert width / height == pytest.approx(size[0] / size[1], rel=0.03)


def keyframes(*times: float) -> SourceFacts:
    return replace(FITS, keyframes=tuple(Fraction(time) for time in times))


def test_a_copied_film_is_cut_at_its_keyframes_about_two_seconds_apart() -> None:
    plan = plan_rendition(keyframes(0, 1, 2, 3, 5.5, 6, 9, 9.5), Fraction(10))

    assert plan.copied
    assert [float(edge) for edge in plan.edges] == [0, 2, 5.5, 9, 10]
    assert (plan.width, plan.height) == (640, 360)


@pytest.mark.parametrize(
    "facts",
    [
        keyframes(),
        keyframes(0, 4.5),
        keyframes(0, 2, 4, 6, 8.5, 13),
        replace(keyframes(0, 2, 4), bit_rate=6_000_001),
        replace(keyframes(0, 2, 4), width=1920, height=1080),
    ],
    ids=["no keyframes", "a long group", "another long group", "too many bits", "too large"],
)
def test_others_are_encoded(facts: SourceFacts) -> None:
    assert not plan_rendition(facts, Fraction(15)).copied


def test_an_identity_tells_apart_what_gives_other_segments() -> None:
    plan = plan_rendition(FITS, Fraction(60))
    identity = plan.identity("video", "content")

    assert plan.identity("video", "content") == identity
    others = (
        plan.identity("sound", "content"),
        plan.identity("video", "other"),
        replace(plan, width=638).identity("video", "content"),
        replace(plan, edges=(*plan.edges[:-1], Fraction(61))).identity("video", "content"),
        replace(plan, copied=True).identity("video", "content"),
    )
    assert len({identity, *others}) == 6
    assert replace(plan, width=638).identity("sound", "content") == others[0]
