"""The verdict on every sort of file: small ones of our own, and the shared films where they are."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from harness.fakes import VIDEO
from harness.films import KINDS, counter_film, cut_off, made, shared_media
from streamer.library.facts import AudioFacts, Facts
from streamer.library.probe import probe
from streamer.library.verdict import FAILURES, content_type, judge, judge_failure, length_of

AUDIO = AudioFacts("aac", "mp4a.40.2", 2, 48_000, None, None)
FACTS = Facts("mp4", 120.0, 0.0, None, False, VIDEO, (AUDIO,), ())

H264_AAC = 'video/mp4; codecs="avc1.{}, mp4a.40.2"'
SHARED = {
    "bbb-60s.mp4": (None, H264_AAC.format("64001e")),
    "elephants-dream-32s.mp4": (None, H264_AAC.format("64001f")),
    "sintel-trailer-52s.mp4": (None, H264_AAC.format("42c014")),
    "bbb-surround-5s.mp4": (None, H264_AAC.format("4d401f")),
    "counter-120s.mp4": (None, H264_AAC.format("4d401e")),
    "hevc-ac3-2subs.mkv": ("video_codec", "video/x-matroska"),
    "h264-aac-2audio.mkv": (None, 'video/x-matroska; codecs="avc1.42c014, mp4a.40.2"'),
    "moov-at-end.mp4": (None, H264_AAC.format("64001e")),
    "vfr.mp4": (None, H264_AAC.format("640015")),
    "one-keyframe-bframes.mp4": (None, H264_AAC.format("64001e")),
    "starts-at-1h.ts": ("container", "video/mp2t"),
    "truncated.mp4": (None, H264_AAC.format("64001e")),
    "not-a-video.mp4": ("not_a_film", "application/octet-stream"),
    "no-audio.mp4": (None, 'video/mp4; codecs="avc1.64001f"'),
    "rotated.mp4": (None, H264_AAC.format("64001e")),
    "vp9-opus.webm": (None, 'video/webm; codecs="vp9, opus"'),
    "fragmented.mp4": (None, H264_AAC.format("64001e")),
    "series/Pilot Show/Season 01/Pilot.Show.S01E01.mkv": (
        None,
        'video/x-matroska; codecs="avc1.64001e, mp4a.40.2"',
    ),
}
"""Of each shared film: the verdict's code and the media type."""

MADE = {
    **dict.fromkeys(
        (
            *("plain.mp4", "moov-at-end.mp4", "fragmented.mp4", "rotated.mp4", "vfr.mp4"),
            *("sound-first.mp4", "surround.mp4", "quicktime.mov"),
        ),
        H264_AAC.format("42c00b"),
    ),
    "odd-size.mp4": H264_AAC.format("42c00c"),
    "one-keyframe.mp4": H264_AAC.format("4d400b"),
    "no-audio.mp4": 'video/mp4; codecs="avc1.42c00b"',
    "matroska.mkv": 'video/x-matroska; codecs="avc1.42c00b, mp4a.40.2"',
    "subtitles.mkv": 'video/x-matroska; codecs="avc1.42c00b, mp4a.40.2"',
    "hevc-ac3.mkv": "video/x-matroska",
    "starts-at-1h.ts": "video/mp2t",
    "vp9-opus.webm": 'video/webm; codecs="vp9, opus"',
}
"""The media types of our own films of the same sorts as the shared ones."""


@pytest.mark.parametrize("name", KINDS)
async def test_a_film_of_each_kind_gets_its_verdict(name: str) -> None:
    facts = (await probe(made(name))).facts

    assert facts is not None
    assert judge(facts).code == KINDS[name].code


@pytest.mark.parametrize("name", MADE)
async def test_a_film_of_our_own_gets_its_media_type(name: str) -> None:
    assert content_type((await probe(made(name))).facts) == MADE[name]


async def test_a_cut_off_film_plays_as_far_as_it_goes(tmp_path: Path) -> None:
    facts = (await probe(cut_off(counter_film(), tmp_path / "x.mp4"))).facts

    assert facts is not None
    assert (facts.truncated, judge(facts).code) == (True, None)
    assert content_type(facts) == H264_AAC.format("4d401e")


async def test_a_text_named_like_a_film_is_none(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    path.write_text("This is not a film.\n" * 100)

    probed = await probe(path)

    assert judge_failure(str(probed.failure)).code == "not_a_film"
    assert content_type(probed.facts) == "application/octet-stream"


@pytest.mark.parametrize("name", SHARED)
async def test_a_shared_film_gets_its_verdict(name: str) -> None:
    media = shared_media()
    if media is None:
        pytest.skip("no shared films beside the checkout")
    code, kind = SHARED[name]
    probed = await probe(media / name)

    verdict = judge_failure(str(probed.failure)) if probed.facts is None else judge(probed.facts)

    assert verdict.code == code
    assert content_type(probed.facts) == kind


def test_every_shared_film_stands_in_the_table() -> None:
    media = shared_media()
    if media is None:
        pytest.skip("no shared films beside the checkout")
    there = {path.relative_to(media) for path in media.rglob("*") if path.suffix in FILM_ENDINGS}

    assert {path for path in there if "E02" not in path.name and "E03" not in path.name} == {
        Path(name) for name in SHARED
    }


FILM_ENDINGS = {".mp4", ".mkv", ".webm", ".ts"}


def test_the_reason_says_what_a_viewer_would_miss() -> None:
    hevc = replace(FACTS, video=replace(VIDEO, codec="hevc"))
    ac3 = replace(FACTS, audio=(replace(AUDIO, codec="ac3"),))

    assert "sound without the picture" in str(judge(hevc).reason)
    assert judge(hevc).subject == "HEVC"
    assert "picture without the sound" in str(judge(ac3).reason)
    assert judge(ac3).subject == "AC-3"
    assert "neither" in str(judge(replace(hevc, audio=ac3.audio)).reason)
    assert "sound" not in str(judge(replace(hevc, audio=())).reason)


@pytest.mark.parametrize("codec", ["dts", "truehd", "eac3", "ac3", "wmav2"])
def test_only_the_sound_that_a_browser_picks_counts(codec: str) -> None:
    other = replace(AUDIO, codec=codec, codec_string=None)

    assert judge(replace(FACTS, audio=(other, AUDIO))).code == "audio_codec"
    assert judge(replace(FACTS, audio=(AUDIO, other))).playable


LENGTHS_OF_NO_FILM = (None, 0.0, -1.0, 1e6 + 1.0, 8e12, math.inf, -math.inf, math.nan)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(FACTS, video=None), "no_picture"),
        (replace(FACTS, video=replace(VIDEO, encrypted=True)), "protected"),
        (replace(FACTS, video=replace(VIDEO, width=0)), "not_a_film"),
        *((replace(FACTS, duration=length), "length") for length in LENGTHS_OF_NO_FILM),
        (replace(FACTS, container="flv"), "container"),
        (replace(FACTS, container="webm"), "video_codec"),
        (replace(FACTS, video=replace(VIDEO, pixel_format="yuv444p")), "video_format"),
    ],
)
def test_what_no_browser_can_show_is_named(facts: Facts, code: str) -> None:
    verdict = judge(facts)

    assert verdict.code == code
    assert verdict.reason
    assert not verdict.playable


@pytest.mark.parametrize("length", LENGTHS_OF_NO_FILM)
def test_a_length_that_cannot_be_true_is_none(length: float | None) -> None:
    assert length_of(replace(FACTS, duration=length)) is None


@pytest.mark.parametrize("length", [0.04, 7200.0, 1e6])
def test_a_film_may_be_as_short_as_a_picture_and_as_long_as_eleven_days(length: float) -> None:
    facts = replace(FACTS, duration=length)

    assert (judge(facts).playable, length_of(facts)) == (True, length)


@pytest.mark.parametrize("facts", [FACTS, replace(FACTS, truncated=True, audio=())])
def test_a_playable_film_has_no_reason(facts: Facts) -> None:
    assert (judge(facts).playable, judge(facts).reason) == (True, None)


def test_every_failure_has_words() -> None:
    assert all(judge_failure(code).reason for code in FAILURES)


def test_a_media_type_names_codecs_only_where_all_are_known() -> None:
    nameless = replace(AUDIO, codec_string=None)

    assert content_type(replace(FACTS, audio=(nameless,))) == "video/mp4"
    assert content_type(replace(FACTS, audio=(AUDIO, nameless))) == H264_AAC.format("4d401e")
    assert content_type(replace(FACTS, container="mov")) == H264_AAC.format("4d401e")
    vp9 = replace(FACTS, video=replace(VIDEO, codec="vp9", codec_string="vp9"), audio=())
    assert content_type(vp9) == "video/mp4", "the short name means nothing in an MP4"
    assert content_type(replace(vp9, container="webm")) == 'video/webm; codecs="vp9"'


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        (FACTS, True),
        (replace(FACTS, video=replace(VIDEO, codec="hevc")), True),
        (replace(FACTS, container="mpegts"), True),
        (replace(FACTS, audio=(replace(AUDIO, codec="ac3"),)), True),
        (replace(FACTS, video=replace(VIDEO, codec="hevc", encrypted=True)), False),
        (replace(FACTS, video=replace(VIDEO, codec="unknown")), False),
        (replace(FACTS, container="mpegts", duration=None), False),
        (replace(FACTS, video=None), False),
    ],
    ids=[
        *("plain", "hevc", "container", "sound"),
        *("protected", "unknown codec", "no length", "no picture"),
    ],
)
def test_what_the_server_decodes_is_shown_where_browsers_play_it_not(
    facts: Facts, shown: bool
) -> None:
    assert judge(facts).is_shown(facts) == shown


def test_what_could_not_be_examined_is_not_shown() -> None:
    assert not any(judge_failure(code).is_shown(None) for code in FAILURES)
