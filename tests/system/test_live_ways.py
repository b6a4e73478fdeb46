"""The ways by which viewers reach the live room: through a relay alone, and over lines that end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiortc import RTCConfiguration, RTCIceServer
from aiortc.rtcconfiguration import RTCIceTransportPolicy

from harness.live.whep_player import WhepPlayer, whep_player
from harness.webrtc import impatient
from harness.webrtc.ice import own_addresses
from harness.webrtc.live_cinema import LiveCinema, live_address, live_answer, live_cinema
from harness.webrtc.turn import turn_relay
from harness.webrtc.udp_line import UdpLine, reached_by, without_candidates

LINK = re.compile(
    r'<(turn:[^>]+)>; rel="ice-server"; username="([^"]+)"; credential="([^"]+)"; '
    r'credential-type="password"'
)
SOON_S = 5.0
FRAMES = 20


def ice_servers(cinema: LiveCinema, token: str) -> list[RTCIceServer]:
    """Return the relays that an answer names (RFC 9725 section 4.6)."""
    return [
        RTCIceServer(urls=url, username=username, credential=credential)
        for link in live_answer(cinema.server, cinema.session, token).links
        for url, username, credential in LINK.findall(link)
    ]


async def test_aiortc_watches_through_the_relay_that_the_answer_names(tmp_path: Path) -> None:
    async with (
        turn_relay(tmp_path, secret="shared with coturn", host=own_addresses()[0]) as relay,
        live_cinema(tmp_path, "--ice-servers", relay.setting) as cinema,
    ):
        token = cinema.member()
        servers = ice_servers(cinema, token)
        alone = RTCConfiguration(servers, iceTransportPolicy=RTCIceTransportPolicy.RELAY)

        async def post(offer: str) -> str:
            assert set(re.findall(r"typ (\w+)", offer)) == {"relay"}
            return cinema.server.watch(cinema.session, offer, token).sdp

        async with whep_player(post, configuration=alone) as player, asyncio.timeout(30):
            numbers = [await player.next_number() for _ in range(FRAMES)]
            while player.sound_packets < FRAMES:
                await player.next_number()

        assert numbers == sorted(numbers)
        assert relay.allocations() >= 1


@asynccontextmanager
async def by_line(cinema: LiveCinema, line: UdpLine, token: str) -> AsyncIterator[WhepPlayer]:
    async def post(offer: str) -> str:
        answer = cinema.server.watch(cinema.session, without_candidates(offer), token)
        return reached_by(answer.sdp, line.address)

    async with whep_player(post, channel=True) as player:
        yield player


def state(cinema: LiveCinema, name: str) -> str:
    """Return what the list of people says of somebody."""
    path = f"/api/shows/{cinema.show['id']}/members"
    rows = cinema.server.call("GET", path, token=cinema.host)["items"]
    [said] = [row["state"] for row in rows if row["user"]["name"] == name]
    return str(said)


async def test_who_vanishes_is_away_in_the_list_soon_after(tmp_path: Path) -> None:
    async with live_cinema(tmp_path, module=impatient.SOONER) as cinema:
        host, port = live_address(cinema.server, cinema.session, cinema.host)
        token = cinema.member()
        async with (
            UdpLine.to(host, port) as line,
            by_line(cinema, line, token) as player,
        ):
            await player.say(type="hello", protocol=1)
            welcome = await player.hears("welcome")
            assert state(cinema, welcome["user"]["name"]) != "away"

            line.cut()
            async with asyncio.timeout(impatient.SILENT_AFTER_S + SOON_S):
                while state(cinema, welcome["user"]["name"]) != "away":  # noqa: ASYNC110 -- asks
                    await asyncio.sleep(0.2)
