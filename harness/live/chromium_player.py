"""A WHEP player in Chromium: which frames are shown, and what their RTP timestamps say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, Page

from harness.page_scripts import READER, function_in
from harness.skew.metered_server import MeteredServer, Showing
from harness.webrtc.turn import Relay
from harness.webrtc.udp_line import UdpLine

__all__ = ["ChromiumPlayer", "LiveFrame", "chromium_player"]

_SCRIPT = function_in(Path(__file__).with_name("whep_player.js"))
_PLAYER = f"(options) => {_SCRIPT}({READER}, options)"

_VIDEO_TICKS, _WRAP = 90_000, 1 << 32


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """A frame that was shown."""

    shown_at: float
    """When, Unix seconds of this machine's wall clock."""

    due_at: float
    """When its RTP timestamp says, server time, Unix seconds."""

    number: int
    """Drawn in it; -1: not readable."""


class ChromiumPlayer:
    """A page that plays one stream."""

    def __init__(self, page: Page, metered: MeteredServer) -> None:
        self.page = page
        self._metered = metered

    async def asked_at(self) -> float:
        """Return when the offer was posted, Unix seconds of this machine's wall clock."""
        return float(await self.page.evaluate("whepPlayer.asked")) / 1000

    async def frames(self) -> list[LiveFrame]:
        """Return all frames that were shown so far."""
        near = self._metered.now()
        found = await self.page.evaluate("whepPlayer.frames")
        return [
            LiveFrame(each["shown"] / 1000, due_at(each["rtp"], near), each["number"])
            for each in found
        ]

    async def statistics(self, kind: Literal["video", "audio"] = "video") -> dict[str, Any]:
        """Return the figures of the reception of picture or sound."""
        script = (
            "(kind) => whepPlayer.peer.getStats().then((r) => [...r.values()]"
            ".find((s) => s.type === 'inbound-rtp' && s.kind === kind))"
        )
        return dict(await self.page.evaluate(script, kind))

    async def unmute(self) -> None:
        """Play the sound: only then its energy is measured."""
        await self.page.evaluate(
            "() => { const video = document.querySelector('video');"
            " video.muted = false; return video.play(); }"
        )

    async def chosen_pair(self) -> dict[str, str]:
        """Return the types of the two candidates in use: ``local`` and ``remote``."""
        script = """whepPlayer.peer.getStats().then((report) => {
            const { selectedCandidatePairId } = [...report.values()]
                .find((each) => each.type === 'transport');
            const pair = report.get(selectedCandidatePairId);
            return {
                local: report.get(pair.localCandidateId).candidateType,
                remote: report.get(pair.remoteCandidateId).candidateType,
            };
        })"""
        return dict(await self.page.evaluate(script))


def due_at(timestamp: int, near: float) -> float:
    """Return the server time that an RTP timestamp of a picture says, within hours of ``near``."""
    base = int(near * _VIDEO_TICKS)
    return (base + (timestamp - base + _WRAP // 2) % _WRAP - _WRAP // 2) / _VIDEO_TICKS


@asynccontextmanager
async def chromium_player(
    metered: MeteredServer,
    showing: Showing,
    browser: Browser,
    target: int | None = None,
    *,
    line: UdpLine | None = None,
    relay: Relay | None = None,
) -> AsyncIterator[ChromiumPlayer]:
    """Play a session's stream as its host; ``target`` is the jitter buffer's, milliseconds.

    ``line`` is the only way to the server, ``relay`` the only one to anybody, where they are given.
    """
    context = await browser.new_context()
    address = metered.server.address
    try:
        await context.add_cookies([{"name": "passport", "value": showing.host, "url": address}])
        page = await context.new_page()
        # Any page of the server, so that the offer comes from one of its own.
        await page.goto(f"{address}/robots.txt")
        url = f"/api/sessions/{showing.session}/whep"
        ways = {
            "line": None if line is None else line.address,
            "relay": None if relay is None else relay.for_browser,
        }
        options = {"url": url, "target": target, **ways}
        await page.evaluate(_PLAYER, options)
        yield ChromiumPlayer(page, metered)
        await page.evaluate("whepPlayer.close().then(() => {})")
    finally:
        await context.close()
