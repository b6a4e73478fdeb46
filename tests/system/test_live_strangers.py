"""What viewers and strangers can do to the live room of a server that is a process of its own.

The server waits less than others for who is silent; ``tests/webrtc`` holds how long others wait.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from urllib.error import HTTPError

import pytest
import pytest_asyncio
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
)

from harness.webrtc import ice, impatient
from harness.webrtc.impatient import CONNECT_WITHIN_S, SILENT_AFTER_S
from harness.webrtc.live_cinema import LiveCinema, live_cinema
from harness.webrtc.viewer import Viewer

pytestmark = pytest.mark.asyncio(loop_scope="module")

STREAMS_OF_A_PERSON = 4
SOON_S = 5.0
AT_ONCE_S = 2.0
MEDIAN_ANSWER_S = 0.1
FLOOD_S = 3.0
METRICS_S = 8.0
REPAIRS_A_SECOND = 500
DATAGRAMS_A_MILLISECOND = 20
CLIENT_HELLO = bytes.fromhex("16feff0000000000000000") + bytes((0, 60, 1)) + bytes(59)
RTCP_PAYLOAD_TYPES = (200, 201, 202, 203, 204, 205, 206, 207)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_cinema(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveCinema]:
    async with live_cinema(tmp_path_factory.mktemp("cinema"), module=impatient.SOONER) as cinema:
        yield cinema


@pytest.fixture
def cinema(shared_cinema: LiveCinema) -> Iterator[LiveCinema]:
    """The cinema, its film at the beginning and nobody there."""
    shared_cinema.command("seek", position=5.0)
    yield shared_cinema
    shared_cinema.empty()


def packets_lost(viewer: Viewer) -> list[int]:
    return [stream.lost for stream in viewer.streams.values()]


def offers(cinema: LiveCinema, times: int) -> Iterator[tuple[int, str]]:
    """Make so many offers as one guest; yield the status and code of each answer."""
    token, viewer = cinema.member(), Viewer(cinema.audience.clock)
    offer = viewer.offer()
    viewer.vanish()
    for _ in range(times):
        try:
            cinema.server.watch(cinema.session, offer, token)
            yield 201, ""
        except HTTPError as refused:
            with refused:
                yield refused.code, json.load(refused)["code"]


async def test_of_a_hundred_offers_by_one_guest_four_are_answered(cinema: LiveCinema) -> None:
    said = Counter(offers(cinema, 100))

    assert set(said) == {(201, ""), (429, "too_many_streams"), (429, "rate_limited")}
    assert said[201, ""] == STREAMS_OF_A_PERSON


async def test_handshakes_that_are_never_finished_end_and_touch_nobody(cinema: LiveCinema) -> None:
    watching, _ = cinema.viewer(cinema.member())
    assert cinema.watches(watching)
    people = [cinema.member() for _ in range(5)]
    streams = [
        cinema.viewer(token, finish_dtls=False)[1]
        for token in people
        for _ in range(STREAMS_OF_A_PERSON)
    ]
    assert all(stream.lives for stream in streams)

    cinema.until(lambda: not any(stream.lives for stream in streams), CONNECT_WITHIN_S + SOON_S)
    assert watching.state == "connected"
    assert packets_lost(watching) == [0, 0]


async def test_who_vanishes_is_gone_soon_after(cinema: LiveCinema) -> None:
    staying, _ = cinema.viewer(cinema.member())
    leaving, stream = cinema.viewer(cinema.member())
    assert cinema.watches(staying, leaving)

    leaving.stop_answering()
    cinema.until(lambda: not stream.lives, SILENT_AFTER_S + SOON_S)
    assert packets_lost(staying) == [0, 0]


async def test_who_says_goodbye_is_gone_at_once(cinema: LiveCinema) -> None:
    leaving, stream = cinema.viewer(cinema.member())
    assert cinema.watches(leaving)

    leaving.close()
    cinema.until(lambda: not stream.lives, AT_ONCE_S)


def strange_datagrams(viewer: Viewer) -> Iterator[bytes]:
    """What strangers may send to the port of the live room, without end."""
    guessed = ice.request(
        from_="stranger", to="nobody", password="guessed", tie_breaker=1, controlling=True
    )
    known = ice.request(
        from_="stranger",
        to=viewer.server_ufrag,
        password="guessed",
        tie_breaker=1,
        controlling=True,
    )
    while True:
        yield guessed
        yield known
        yield CLIENT_HELLO
        yield bytes((0x80, 201)) + os.urandom(60)
        yield os.urandom(1200)
        yield b""


def flood(cinema: LiveCinema, send: Callable[[], object]) -> list[float]:
    """Call ``send`` many times a millisecond; return how long the server's answers took, s."""
    end, asked, taken = time.monotonic() + FLOOD_S, 0.0, []
    while (now := time.monotonic()) < end:
        for _ in range(DATAGRAMS_A_MILLISECOND):
            send()
        cinema.audience.run_for(0.001)
        if now - asked > 0.1:
            asked = time.monotonic()
            cinema.server.call("GET", "/healthz")
            taken.append(time.monotonic() - asked)
    return taken


async def test_a_flood_of_strange_datagrams_takes_nothing_from_who_watches(
    cinema: LiveCinema,
) -> None:
    watching, stream = cinema.viewer(cinema.member())
    assert cinema.watches(watching)
    before = sum(stream.received for stream in watching.streams.values())
    datagrams = strange_datagrams(watching)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.connect(watching.server_address)
        taken = flood(cinema, lambda: stranger.send(next(datagrams)))
    came = sum(stream.received for stream in watching.streams.values()) - before

    cinema.until(lambda: cinema.figure("live_datagrams_refused", why="unknown") > 1000, METRICS_S)
    assert statistics.median(taken) < MEDIAN_ANSWER_S
    assert came > 50 * FLOOD_S
    assert packets_lost(watching) == [0, 0]
    assert stream.lives


def feedback(viewer: Viewer) -> Iterator[bytes]:
    """Feedback that asks for too much, or means nothing, without end."""
    ssrcs = list(viewer.streams)
    while True:
        for ssrc in ssrcs:
            highest = viewer.streams[ssrc].highest
            lost = [number & 0xFFFF for number in range(highest - 200, highest)]
            yield bytes(RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=ssrc, lost=lost))
            yield bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=1, media_ssrc=ssrc))
        for payload_type in RTCP_PAYLOAD_TYPES:
            size = 4 * (1 + os.urandom(1)[0] % 8)
            yield bytes((0x80 | os.urandom(1)[0] & 31, payload_type)) + os.urandom(2 + size)


async def test_feedback_that_makes_no_sense_takes_nothing_from_others(cinema: LiveCinema) -> None:
    watching, _ = cinema.viewer(cinema.member())
    talking, _ = cinema.viewer(cinema.member())
    assert cinema.watches(watching, talking)
    packets = feedback(talking)
    began = time.monotonic()
    taken = flood(cinema, lambda: talking.send_rtcp(next(packets)))
    # What is in the socket's buffer by then is answered afterwards, until the metrics tell it.
    most_seconds = time.monotonic() - began + METRICS_S

    cinema.until(lambda: cinema.figure("live_bad_rtcp") > 0, METRICS_S)
    assert cinema.figure("live_datagrams_refused", why="excess") > 0
    assert cinema.figure("live_retransmitted") <= REPAIRS_A_SECOND * most_seconds
    assert statistics.median(taken) < MEDIAN_ANSWER_S
    assert packets_lost(watching) == [0, 0]
    assert watching.state == "connected"
