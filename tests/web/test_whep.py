"""The live stream of a session by WHEP, with aiortc as the player."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from harness.live.counter_rendition import FakeRendition
from harness.live.whep_player import WhepPlayer, whep_player
from harness.rooms import T0, until
from sessions.live.live_show import LiveShow
from streamer.web.http.app_keys import LIVE_STREAMS, REGISTRY
from tests.web.app_harness import Answer, AppHarness, Person
from tests.web.conftest import Open
from tests.web.seats import seated
from tests.web.signing_in import account, auth_running, cinema_with

SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
D = 0.25


@pytest.fixture
async def cinema(open_cinema: Open) -> AppHarness:
    """A cinema whose films are the counter, and whose clock runs from the film's third second."""
    return await open_cinema(rendition=FakeRendition(60))


@pytest.fixture
async def running(cinema: AppHarness) -> AsyncIterator[AppHarness]:
    """The cinema while its clock runs."""
    async with clock_running(cinema):
        yield cinema


@asynccontextmanager
async def clock_running(cinema: AppHarness) -> AsyncIterator[None]:
    """Let the cinema's clock run from the film's third second."""
    loop = asyncio.get_running_loop()
    begin, cinema.clock.now = loop.time(), T0 + 3.0

    async def run() -> None:
        while True:
            await asyncio.sleep(0.005)
            cinema.clock.now = T0 + 3.0 + loop.time() - begin

    task = asyncio.create_task(run())
    yield
    task.cancel()


def whep(show: dict[str, Any]) -> str:
    return f"/api/sessions/{show['sessions'][0]['id']}/whep"


async def offered(person: Person, show: dict[str, Any], sdp: str) -> Answer:
    return await person.ask("POST", whep(show), raw=sdp.encode(), headers=SDP)


@asynccontextmanager
async def watching(
    person: Person, show: dict[str, Any], *, channel: bool = False
) -> AsyncIterator[WhepPlayer]:
    async def post(sdp: str) -> str:
        answer = await offered(person, show, sdp)
        assert answer.status == 201, answer.text
        return answer.text

    async with whep_player(post, channel=channel) as player:
        yield player


@pytest.fixture
async def offer() -> AsyncIterator[str]:
    player = WhepPlayer(channel=True)
    yield await player.offer()
    await player.close()


async def test_an_offer_is_answered_with_a_stream_of_ones_own(
    cinema: AppHarness, host: Person, show: dict[str, Any], offer: str
) -> None:
    answer = await offered(host, show, offer)

    assert answer.status == 201
    assert answer.headers["Content-Type"].startswith("application/sdp")
    assert answer.headers["Location"].startswith(whep(show) + "/")
    assert answer.headers["Accept-Patch"] == FRAGMENT["Content-Type"]
    assert answer.headers["ETag"].strip('"')
    assert "a=sendonly" in answer.text
    assert len(cinema.app[LIVE_STREAMS].peers) == 1


async def test_a_player_sees_the_frame_that_the_timeline_says(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with watching(host, show) as player:
        # The group of pictures in progress comes first, in a burst.
        numbers = [await player.next_number() for _ in range(60)]
        seen_at = running.clock.now - T0

    assert numbers[-10:] == list(range(numbers[-1] - 9, numbers[-1] + 1))
    # It takes its time to decode on a busy machine; it is never ahead of what is sent.
    assert seen_at + D - 2.0 < numbers[-1] / 25 < seen_at + D + 0.04


async def test_a_paused_film_shows_the_ordered_frame_again_and_again(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with watching(host, show) as player:
        await player.next_number()
        command = {"action": "pause"}
        made = await host.post(f"/api/sessions/{show['sessions'][0]['id']}/commands", command)
        ordered = int(made.json["timeline"]["position"] * 25 + 1e-4)
        while await player.next_number() != ordered:
            pass

        assert {await player.next_number() for _ in range(4)} == {ordered}


async def test_servers_for_ice_are_told(open_cinema: Open, offer: str) -> None:
    servers = "stun:stun.example,turn:anna:secret@turn.example:3479?transport=tcp"
    cinema = await open_cinema(ice_servers=servers)
    host = await cinema.guest("Anna")

    answer = await offered(host, await cinema.show(host), offer)

    assert answer.headers.getall("Link") == [
        '<stun:stun.example:3478>; rel="ice-server"',
        '<turn:turn.example:3479?transport=tcp>; rel="ice-server"; username="anna"; '
        'credential="secret"; credential-type="password"',
    ]


async def test_only_members_watch(cinema: AppHarness, show: dict[str, Any], offer: str) -> None:
    stranger = await cinema.guest("Zoe")

    assert (await offered(stranger, show, offer)).said == (404, "unknown_session")
    anybody = await cinema.anybody.ask("POST", whep(show), raw=offer.encode(), headers=SDP)
    assert anybody.said == (401, "unauthenticated")


async def test_another_sites_page_gets_no_stream(
    cinema: AppHarness, host: Person, show: dict[str, Any], offer: str
) -> None:
    headers = {"Cookie": f"passport={host.token}", "Origin": "https://evil.example", **SDP}

    answer = await cinema.anybody.ask("POST", whep(show), raw=offer.encode(), headers=headers)

    assert answer.said == (403, "foreign_origin")


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        (b"{}", "application/json", (415, "unsupported_media_type")),
        (b"v=0\r\n", "application/sdp", (422, "bad_offer")),
        (b"", "application/sdp", (422, "bad_offer")),
        (b"\xff\xfe", "application/sdp", (422, "invalid")),
        (b"a" * (64 * 1024 + 1), "application/sdp", (413, "too_large")),
    ],
)
async def test_what_is_no_offer_is_refused(
    host: Person, show: dict[str, Any], body: bytes, content_type: str, said: tuple[int, str]
) -> None:
    headers = {"Content-Type": content_type}

    assert (await host.ask("POST", whep(show), raw=body, headers=headers)).said == said


async def test_a_browser_without_the_codec_is_told(
    host: Person, show: dict[str, Any], offer: str
) -> None:
    assert (await offered(host, show, offer.replace("H264/", "VP7/"))).said == (
        406,
        "no_common_codec",
    )


async def test_one_person_has_four_streams_of_a_session(
    host: Person, show: dict[str, Any], offer: str
) -> None:
    made = [await offered(host, show, offer) for _ in range(4)]
    fifth = await offered(host, show, offer)

    assert [answer.status for answer in made] == [201] * 4
    assert fifth.status == 429
    assert int(fifth.headers["Retry-After"]) > 0
    assert (await host.delete(made[0].headers["Location"])).status == 204
    assert (await offered(host, show, offer)).status == 201


async def test_candidates_are_taken_for_the_named_ice_session(
    host: Person, show: dict[str, Any], offer: str
) -> None:
    made = await offered(host, show, offer)
    stream, etag = made.headers["Location"], made.headers["ETag"]
    lines = [line for line in offer.splitlines() if line.startswith(("a=ice-ufrag", "a=ice-pwd"))]
    candidate = "a=candidate:1 1 udp 2130706431 127.0.0.1 40000 typ host"
    body = "\r\n".join([*lines[:2], "m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0", candidate, ""])

    async def patched(text: str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await host.ask("PATCH", stream, raw=text.encode(), headers={**FRAGMENT, **named})

    assert (await patched(body, If_Match=etag)).status == 204
    assert (await patched(body)).said == (428, "precondition_required")
    assert (await patched(body, If_Match='"other"')).said == (412, "precondition_failed")
    restart = body.replace("a=ice-ufrag:", "a=ice-ufrag:x")
    assert (await patched(restart, If_Match="*")).said == (422, "bad_offer")
    json = await host.ask("PATCH", stream, raw=b"{}", headers={"Content-Type": "application/json"})
    assert json.said == (415, "unsupported_media_type")


async def test_a_stream_is_ended_by_who_has_it(
    cinema: AppHarness, host: Person, show: dict[str, Any], offer: str
) -> None:
    boris = await cinema.member("Boris", show)
    stream = (await offered(boris, show, offer)).headers["Location"]

    assert (await host.delete(stream)).said == (404, "unknown_stream")
    ended = await boris.ask("DELETE", stream, headers={"If-Match": '"whatever"'})
    assert ended.status == 204
    assert (await boris.delete(stream)).said == (404, "unknown_stream")
    assert (await boris.delete(f"{whep(show)}/{uuid4()}")).said == (404, "unknown_stream")
    assert len(cinema.app[LIVE_STREAMS].peers) == 0


async def test_the_addresses_tell_what_they_take(cinema: AppHarness, show: dict[str, Any]) -> None:
    endpoint = await cinema.anybody.ask("OPTIONS", whep(show))
    stream = await cinema.anybody.ask("OPTIONS", f"{whep(show)}/x")

    assert (endpoint.status, endpoint.headers["Accept-Post"]) == (200, "application/sdp")
    assert (stream.status, stream.headers["Accept-Patch"]) == (200, FRAGMENT["Content-Type"])
    for method in ("GET", "PUT"):
        answer = await cinema.anybody.ask(method, whep(show))
        assert (answer.status, answer.headers["Allow"]) == (405, "OPTIONS, POST")


async def test_the_stream_of_a_removed_member_ends_at_once(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await running.member("Boris", show)
    async with watching(boris, show) as player, watching(host, show) as other:
        await player.next_number()
        await other.next_number()

        await host.delete(f"/api/shows/{show['id']}/members/{boris.id}")

        async with asyncio.timeout(2.0):
            await player.ended.wait()
        assert not other.ended.is_set()
        assert len(running.app[LIVE_STREAMS].peers) == 1


async def test_the_stream_of_an_expired_passport_ends(
    running: AppHarness, host: Person, show: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions.services.passports.PASSPORT_LIFETIME_S", 2.0)
    boris = await running.member("Boris", show)
    async with watching(boris, show) as player:
        await player.next_number()

        async with asyncio.timeout(6.0):
            await player.ended.wait()


@pytest.mark.parametrize("lost", ["membership", "show"])
async def test_who_loses_the_room_while_it_is_opened_gets_no_stream(
    cinema: AppHarness,
    host: Person,
    show: dict[str, Any],
    offer: str,
    lost: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    boris = await cinema.member("Boris", show)
    registry, opened = cinema.app[REGISTRY], cinema.app[REGISTRY].live_show

    async def lose_it_meanwhile(show_id: str) -> LiveShow:
        live = await opened(show_id)
        monkeypatch.undo()
        of_boris = f"/members/{boris.id}" if lost == "membership" else ""
        assert (await host.delete(f"/api/shows/{show['id']}{of_boris}")).status == 204
        return live

    monkeypatch.setattr(registry, "live_show", lose_it_meanwhile)

    assert (await offered(boris, show, offer)).said == (404, "unknown_session")
    streams = cinema.app[LIVE_STREAMS]
    assert (len(streams.peers), streams.running) == (0, 0)


async def test_all_streams_end_with_the_show(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with watching(host, show) as player:
        await player.next_number()

        await host.delete(f"/api/shows/{show['id']}")

        async with asyncio.timeout(2.0):
            await player.ended.wait()
        streams = running.app[LIVE_STREAMS]
        assert (len(streams.peers), streams.running) == (0, 0)


async def test_the_server_stops_with_peers(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with watching(host, show) as player:
        await player.next_number()

        async with asyncio.timeout(5.0):
            await running.close()

        async with asyncio.timeout(2.0):
            await player.ended.wait()


async def test_who_watches_live_is_told_so_in_the_roster(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with seated(running, show, host) as seat:
        assert seat.welcome["settings"]["live_delay"] == D
        assert seat.welcome["settings"]["leads"]["pause"] == pytest.approx(0.15)
        async with watching(host, show) as player:
            await player.next_number()
            members = f"/api/shows/{show['id']}/members"
            (row,) = (await host.get(members)).json["items"]
            assert row["transport"] == "webrtc"
            async with seated(running, show, host) as again:
                assert again.welcome["settings"]["leads"]["pause"] == pytest.approx(D + 0.05)


async def test_the_channel_carries_the_rooms_protocol(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with watching(host, show, channel=True) as player, seated(running, show, host) as seat:
        await player.say(type="ping", c0=1.0)
        assert (await player.hears("pong"))["c0"] == 1.0
        await player.say(type="hello", protocol=1, after=0)
        welcome = await player.hears("welcome")
        assert welcome["user"]["id"] == host.id

        await player.say(type="say", ref=1, id=str(uuid4()), text="over UDP")

        accepted = await player.hears("accepted")
        told = await seat.hears("message", text="over UDP")
        assert told["seq"] == accepted["seq"]


async def test_each_entry_comes_once_on_each_carrier(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with watching(host, show, channel=True) as player:
        await player.say(type="hello", protocol=1)
        seq = (await player.hears("welcome"))["seq"]
        for n in range(5):
            await running.say(host, show, f"message {n}")
        seen = [(await player.hears("message"))["seq"] for _ in range(5)]

    async with watching(host, show, channel=True) as player:
        await player.say(type="hello", protocol=1, after=seen[2])
        await player.hears("welcome")
        again = [(await player.hears("message"))["seq"] for _ in range(2)]

    assert seen == list(range(seen[0], seen[0] + 5))
    assert seen[0] > seq
    assert again == seen[3:]


async def test_a_removed_member_is_told_on_the_channel(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    boris = await running.member("Boris", show)
    async with watching(boris, show, channel=True) as player:
        await player.say(type="hello", protocol=1)
        await player.hears("welcome")

        await host.delete(f"/api/shows/{show['id']}/members/{boris.id}")

        assert (await player.hears("removed"))["code"] == 4403


async def test_the_end_of_an_accounts_passport_is_told_on_the_channel(
    open_cinema: Open,
) -> None:
    async with auth_running() as auth:
        cinema = await cinema_with(open_cinema, auth, rendition=FakeRendition(60))
        async with clock_running(cinema):
            auth.now = cinema.clock()
            show = await cinema.show(await account(cinema, auth))
            # By the leeway it holds for two seconds more.
            brief = auth.token(exp=int(cinema.clock()) - 28)
            anna = Person(cinema.client, {"id": "", "name": ""}, brief)
            async with watching(anna, show, channel=True) as player:
                await player.say(type="hello", protocol=1)
                await player.hears("welcome")

                assert (await player.hears("goodbye"))["code"] == 4401
                async with asyncio.timeout(6.0):
                    await player.ended.wait()


async def test_a_message_that_is_too_long_ends_the_channel(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with watching(host, show, channel=True) as player:
        await player.say(type="hello", protocol=1)
        await player.hears("welcome")

        player.allow_any_length()
        await player.say(type="say", ref=1, id=str(uuid4()), text="a" * 65_536)

        assert (await player.hears("goodbye"))["code"] == 1009
        async with asyncio.timeout(5.0):
            await player.channel_closed.wait()
        assert not player.ended.is_set()


async def test_a_channel_of_another_name_is_closed(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    player = WhepPlayer()
    channel = player.connection.createDataChannel("other")
    closed = asyncio.Event()
    channel.on("close", closed.set)
    answer = await offered(host, show, await player.offer())
    await player.accept(answer.text)

    async with asyncio.timeout(10.0):
        await closed.wait()
    await player.close()


async def test_the_streams_are_measured(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with watching(host, show) as player:
        await player.next_number()
        text = (await running.anybody.get("/metrics")).text
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("seans_"))

    assert figures["seans_live_streams"] == figures["seans_live_pumps"] == "1.0"
    assert figures["seans_live_streams_opened_total"] == "1.0"
    assert float(figures["seans_live_packets_total"]) > 0
    assert float(figures["seans_live_pictures_total"]) > 0
    assert figures['seans_live_fallbacks_total{way="aiortc"}'] == "0.0"


async def test_how_much_of_the_film_is_made_is_told_while_it_is_watched(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    session = f"/api/sessions/{show['sessions'][0]['id']}"
    assert "progress" not in (await host.get(session)).json["sources"][1]

    async with watching(host, show) as player:
        await player.next_number()
        live = (await host.get(session)).json["sources"][1]

    assert (live["progress"], live["behind"]) == (1.0, False)


async def test_a_message_without_end_ends_the_stream(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with watching(host, show, channel=True) as player:
        await player.say(type="ping", c0=1.0)
        await player.hears("pong")

        player.send_without_end()

        await until(lambda: len(running.app[LIVE_STREAMS].peers) == 0)


async def test_a_viewer_that_opens_channels_without_end_is_ended(
    running: AppHarness, host: Person, show: dict[str, Any]
) -> None:
    async with watching(host, show, channel=True) as player:
        await player.say(type="ping", c0=1.0)
        await player.hears("pong")

        for _ in range(70):
            player.connection.createDataChannel("room")

        async with asyncio.timeout(20.0):
            await player.ended.wait()


async def test_what_a_player_is_sent_stands_in_one_s_history(running: AppHarness) -> None:
    host = await running.guest("Anna")
    show = await running.show(host)
    registry = running.app[REGISTRY]

    async def watched() -> float:
        await registry.tick()
        items = (await host.get("/api/history")).json["items"]
        return float(sum(view["watched"] for view in items))

    async with watching(host, show) as player:
        await player.numbers.get()
        for _ in range(10):
            await registry.tick()
            await asyncio.sleep(0.1)
    await until(lambda: not running.app[LIVE_STREAMS].peers.of_session(show["sessions"][0]["id"]))
    seconds = await watched()

    assert 0.5 <= seconds <= 20.0
    await asyncio.sleep(0.3)
    assert await watched() == seconds, "nothing is sent any more"
