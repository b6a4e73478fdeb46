"""The list of films follows the folder: at start, across restarts, and while files come and go."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import pytest

from harness.films import KINDS, counter_film, cut_off, made, shared_media
from harness.rooms import until
from streamer.library import cache
from streamer.library.catalogue import Catalogue
from streamer.library.errors import FolderUnusable
from streamer.library.facts import Facts
from streamer.library.probe import ProbeResult, probe
from streamer.library.walk import walk
from tests.library.test_verdict import FACTS

LATER = 4e9
"""A clock long after every file of these tests was written: all of them rested."""

ID = "5b2f7a52-8c1e-4a75-9d0c-6a1f0f2f7c11"


class Examiner:
    """Stands in for the probe: gives the same facts of every file and counts."""

    def __init__(self, facts: Facts | None = FACTS) -> None:
        self.probed = ProbeResult(facts, None if facts else "not_a_film")
        self.asked: list[str] = []

    async def __call__(self, path: Path) -> ProbeResult:
        self.asked.append(path.name)
        return self.probed


def catalogue(films: Path, examine: Callable[[Path], object] | None = None) -> Catalogue:
    return Catalogue(
        films,
        films.parent / "data",
        clock=lambda: LATER,
        examine=examine or Examiner(),  # type: ignore[arg-type]
        settle=0.05,
    )


def put(path: Path, content: bytes | str = b"film") -> Path:
    """Write a file under another name first, as a careful program does."""
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_bytes(content.encode() if isinstance(content, str) else content)
    return unfinished.replace(path)


def listed(of: Catalogue, query: str | None = None) -> list[str]:
    return [title.title for title in of.titles(query)]


@contextlib.asynccontextmanager
async def watching(of: Catalogue) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(of.watch())
        yield
        task.cancel()


async def test_an_empty_folder_has_no_titles_and_is_ready(films: Path) -> None:
    of = catalogue(films)
    before = of.ready

    await of.scan()

    assert (before, of.ready) == (False, True)
    assert of.titles() == []


async def test_a_missing_folder_is_named_in_words(films: Path) -> None:
    of = catalogue(films / "gone")

    with pytest.raises(FolderUnusable, match="does not exist"):
        await of.scan()

    assert not of.ready


async def test_a_title_says_all_that_the_page_needs(films: Path) -> None:
    path = put(films / "Solaris (1972).mp4", made("rotated.mp4").read_bytes())
    of = catalogue(films, probe)
    await of.scan()

    [title] = of.films()

    assert of.get(title.id) is title
    assert (title.type, title.title, title.year, title.state) == ("movie", "Solaris", 1972, "ready")
    assert (title.reason, title.reason_code, title.progress, title.poster) == (None,) * 4
    assert (title.source.width, title.source.height, title.source.frame_rate) == (90, 160, 25.0)
    assert title.duration == pytest.approx(2.0)
    assert title.source.content_type == 'video/mp4; codecs="avc1.42c00b, mp4a.40.2"'
    assert (title.source.path, title.source.size) == (path.resolve(), path.stat().st_size)
    assert title.source.modified == path.stat().st_mtime_ns


async def test_tracks_have_languages_and_names(films: Path) -> None:
    put(films / "Film.mkv", made("matroska.mkv").read_bytes())
    of = catalogue(films, probe)
    await of.scan()

    [title] = of.films()

    assert [(t.n, t.language, t.label) for t in title.audio] == [
        (0, "ru", "Russian"),
        (1, "en", "English"),
    ]
    assert title.language == "ru"


async def test_broken_films_are_listed_with_the_reason_and_stop_nothing(films: Path) -> None:
    put(films / "empty.mp4", b"")
    put(films / "noise.mp4", os.urandom(5000))
    put(films / "text.mkv", "Это не фильм.")
    put(films / "whole.mp4", made("plain.mp4").read_bytes())
    os.mkfifo(films / "pipe.mp4")
    (films / "folder.mp4").mkdir()
    of = catalogue(films, probe)

    await of.scan()

    assert {title.title: (title.state, title.reason_code) for title in of.films()} == {
        "empty": ("unplayable", "empty"),
        "noise": ("unplayable", "not_a_film"),
        "text": ("unplayable", "not_a_film"),
        "whole": ("ready", None),
    }
    assert all(title.reason for title in of.films() if title.state == "unplayable")
    assert (of.counts.ready, of.counts.unplayable, of.counts.failures) == (1, 3, 3)


async def test_a_search_finds_all_words_in_any_alphabet(films: Path) -> None:
    for name in ("Ёжик в тумане (1975)", "Сталкер (1979)", "Amélie (2001)", "The Matrix (1999)"):
        put(films / f"{name}.mp4", name)
    of = catalogue(films)
    await of.scan()

    assert listed(of) == ["Amélie", "The Matrix", "Ёжик в тумане", "Сталкер"]
    assert listed(of, "ежик ТУМАН") == ["Ёжик в тумане"]
    assert listed(of, "amelie") == ["Amélie"]
    assert listed(of, "19") == ["The Matrix", "Ёжик в тумане", "Сталкер"]
    assert listed(of, "matrix сталкер") == []
    assert listed(of, "  ") == listed(of)


async def test_a_renamed_film_keeps_its_id_and_another_content_has_another(films: Path) -> None:
    first = put(films / "one.mp4", b"one")
    of = catalogue(films)
    await of.scan()
    [before] = of.films()

    first.rename(films / "two.mp4")
    await of.scan()
    [renamed] = of.films()
    put(films / "two.mp4", b"other")
    await of.scan()
    [replaced] = of.films()

    assert (before.title, renamed.title) == ("one", "two")
    assert (renamed.id, renamed.source.etag) == (before.id, before.source.etag)
    assert replaced.id != before.id
    assert replaced.source.etag != before.source.etag
    assert of.get(before.id) is None


async def test_the_same_bytes_at_another_time_have_another_etag(films: Path) -> None:
    path = put(films / "one.mp4", b"one")
    of = catalogue(films)
    await of.scan()
    [before] = of.films()

    os.utime(path, ns=(0, before.source.modified + 1))
    await of.scan()
    [after] = of.films()

    assert (after.id, after.source.modified) == (before.id, before.source.modified + 1)
    assert after.source.etag != before.source.etag


async def test_a_sidecar_overrides_and_is_noticed(films: Path) -> None:
    put(films / "rip.mp4")
    of = catalogue(films)
    await of.scan()
    assert listed(of) == ["rip"]

    put(films / "rip.toml", f'id = "{ID}"\ntitle = "Сталкер"\nyear = 1979\nlanguage = "ru"\n')
    await of.scan()
    title = of.get(UUID(ID))

    assert title is not None
    assert (title.title, title.year, title.language) == ("Сталкер", 1979, "ru")
    assert of.counts.probes == 1, "the bytes are the same"


async def test_a_better_file_keeps_the_id_that_its_sidecar_gives(films: Path) -> None:
    put(films / "film.toml", f'id = "{ID}"')
    put(films / "film.mp4", b"worse")
    of = catalogue(films)
    await of.scan()
    [worse] = of.films()

    put(films / "film.mp4", b"better")
    await of.scan()
    [better] = of.films()

    assert str(worse.id) == str(better.id) == ID
    assert worse.source.etag != better.source.etag


async def test_a_film_twice_is_one_title_and_a_warning(
    films: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("a.mp4", "b.mp4"):
        put(films / name, b"same")
    of = catalogue(films)

    await of.scan()
    await of.scan()

    assert listed(of) == ["a"]
    assert caplog.messages == ["b.mp4 is the same title as a.mp4"]
    (films / "a.mp4").unlink()
    await of.scan()
    assert listed(of) == ["b"]


async def test_of_two_sidecars_with_one_id_the_first_wins(
    films: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("a", "b"):
        put(films / f"{name}.mp4", name)
        put(films / f"{name}.toml", f'id = "{ID}"')
    of = catalogue(films)

    await of.scan()

    assert listed(of) == ["a"]
    assert caplog.messages == ["b.mp4 is the same title as a.mp4"]


async def test_a_bad_sidecar_is_a_warning(films: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(films / "film.mp4")
    put(films / "film.toml", 'id = "7"\nactor = "x"')
    of = catalogue(films)

    await of.scan()
    await of.scan()

    assert listed(of) == ["film"]
    assert len(caplog.messages) == 2, "each is said once"


async def test_what_was_learned_survives_a_restart(films: Path) -> None:
    put(films / "film.mp4", made("plain.mp4").read_bytes())
    put(films / "noise.mp4", b"noise")
    before = catalogue(films, probe)
    await before.scan()
    again = Examiner()
    after = catalogue(films, again)

    await after.scan()

    assert after.titles() == before.titles()
    assert again.asked == []
    assert after.counts.cached == 2


async def test_a_film_that_changed_meanwhile_is_examined_anew(films: Path) -> None:
    put(films / "a.mp4", b"a")
    put(films / "b.mp4", b"b")
    await catalogue(films).scan()
    put(films / "a.mp4", b"A!")
    again = Examiner()

    await catalogue(films, again).scan()

    assert again.asked == ["a.mp4"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"version":1,"films":{"a":{}}}', b"\xff"])
async def test_a_cache_that_cannot_be_used_is_learned_anew(damage: bytes, films: Path) -> None:
    put(films / "film.mp4")
    await catalogue(films).scan()
    kept = films.parent / "data" / "films.json"
    kept.write_bytes(damage)
    again = Examiner()

    await catalogue(films, again).scan()

    assert again.asked == ["film.mp4"]
    assert list(cache.load(kept)) == ["film.mp4"]


async def test_a_cache_that_cannot_be_written_stops_nothing(
    films: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(films / "film.mp4")
    put(films.parent / "data")
    of = catalogue(films)

    await of.scan()

    assert listed(of) == ["film"]
    assert "cannot be kept" in caplog.text


async def test_what_is_gone_is_forgotten(films: Path) -> None:
    put(films / "film.mp4", b"film")
    put(films / "other.mp4", b"other")
    of = catalogue(films)
    await of.scan()
    (films / "other.mp4").unlink()

    await of.scan()

    assert listed(of) == ["film"]
    assert list(cache.load(films.parent / "data" / "films.json")) == ["film.mp4"]


async def test_a_disk_that_was_not_mounted_for_a_while_is_not_examined_anew(films: Path) -> None:
    put(films / "film.mp4")
    examine = Examiner()
    of = catalogue(films, examine)
    await of.scan()
    shutil.move(films / "film.mp4", films.parent / "film.mp4")
    await of.scan()
    assert listed(of) == []

    shutil.move(films.parent / "film.mp4", films / "film.mp4")
    await of.scan()

    assert listed(of) == ["film"]
    assert examine.asked == ["film.mp4"]


async def test_a_time_out_is_tried_again_after_a_restart(films: Path) -> None:
    put(films / "film.mp4")
    slow = Examiner(None)
    slow.probed = ProbeResult(None, "too_costly", transient=True)
    before = catalogue(films, slow)
    await before.scan()
    await before.scan()
    assert [title.reason_code for title in before.titles()] == ["too_costly"]
    assert slow.asked == ["film.mp4"], "once is enough while the server runs"

    after = catalogue(films)
    await after.scan()

    assert [title.state for title in after.titles()] == ["ready"]


async def test_two_films_at_most_are_examined_at_once(films: Path) -> None:
    for n in range(6):
        put(films / f"{n}.mp4", str(n))
    pair = asyncio.Barrier(2)
    at_once: list[int] = []
    running = 0

    async def examine(_: Path) -> ProbeResult:
        nonlocal running
        running += 1
        at_once.append(running)
        await pair.wait()
        running -= 1
        return ProbeResult(FACTS)

    async with asyncio.timeout(20):
        await catalogue(films, examine).scan()

    assert at_once == [1, 2] * 3


async def test_a_film_that_vanishes_under_examination_is_not_listed(films: Path) -> None:
    path = put(films / "film.mp4")
    put(films / "other.mp4", b"other")

    async def examine(of: Path) -> ProbeResult:
        path.unlink(missing_ok=True)
        return ProbeResult(FACTS)

    of = catalogue(films, examine)
    await of.scan()

    assert listed(of) == ["other"]


async def test_a_film_still_being_copied_is_listed_when_it_rests(films: Path) -> None:
    whole = counter_film().read_bytes()
    path = films / "film.mp4"
    path.write_bytes(whole[:1000])
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        """Let the copy go on whenever somebody waits for it to rest."""
        pauses.append(seconds)
        with path.open("ab") as file:
            file.write(whole[path.stat().st_size :][:50_000])

    of = Catalogue(
        films,
        films.parent / "data",
        clock=lambda: path.stat().st_mtime + 0.1,
        examine=probe,
        pause=pause,
        settle=2.0,
    )
    while path.stat().st_size < len(whole):
        await of.scan()
        assert of.titles() == []
    await of.scan()

    [title] = of.films()
    assert (title.state, title.source.size) == ("ready", len(whole))
    assert set(pauses) == {2.0}


async def test_films_that_come_change_and_go_are_noticed(films: Path) -> None:
    of = catalogue(films)
    async with watching(of):
        put(films / "one.mp4", b"one")
        await until(lambda: listed(of) == ["one"])
        [before] = of.films()

        put(films / "one.mp4", b"another")
        await until(lambda: [t.source.etag for t in of.films()] not in ([before.source.etag], []))

        (films / "series").mkdir()
        put(films / "series" / "Show.S01E01.mkv", b"first")
        await until(lambda: listed(of) == ["one", "Show"])

        put(films / "one.toml", 'title = "Zwei"')
        await until(lambda: listed(of) == ["Show", "Zwei"])

        (films / "one.mp4").unlink()
        await until(lambda: listed(of) == ["Show"])

        shutil.rmtree(films / "series")
        await until(lambda: listed(of) == [])


async def test_a_film_folder_that_comes_back_is_taken_up_again(films: Path) -> None:
    put(films / "one.mp4", b"one")
    of = catalogue(films)
    async with watching(of):
        await until(lambda: listed(of) == ["one"])
        shutil.move(films, films.parent / "away")
        await until(lambda: listed(of) == [])
        os.mkdir(films)  # noqa: PTH102 - quick enough to wait for
        put(films / "two.mp4", b"two")
        await until(lambda: listed(of) == ["two"])
        put(films / "three.mp4", b"three")
        await until(lambda: listed(of) == ["three", "two"])


async def test_a_watch_may_begin_before_the_folder_is_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    of = catalogue(tmp_path / "later")
    async with watching(of):
        await until(lambda: "does not exist" in caplog.text)
        (tmp_path / "later").mkdir()
        put(tmp_path / "later" / "one.mp4", b"one")
        await until(lambda: listed(of) == ["one"])


async def test_of_our_own_films_those_that_browsers_play_are_ready(films: Path) -> None:
    for name in KINDS:
        (films / name).hardlink_to(made(name))
    cut_off(counter_film(), films / "cut-off.mp4")
    put(films / "text.mp4", "This is not a film.\n")
    of = catalogue(films, probe)

    await of.scan()

    titles = {title.source.path.name: title for title in of.films()}
    assert titles.keys() == KINDS.keys() | {"cut-off.mp4", "text.mp4"}
    assert {name for name, title in titles.items() if not title.renditions} == {
        "text.mp4",
        *(name for name, kind in KINDS.items() if kind.code),
    }
    assert {name for name, title in titles.items() if title.state != "ready"} == {
        "text.mp4",
        *(name for name, kind in KINDS.items() if kind.code == "no_picture"),
    }, "the live room shows all others"


async def test_the_shared_films_that_browsers_play_are_ready(tmp_path: Path) -> None:
    media = shared_media()
    if media is None:
        pytest.skip("no shared films beside the checkout")
    of = Catalogue(media, tmp_path, clock=lambda: LATER)

    await of.scan()

    titles = {title.source.path.name: title for title in of.films()}
    assert len(titles) == len(walk(media).files)
    assert [n for n, title in titles.items() if title.state != "ready"] == ["not-a-video.mp4"]
    assert {name for name, title in titles.items() if not title.renditions} == {
        *("hevc-ac3-2subs.mkv", "starts-at-1h.ts", "not-a-video.mp4")
    }
