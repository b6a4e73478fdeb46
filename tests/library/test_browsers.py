"""The verdicts against a browser: Chromium must show and play exactly what is called playable."""

from __future__ import annotations

import math
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright

from harness.films import KINDS, counter_film, cut_off, made, shared_media
from harness.needs import lacking
from streamer.library.catalogue import Catalogue
from streamer.library.titles import Title

CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    # aiohttp leaves a file to the garbage collector where the browser breaks a transfer off.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"
    ),
]

CUT_OFF, TEXT = "cut-off.mp4", "text.mp4"
"""A broken download, and what is no film."""

PLAYED_IN_PART = {"10-bit.mp4", "422.mp4", "pcm.mov"}
"""What Chromium plays by its own decoders, others not: more cautious than this one browser."""

PLAY = """
async url => {
    const video = document.querySelector('video');
    video.src = url;
    // Decoded as at the ordinary rate, and sooner.
    video.playbackRate = 4;
    let looking;
    const played = new Promise((resolve) => {
        looking = setInterval(() => { if (video.currentTime > 0.4) resolve(); }, 10);
        video.onerror = video.onended = () => resolve();
    });
    await Promise.allSettled([video.play()]);
    await played;
    clearInterval(looking);
    return {
        failed: video.error !== null,
        duration: video.duration,
        width: video.videoWidth,
        height: video.videoHeight,
        pictures: video.getVideoPlaybackQuality().totalVideoFrames,
        sound: video.webkitAudioDecodedByteCount,
    };
}
"""


@dataclass(frozen=True, slots=True)
class FilmPlayer:
    """A page with a player, and the titles that it can ask for."""

    page: Page
    titles: dict[str, Title]
    """Our own films, by file name."""

    shared: list[Title]
    """The shared ones, where they are; some have the names of our own."""

    async def play(self, title: Title) -> dict[str, Any]:
        """Return what the player made of a film."""
        answer: dict[str, Any] = await self.page.evaluate(PLAY, f"/films/{title.id}")
        return answer


async def listed(films: Path, data: Path) -> list[Title]:
    catalogue = Catalogue(films, data, clock=lambda: 4e9)
    await catalogue.scan()
    return list(catalogue.films())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def player(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FilmPlayer]:
    if CHROMIUM is None:
        lacking("Chromium: apt-get install chromium")
    folder, media = tmp_path_factory.mktemp("films"), shared_media()
    for name in KINDS:
        shutil.copy(made(name), folder / name)
    cut_off(counter_film(), folder / CUT_OFF)
    (folder / TEXT).write_text("This is not a film.\n" * 100)
    own = await listed(folder, folder / ".data" / "own")
    shared = [] if media is None else await listed(media, folder / ".data" / "shared")
    by_id = {str(title.id): title for title in own + shared}

    async def film(request: web.Request) -> web.FileResponse:
        title = by_id[request.match_info["id"]]
        return web.FileResponse(
            title.source.path, headers={"Content-Type": title.source.content_type}
        )

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><video></video>", content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/films/{id}", film)])
    async with TestServer(app) as server, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        tab = await browser.new_page()
        await tab.goto(str(server.make_url("/")))
        yield FilmPlayer(tab, {title.source.path.name: title for title in own}, shared)
        await browser.close()


PLAYABLE = [*(name for name, kind in KINDS.items() if kind.code is None), CUT_OFF]


@pytest.mark.parametrize("name", PLAYABLE)
async def test_what_is_called_playable_is_shown_and_heard(player: FilmPlayer, name: str) -> None:
    title = player.titles[name]

    played = await player.play(title)

    assert title.renditions
    assert not played["failed"]
    assert played["pictures"] > 0
    assert (played["sound"] > 0) == bool(title.audio)
    assert (played["width"], played["height"]) == (title.source.width, title.source.height)
    assert title.duration is not None
    assert math.isclose(played["duration"], title.duration, abs_tol=0.01)


@pytest.mark.parametrize(
    "name", [TEXT, *sorted({n for n, k in KINDS.items() if k.code} - PLAYED_IN_PART)]
)
async def test_what_is_called_unplayable_lacks_picture_or_sound(
    player: FilmPlayer, name: str
) -> None:
    title = player.titles[name]

    played = await player.play(title)

    assert not title.renditions
    assert played["failed"] or not played["pictures"] or not played["sound"]


async def test_the_shared_films_play_exactly_where_they_are_called_playable(
    player: FilmPlayer,
) -> None:
    if shared_media() is None:
        pytest.skip("no shared films beside the checkout")
    wrong = []
    for title in player.shared:
        played = await player.play(title)
        whole = not played["failed"] and played["pictures"] > 0
        heard = played["sound"] > 0 or not title.audio
        if (whole and heard) != bool(title.renditions):
            wrong.append((title.source.path.name, title.renditions, played))

    assert player.shared
    assert wrong == []


@pytest.mark.parametrize("name", PLAYABLE)
async def test_a_media_type_is_one_that_the_browser_says_it_plays(
    player: FilmPlayer, name: str
) -> None:
    kind = player.titles[name].source.content_type

    said = await player.page.evaluate(
        "kind => document.createElement('video').canPlayType(kind)", kind
    )

    assert said == ("probably" if "codecs" in kind else "maybe")
