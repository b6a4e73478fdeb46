"""A show that waits, from the outside: its policy over HTTP, its waits over the room sockets."""

from __future__ import annotations

from typing import Any

import pytest

from harness.rooms import T0, until
from streamer.web.http.app_keys import REGISTRY
from tests.web.app_harness import AppHarness, Person
from tests.web.conftest import Open
from tests.web.seats import seated

Said = dict[str, Any]


async def move_to(cinema: AppHarness, seconds: float) -> None:
    """Let it be ``seconds`` after the start, and the open shows be looked after."""
    cinema.clock.now = T0 + seconds
    await cinema.app[REGISTRY].tick()


async def reported(cinema: AppHarness, show: Said, person: Person, state: str) -> None:
    """Wait until the server knows how somebody's picture does."""
    registry = cinema.app[REGISTRY]
    await until(lambda: registry.presence(show["id"], person.id).state == state)


def line(said: Said) -> tuple[float, float, str | None, str]:
    """Return what a timeline that is ordered says: rate, instant after the start, by and reason."""
    made = said["next"] or said["timeline"]
    return made["rate"], round(made["instant"] - T0, 6), made["by"], made["reason"]


@pytest.mark.parametrize("waiting", ["never", "start", "always"])
async def test_a_show_waits_as_its_host_says(
    cinema: AppHarness, host: Person, waiting: str
) -> None:
    show = await cinema.show(host, waiting=waiting)
    path = f"/api/shows/{show['id']}"

    assert show["waiting"] == waiting
    assert (await host.get(path)).json["waiting"] == waiting
    other = await cinema.show(host)
    changed = await host.patch(f"/api/shows/{other['id']}", {"waiting": waiting})
    assert changed.json["waiting"] == waiting


async def test_only_the_host_says_how_a_show_waits(
    cinema: AppHarness, host: Person, show: Said
) -> None:
    boris = await cinema.member("Boris", show)
    path = f"/api/shows/{show['id']}"

    assert (await boris.patch(path, {"waiting": "always"})).said == (403, "not_allowed")
    assert (await host.get(path)).json["waiting"] == "never"


async def test_a_film_begins_when_everybody_is_ready(cinema: AppHarness, host: Person) -> None:
    show = await cinema.show(host, waiting="start")
    boris = await cinema.member("Boris", show)
    async with seated(cinema, show, host) as anna, seated(cinema, show, boris) as slow:
        await anna.report("ready")
        await slow.report("waiting", buffered=0.4)
        await reported(cinema, show, host, "ready")
        await reported(cinema, show, boris, "waiting")

        await move_to(cinema, -0.9)
        assert line(await anna.hears("timeline")) == (0.0, 0.0, None, "waiting")
        told = await anna.hears("waiting")
        assert told == {
            "type": "waiting",
            "for": [{"id": boris.id, "name": "Boris"}],
            "until": T0 + 15.0,
        }
        await move_to(cinema, 4.0)
        stands = (await host.get(f"/api/sessions/{show['sessions'][0]['id']}/timeline")).json
        assert (stands["timeline"]["reason"], stands["timeline"]["position"]) == ("waiting", 0.0)
        await slow.report("ready", buffered=8.0)
        assert line(await anna.hears("timeline")) == (1.0, 4.5, None, "play")
        assert (await anna.hears("waiting"))["for"] == []

    async with seated(cinema, show, host) as again:
        assert again.welcome["waiting"] is None
        paused = await again.hears("notice", kind="paused")
        played = await again.hears("notice", kind="played")
        assert [n["reason"] for n in (paused, played)] == ["waiting", "waiting"]
        assert [n["by"] for n in (paused, played)] == [None, None]


async def test_a_film_stops_for_who_stalls_and_the_host_goes_on(
    cinema: AppHarness, host: Person
) -> None:
    show = await cinema.show(host, waiting="always")
    boris = await cinema.member("Boris", show)
    session = f"/api/sessions/{show['sessions'][0]['id']}"
    async with seated(cinema, show, host) as anna, seated(cinema, show, boris) as slow:
        cinema.clock.now = T0 + 60.0
        await anna.report("playing", buffered=20.0)
        await slow.report("stalled", buffered=0.0)
        await reported(cinema, show, boris, "stalled")
        await move_to(cinema, 61.0)
        assert line(await anna.hears("timeline")) == (0.0, 61.15, None, "waiting")
        assert (await slow.hears("waiting"))["until"] == pytest.approx(T0 + 76.15)
        cinema.clock.now = T0 + 63.0

        refused = await boris.post(f"{session}/commands", {"action": "play"})
        went_on = await host.post(f"{session}/commands", {"action": "play"})

        assert refused.said == (403, "not_allowed")
        assert went_on.json["timeline"]["by"] == host.id
        assert (await slow.hears("waiting"))["for"] == []
        await move_to(cinema, 70.0)
        now = (await host.get(f"{session}/timeline")).json
        assert now["timeline"] == went_on.json["timeline"]


async def test_changing_the_policy_ends_a_wait_that_it_does_not_know(
    cinema: AppHarness, host: Person
) -> None:
    show = await cinema.show(host, waiting="start")
    async with seated(cinema, show, host) as anna:
        await anna.report("waiting")
        await reported(cinema, show, host, "waiting")
        await move_to(cinema, -0.5)
        await anna.hears("waiting")
        await move_to(cinema, 1.0)

        await host.patch(f"/api/shows/{show['id']}", {"waiting": "never"})

        assert line(await anna.hears("timeline")) == (1.0, 1.5, None, "play")
        assert (await anna.hears("waiting"))["until"] is None


async def test_a_room_that_waits_goes_on_after_the_server_was_away(open_cinema: Open) -> None:
    cinema = await open_cinema()
    host = await cinema.guest("Anna")
    show = await cinema.show(host, waiting="start")
    path = f"/api/sessions/{show['sessions'][0]['id']}/timeline"
    async with seated(cinema, show, host) as anna:
        await anna.report("waiting")
        await reported(cinema, show, host, "waiting")
        await move_to(cinema, -0.5)
        await anna.hears("waiting")
    await cinema.close()

    cinema = await open_cinema()
    cinema.clock.now = T0 + 16.0
    host = Person(cinema.client, {"id": host.id, "name": "Anna"}, host.token)
    found = (await host.get(path)).json
    (live,) = (await cinema.app[REGISTRY].live_show(show["id"])).sessions.values()
    await move_to(cinema, 16.0)
    await until(lambda: live.room.wait is None)
    async with seated(cinema, show, host) as anna:
        assert line(anna.welcome) == (1.0, 16.5, None, "play")

    assert found["timeline"]["position"] == 0.0
