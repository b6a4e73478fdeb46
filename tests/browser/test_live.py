"""The live picture in a real browser: at the timeline's frame, back after a break, and chosen.

The gates are wide, and the best of three counts: this machine may have other things to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Playwright, Route, expect

from harness.needs import lacking
from harness.server import running_server
from harness.skew.figures import Figures, errors, percentile, within
from harness.skew.firefox import FIREFOX
from harness.skew.metered_server import MeteredServer, Showing
from harness.skew.steps import pause, resume, seek
from harness.skew.viewers import Viewer, chromium
from harness.skew.viewing import until, viewing
from tests.browser.pages import PHONE, RoomLink, faults, focus_by_tab, settle, sync

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TRIES = 3
SETTLED_S = 5.0
WATCHED_S = 3.0
SOURCE = """(() => {
  const { srcObject, currentSrc } = document.querySelector('video');
  return srcObject ? 'live' : currentSrc.includes('/media/') ? 'file' : '';
})()"""


async def best(attempt: Callable[[], Awaitable[Figures]], gates: Figures) -> None:
    """Attempt up to three times to stay within the gates; fail with the figures of all."""
    seen: list[Figures] = []
    for _ in range(TRIES):
        seen.append(await attempt())
        if all(seen[-1][name] <= gate for name, gate in gates.items()):
            return
    pytest.fail("\n".join(str({name: round(one[name], 3) for name in gates}) for one in seen))


async def shows(page: Page, source: str, within_s: float = 10.0) -> None:
    """Wait until the picture comes from ``source``."""
    async with asyncio.timeout(within_s):
        while await page.evaluate(SOURCE) != source:  # noqa: ASYNC110 -- another process does it
            await asyncio.sleep(0.05)


async def said(showing: Showing, *texts: str) -> None:
    """Wait until these messages are in the show's log, each once."""
    async with asyncio.timeout(10.0):
        while [message["text"] for message in showing.log()] != [*texts]:  # noqa: ASYNC110 -- another process writes it
            await asyncio.sleep(0.1)


async def test_a_live_and_a_file_viewer_see_the_frame_that_the_timeline_says(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    async def attempt() -> Figures:
        async with viewing(metered, browsers[:2], -10.0, sources=["file", "live"]) as room:
            await room.in_step(SETTLED_S)
            begin = metered.now()
            await asyncio.sleep(WATCHED_S)
            observed = await room.observe()
            assert await room.viewers[1].page.evaluate(SOURCE) == "live"
            live = observed.only(1).span("live", begin, begin + WATCHED_S)
            return observed.span("both", begin, begin + WATCHED_S) | live

    await best(attempt, {"both_skew_p95_ms": 80.0, "live_error_p95_ms": 60.0})


async def test_live_and_file_viewers_pause_seek_and_play_on_together(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    async def attempt() -> Figures:
        async with viewing(metered, browsers[:2], -10.0, sources=["live", "file"]) as room:
            for viewer in room.viewers:
                await viewer.until_state("locked", "nudge", seconds=20.0)
            figures = await pause(room) | await resume(room, 2.5)
            return figures | await seek(room, 80.0, 3.0)

    gates = {
        "paused_unlike": 0.0,
        "paused_elsewhere": 0.0,
        "sought_after_error_p95_ms": 80.0,
        "resumed_skew_p95_ms": 120.0,
    }
    await best(attempt, gates)


async def test_a_latecomer_sees_a_live_picture_within_a_second(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    async def attempt() -> Figures:
        async with viewing(metered, browsers[:1], -10.0, sources=["live"]) as room:
            await room.viewers[0].until_state("locked", "nudge", seconds=20.0)
            async with Viewer.looking(metered, room.showing, browsers[2], source="live") as late:
                await late.page.wait_for_load_state()
                clicked = await late.enter("Late")
                await until(metered, clicked + 3.0)
                frames = [frame for frame in await late.frames() if frame.at > clicked]
                assert await late.page.evaluate(SOURCE) == "live"
            off = errors(frames[:1], room.newest)
            first = frames[0].at - clicked if frames else float("inf")
            return {"first_frame_s": first, "first_error_s": percentile(off, 1.0)}

    await best(attempt, {"first_frame_s": 1.0, "first_error_s": 0.6})


async def test_a_film_that_begins_live_begins_on_time(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    async def attempt() -> Figures:
        async with viewing(metered, browsers[:1], 5.0, sources=["live"]) as room:
            timeline = room.newest
            await expect(sync(room.viewers[0].page)).to_have_text("Ready")
            await until(metered, timeline.instant + 3.0)
            frames = within(
                await room.viewers[0].frames(), timeline.instant + 0.5, timeline.instant + 3.0
            )
            return {"begun_error_p95_s": percentile(errors(frames, timeline), 0.95)}

    await best(attempt, {"begun_error_p95_s": 0.15})


async def refuse(route: Route, status: int) -> None:
    """Answer as a server that does not give the stream."""
    await route.fulfill(status=status, content_type="application/problem+json", body="{}")


@pytest.mark.parametrize("status", [406, 403])
async def test_where_the_stream_is_refused_the_file_plays_and_that_is_said(
    metered: MeteredServer, browsers: list[Browser], status: int
) -> None:
    showing = metered.show(-20.0)
    async with Viewer.looking(metered, showing, browsers[0], as_host=True, source="live") as viewer:
        await viewer.page.route("**/whep", lambda route: refuse(route, status))
        clicked = await viewer.enter()
        await shows(viewer.page, "file", 2.0)
        words = viewer.page.get_by_text("The file plays meanwhile.")
        await expect(words.first).to_be_visible()
        await viewer.until_state("locked", "nudge")
        assert metered.now() - clicked < 6.0
        await expect(viewer.page.locator("#source-status")).not_to_be_empty()


async def test_where_no_packet_gets_through_the_file_plays_and_that_is_said(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    showing = metered.show(-20.0)
    async with Viewer.looking(metered, showing, browsers[0], as_host=True, source="live") as viewer:
        # All candidates of the server are taken out of its answer.
        async def without_candidates(route: Route) -> None:
            answer = await route.fetch()
            lines = [line for line in (await answer.text()).splitlines() if "candidate" not in line]
            await route.fulfill(response=answer, body="\r\n".join(lines) + "\r\n")

        await viewer.page.route("**/whep", without_candidates)
        await viewer.enter()
        await shows(viewer.page, "file", 4.0)
        await viewer.until_state("locked", "nudge")
        words = viewer.page.get_by_text("The live picture can’t get through your network.")
        await expect(words.first).to_be_visible(timeout=10_000)


async def test_a_live_picture_comes_back_after_its_server_was_killed(
    films: Path, tmp_path: Path, playwright: Playwright
) -> None:
    data = tmp_path / "data"
    async with chromium(playwright) as browser, running_server(films, data) as first:
        metered = MeteredServer.of(first)
        showing = metered.show(-10.0)
        async with Viewer.looking(metered, showing, browser, source="live") as viewer:
            await viewer.enter("Vera")
            await viewer.until_state("locked", "nudge", seconds=20.0)
            timeline = showing.timeline()
            first.process.kill()
            await first.process.wait()
            port = first.address.rpartition(":")[2]
            async with running_server(films, data, "--port", port) as second:
                back = MeteredServer.of(second).now()
                # The last picture stands until it is noticed that no more come.
                await shows(viewer.page, "file")
                await shows(viewer.page, "live", 30.0)
                await viewer.until_state("locked", seconds=30.0)
                await until(metered, metered.now() + 1.0)
                frames = within(await viewer.frames(), metered.now() - 1.0, metered.now())
                assert await viewer.page.evaluate(SOURCE) == "live"
                assert metered.now() - back < 60.0
                assert percentile(errors(frames, timeline), 0.5) < 0.15


async def test_the_room_goes_on_over_a_channel_when_the_socket_is_lost_and_back(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    showing = metered.show(-20.0)
    async with Viewer.looking(metered, showing, browsers[0], source="live") as viewer:
        page = viewer.page
        link = await RoomLink.of(page)
        await page.reload()
        await viewer.enter("Vera")
        await shows(page, "live")
        await viewer.until_state("locked", "nudge", seconds=20.0)
        await link.cut()

        field = page.get_by_role("textbox", name="Message", exact=True)
        chat = page.get_by_role("log", name="Chat", exact=True)
        await field.fill("Over the channel")
        await page.keyboard.press("Enter")
        await expect(chat.get_by_text("Over the channel")).to_have_count(1)
        await expect(page.locator(".banner")).to_have_count(0)
        await said(showing, "Over the channel")

        link.mend()
        await page.get_by_role("button", name="Picture from: Live", exact=True).click()
        await page.get_by_role("radio", name="File", exact=True).check()
        await shows(page, "file")
        await field.fill("Over the socket")
        await field.press("Enter")
        await expect(chat.get_by_text("Over the socket")).to_have_count(1)
        await expect(chat.get_by_text("Over the channel")).to_have_count(1)
        await said(showing, "Over the channel", "Over the socket")


async def test_the_menu_is_used_by_keyboard_and_remembered(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    showing = metered.show(-20.0)
    async with Viewer.looking(metered, showing, browsers[0], as_host=True) as viewer:
        page = viewer.page
        await viewer.enter()
        await shows(page, "file")
        button = page.get_by_role("button", name="Picture from: Automatic", exact=True)
        await focus_by_tab(page, button)
        await page.keyboard.press("Enter")
        live = page.get_by_role("radio", name="Live", exact=True)
        await expect(page.get_by_role("radio", name="Automatic", exact=True)).to_be_checked()
        assert await faults(page) == []
        await live.focus()
        await page.keyboard.press("Space")
        await shows(page, "live")
        await viewer.until_state("locked", "nudge", seconds=20.0)
        await expect(page.locator("#source-status")).to_have_text("The live picture is on.")
        await page.keyboard.press("Escape")
        await expect(live).to_be_hidden()

        await page.reload()
        await viewer.enter()
        await shows(page, "live")
        await expect(
            page.get_by_role("button", name="Picture from: Live", exact=True)
        ).to_be_visible()


async def test_a_live_viewer_is_told_of_the_missing_sound_and_goes_their_own_way_by_the_file(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    showing = metered.show(-20.0)
    async with Viewer.looking(metered, showing, browsers[0], as_host=True, source="live") as viewer:
        page = viewer.page
        await viewer.enter()
        await viewer.until_state("locked", "nudge", seconds=20.0)
        showing.command("rate", rate=1.5)
        silent = page.get_by_text("The live picture has no sound at this speed.")
        await expect(silent.first).to_be_visible()
        showing.command("rate", rate=1.0)

        await page.get_by_role("button", name="Watch on my own", exact=True).click()
        await shows(page, "file")
        await viewer.until_state("own")
        await page.get_by_role("button", name="Back to the room").first.click()
        await shows(page, "live")
        await viewer.until_state("locked", "nudge", seconds=20.0)


async def test_the_panel_shows_the_streams_figures_and_the_list_who_watches_live(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    showing = metered.show(-20.0)
    async with Viewer.looking(metered, showing, browsers[0], as_host=True, source="live") as viewer:
        page = viewer.page
        await viewer.enter()
        await viewer.until_state("locked", "nudge", seconds=20.0)
        people = page.get_by_role("list", name="People", exact=True)
        await expect(people.get_by_text("Live", exact=True)).to_be_visible()
        await page.keyboard.press("i")
        panel = page.get_by_role("dialog", name="In step?", exact=True)
        for name in ("Live picture and sound", "Packets lost", "Wait in the buffer"):
            row = panel.locator("dl div").filter(has_text=name)
            await expect(row.locator("dd")).not_to_have_text("Not known yet")
        assert await faults(page) == []


async def test_the_menu_fits_a_phone(metered: MeteredServer, browsers: list[Browser]) -> None:
    showing = metered.show(-20.0)
    async with Viewer.looking(metered, showing, browsers[0], as_host=True, source="live") as viewer:
        page = viewer.page
        await page.set_viewport_size(PHONE)
        await viewer.enter()
        await shows(page, "live")
        button = page.get_by_role("button", name="Picture from: Live", exact=True)
        await button.click()
        await settle(page)
        for target in (button, *await page.locator("#source-menu label").all()):
            box = await target.bounding_box()
            assert box is not None
            assert box["height"] >= 44
            assert box["width"] >= 44
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= PHONE["width"]
        assert await faults(page) == []


async def test_a_firefox_without_the_format_plays_the_file_within_two_seconds(
    metered: MeteredServer, browsers: list[Browser]
) -> None:
    if not FIREFOX.exists():
        lacking("Firefox: apt-get install firefox-esr")
    async with viewing(metered, [browsers[0], None], -20.0, sources=["live", "live"]) as room:
        firefox = room.viewers[1]
        entered = metered.now()
        await firefox.until_state("locked", "nudge", seconds=20.0)
        offers = await firefox.page.evaluate(
            "RTCRtpReceiver.getCapabilities('video').codecs.some((c) => /h264/i.test(c.mimeType))"
        )
        source = await firefox.page.evaluate(SOURCE)
        assert source == ("live" if offers else "file")
        frames = [frame for frame in await firefox.frames() if frame.at > entered]
        assert offers or frames[0].at - entered < 2.0
