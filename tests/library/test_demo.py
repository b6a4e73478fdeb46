"""The demo film: it plays everywhere, and half a film is never left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamer.library.demo import DEMO_NAME, DEMO_SECONDS, has_films, make_demo
from streamer.library.errors import FolderUnusable
from streamer.library.naming import name_film
from streamer.library.probe import probe
from streamer.library.verdict import judge
from tests.harness.test_counter_film import beeps


async def test_a_demo_film_plays_as_it_is_and_is_called_so(tmp_path: Path) -> None:
    make_demo(tmp_path / DEMO_NAME, seconds=1)

    facts = (await probe(tmp_path / DEMO_NAME)).facts

    assert facts is not None
    assert judge(facts).playable
    assert (facts.duration, facts.start, facts.truncated) == (1.0, 0.0, False)
    assert name_film(Path(DEMO_NAME)).title == "Seans demo"


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


def test_its_length_is_what_the_readme_says() -> None:
    assert DEMO_SECONDS == 90, "a minute and a half"


def test_its_index_comes_first_and_a_beep_begins_with_each_second(tmp_path: Path) -> None:
    film = tmp_path / "x.mp4"
    make_demo(film, 3)

    content = film.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert beeps(film) == pytest.approx([0.0, 1.0, 2.0], abs=0.03)
