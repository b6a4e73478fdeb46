"""Names of codecs after RFC 6381."""

from __future__ import annotations

import pytest

from streamer.library.codecs import audio_codec_string, video_codec_string
from streamer.library.languages import language_name, two_letters


@pytest.mark.parametrize(
    ("codec", "extradata", "profile", "name"),
    [
        ("h264", "014d401effe10017", "Main", "avc1.4d401e"),
        ("h264", "00000001674d401e", "Main", None),
        ("h264", "01", None, None),
        ("av1", "81040c00", "Main", "av01.0.04M.08"),
        ("av1", "81044c00", "Main", "av01.0.04M.10"),
        ("av1", "8144ec00", "Professional", "av01.2.04H.12"),
        ("av1", "00000000", "Main", None),
        ("vp8", "", None, "vp8"),
        ("vp9", "", "Profile 0", "vp9"),
        ("vp9", "", "Profile 2", None),
        ("hevc", "0101600000009000", "Main", None),
    ],
)
def test_a_picture_is_named_by_its_configuration(
    codec: str, extradata: str, profile: str | None, name: str | None
) -> None:
    assert video_codec_string(codec, bytes.fromhex(extradata), profile) == name


@pytest.mark.parametrize(
    ("codec", "extradata", "name"),
    [
        ("aac", "1210", "mp4a.40.2"),
        ("aac", "2b920800", "mp4a.40.5"),
        ("aac", "eb8a0800", "mp4a.40.29"),
        ("aac", "f94826", "mp4a.40.42"),
        ("aac", "", "mp4a.40.2"),
        ("opus", "", "opus"),
        ("mp3", "", "mp3"),
        ("dts", "", None),
    ],
)
def test_a_sound_is_named_by_its_configuration(
    codec: str, extradata: str, name: str | None
) -> None:
    assert audio_codec_string(codec, bytes.fromhex(extradata)) == name


@pytest.mark.parametrize(
    ("tag", "letters", "name"),
    [
        ("rus", "ru", "Russian"),
        ("ger", "de", "German"),
        ("deu", "de", "German"),
        ("en", "en", "English"),
        ("pt-BR", "pt", "Portuguese"),
        ("EN_us", "en", "English"),
        ("fil", None, "Filipino"),
        ("und", None, None),
        ("zxx", None, None),
        ("", None, None),
        (None, None, None),
        ("x" * 500, None, None),
    ],
)
def test_a_language_is_known_by_any_of_its_codes(
    tag: str | None, letters: str | None, name: str | None
) -> None:
    assert (two_letters(tag), language_name(tag)) == (letters, name)
