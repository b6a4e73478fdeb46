"""Untrusted files: facts that are right, and no file that hangs, floods or ends the server."""

from __future__ import annotations

import asyncio
import os
import struct
from dataclasses import replace
from pathlib import Path

import av
import pytest

from harness.films import KINDS, Kind, counter_film, cut_off, made, make_film, shared_media
from streamer.library.catalogue import Catalogue
from streamer.library.probe import ProbeLimits, ProbeResult, probe

SHORT = ProbeLimits(seconds=10.0, cpu=5)


def box(kind: bytes, body: bytes, size: int | None = None) -> bytes:
    """Return an MP4 box (ISO/IEC 14496-12 4.2), lying about its size where one is given."""
    return struct.pack(">I4s", len(body) + 8 if size is None else size, kind) + body


FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")

HOSTILE = {
    "noise": bytes((n * 7919 + n // 251) % 256 for n in range(100_000)),
    "text": "Это не фильм.\n".encode() * 100,
    "one byte": b"\0",
    "only the head": FTYP,
    "a box of 16 exbibytes": FTYP + struct.pack(">I4sQ", 1, b"moov", 2**63) + b"x" * 100,
    "a box without end": FTYP + box(b"moov", b"", size=0),
    "boxes within boxes": FTYP
    + b"".join(box(b"moov", b"", size=2**31 - 8 * n) for n in range(9999)),
    "a table of 2**32 entries": FTYP + box(b"moov", box(b"stts", struct.pack(">II", 0, 2**32 - 1))),
    "a playlist of other files": b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "a list of files to join": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "a session description": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 18299 RTP/AVP 96\n",
    "Matroska without end": b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff"
    + b"\x42\x82" * 5000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_file_is_no_film(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(content)

    probed = await probe(path, SHORT)

    assert probed.facts is None
    assert probed.failure == "not_a_film"


async def test_a_picture_of_impossible_size_is_examined_within_the_memory(tmp_path: Path) -> None:
    content = made("vp8-opus.webm").read_bytes()
    keyframe = b"\x9d\x01\x2a"  # RFC 6386 section 9.1
    at = content.index(keyframe + struct.pack("<HH", 160, 90)) + len(keyframe)
    path = tmp_path / "x.webm"
    path.write_bytes(content[:at] + struct.pack("<HH", 16383, 16383) + content[at + 4 :])

    probed = await probe(path, replace(SHORT, memory=2**28))

    assert probed == await probe(made("vp8-opus.webm"), SHORT), "the claim was not believed"


async def test_a_pipe_named_like_a_film_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    os.mkfifo(path)

    assert (await probe(path, SHORT)).failure == "not_a_film"


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/urandom", "/"])
async def test_what_is_no_plain_file_is_no_film(name: str) -> None:
    assert (await probe(Path(name), SHORT)).failure == "not_a_film"


async def test_a_missing_file_is_no_film(tmp_path: Path) -> None:
    assert (await probe(tmp_path / "gone.mp4", SHORT)).failure == "not_a_film"


async def test_a_name_that_looks_like_an_address_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "http:--127.0.0.1-x.mp4"
    path.write_bytes(made("plain.mp4").read_bytes())

    assert (await probe(path, SHORT)).facts is not None


async def test_a_probe_that_takes_too_long_is_ended() -> None:
    probed = await probe(made("plain.mp4"), replace(SHORT, seconds=0.0))

    assert probed.failure == "too_costly"
    assert probed.transient


async def test_a_probe_that_needs_too_much_memory_is_ended() -> None:
    probed = await probe(made("plain.mp4"), replace(SHORT, memory=2**24))

    assert probed.facts is None


async def test_a_worker_that_gives_no_verdict_condemns_no_film(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # No kernel takes such a limit, so the worker fails before it has looked at the film. (A very
    # small limit would not do: whether its MemoryError is caught depends on what Python has left.)
    probed = await probe(made("plain.mp4"), replace(SHORT, memory=2**64))

    assert probed == ProbeResult(None, "no_verdict", transient=True)
    assert caplog.text.count("plain.mp4 gave no verdict") == 2


async def test_an_answer_without_end_is_not_read() -> None:
    probed = await probe(made("plain.mp4"), replace(SHORT, answer=10))

    assert probed.facts is None


async def test_a_cancelled_probe_leaves_no_process(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(made("plain.mp4").read_bytes())

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.03):
            await probe(path, SHORT)

    assert not _processes_with(path)


def _processes_with(path: Path) -> list[Path]:
    """Return the processes that have ``path`` among their arguments."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = process.read_bytes().split(b"\0")
        except OSError:
            continue
        if os.fsencode(path) in arguments:
            found.append(process)
    return found


async def test_the_facts_of_a_plain_film_are_all_there() -> None:
    facts = (await probe(counter_film())).facts

    assert facts is not None
    assert facts.video is not None
    assert (facts.container, facts.duration, facts.start) == ("mp4", 4.0, 0.0)
    assert (facts.video.width, facts.video.height, facts.video.frame_rate) == (640, 360, 25.0)
    assert (facts.video.codec, facts.video.profile, facts.video.bit_depth) == ("h264", "Main", 8)
    assert facts.video.b_frames
    assert facts.video.keyframe_interval == pytest.approx(2.0)
    assert [(a.codec, a.channels, a.sample_rate) for a in facts.audio] == [("aac", 2, 48_000)]
    assert not facts.truncated


async def test_languages_and_titles_of_tracks_are_read() -> None:
    facts = (await probe(made("matroska.mkv"))).facts

    assert facts is not None
    assert [track.language for track in facts.audio] == ["rus", "eng"]


async def test_a_turned_picture_says_how_far_clockwise() -> None:
    facts = (await probe(made("rotated.mp4"))).facts

    assert facts is not None
    assert facts.video is not None
    assert facts.video.rotation == KINDS["rotated.mp4"].rotation


async def test_a_late_first_timestamp_is_told() -> None:
    facts = (await probe(made("starts-at-1h.ts"))).facts

    assert facts is not None
    assert facts.start == pytest.approx(3600.0, abs=0.1)
    assert facts.duration == pytest.approx(2.0, abs=0.1)


async def test_a_cut_off_film_keeps_the_length_that_its_index_tells(tmp_path: Path) -> None:
    facts = (await probe(cut_off(counter_film(), tmp_path / "x.mp4"))).facts

    assert facts is not None
    assert (facts.truncated, facts.duration) == (True, 4.0)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("x.mp4", Kind("mp4", options={"movflags": "+frag_keyframe+empty_moov+skip_trailer"})),
        ("x.webm", Kind("webm", video="libvpx", audio="libopus", options={"live": "1"})),
    ],
)
async def test_a_length_that_no_header_tells_is_found(
    name: str, kind: Kind, tmp_path: Path
) -> None:
    make_film(tmp_path / name, kind)

    facts = (await probe(tmp_path / name)).facts

    assert facts is not None
    assert facts.duration == pytest.approx(2.0, abs=0.1)


async def test_a_film_with_one_keyframe_is_one_interval_long() -> None:
    facts = (await probe(made("one-keyframe.mp4"))).facts

    assert facts is not None
    assert facts.video is not None
    assert (facts.video.b_frames, facts.video.keyframe_interval) == (True, facts.duration)


async def test_a_sound_all_around_tells_all_its_channels() -> None:
    facts = (await probe(made("surround.mp4"))).facts

    assert facts is not None
    assert [track.channels for track in facts.audio] == [6]


async def test_the_tracks_are_told_apart_in_whatever_order_they_stand() -> None:
    with av.open(str(made("sound-first.mp4"))) as container:
        assert [stream.type for stream in container.streams] == ["audio", "video"]

    assert await probe(made("sound-first.mp4")) == await probe(made("moov-at-end.mp4"))


async def test_the_subtitles_of_a_film_are_read() -> None:
    facts = (await probe(made("subtitles.mkv"))).facts

    assert facts is not None
    assert [(s.codec, s.language, s.title) for s in facts.subtitles] == [
        ("subrip", "rus", "Русские"),
        ("subrip", "eng", "English"),
    ]


async def test_the_subtitles_of_a_shared_film_are_read() -> None:
    media = shared_media()
    if media is None:
        pytest.skip("no shared films beside the checkout")
    facts = (await probe(media / "hevc-ac3-2subs.mkv")).facts

    assert facts is not None
    assert [(s.codec, s.language, s.title) for s in facts.subtitles] == [
        ("subrip", "rus", "Русские"),
        ("subrip", "eng", "English"),
    ]


async def test_a_film_that_says_it_lasts_for_ages_is_not_shown(films: Path) -> None:
    content = made("matroska.mkv").read_bytes()
    duration = b"\x44\x89\x88"  # RFC 9559 section 5.1.2.10, eight bytes long
    at = content.index(duration) + len(duration)
    (films / "x.mkv").write_bytes(content[:at] + struct.pack(">d", 8e15) + content[at + 8 :])
    of = Catalogue(films, films.parent, clock=lambda: 4e9)

    await of.scan()

    [title] = of.titles()
    assert (title.state, title.reason_code, title.duration) == ("unplayable", "length", None)
