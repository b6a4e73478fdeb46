"""History: written by the room from what pages report, seen and deleted by its owner alone."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from harness.rooms import T0
from streamer.web.http.app_keys import REGISTRY, STORE
from tests.web.app_harness import AppHarness, Person, at
from tests.web.conftest import Open
from tests.web.seats import Seated, seated


async def watch(cinema: AppHarness, viewer: Seated, seconds: float) -> None:
    """Let time go by, in which a viewer's page reports as pages do."""
    for _ in range(round(seconds / 5)):
        await viewer.report("playing")
        cinema.clock.advance(5.0)
        await viewer.report("playing")
        await cinema.app[REGISTRY].tick()


async def history_of(person: Person) -> list[dict[str, Any]]:
    return list((await person.get("/api/history")).json["items"])


async def test_what_was_watched_stands_in_one_s_history(cinema: AppHarness) -> None:
    host = await cinema.guest("Anna")
    show = await cinema.show(host, title="Friday")
    friend = await cinema.member("Boris", show)
    cinema.clock.now = T0 + 50.0
    session = show["sessions"][0]

    async with seated(cinema, show, host) as viewer, seated(cinema, show, friend) as idle:
        await idle.report("paused")
        await watch(cinema, viewer, 20.0)
        (view,) = await history_of(host)

        assert view["type"] == "view"
        assert (view["user_id"], view["title"]) == (host.id, "Friday")
        assert (view["show_id"], view["session_id"]) == (show["id"], session["id"])
        assert (view["target_id"], view["target_type"]) == (cinema.film, "movie")
        assert view["duration"] == session["duration"]
        assert view["company"] == ["Boris"]
        # Kept at least every ten seconds.
        assert 10.0 <= view["watched"] <= 20.0
        assert view["position"] == 50.0 + view["watched"]
        assert await history_of(friend) == []
        await watch(cinema, viewer, 5.0)
        await viewer.report("paused")
        cinema.clock.advance(60.0)
        await viewer.report("paused")

    await cinema.app[REGISTRY].tick()
    (view,) = await history_of(host)
    assert view["watched"] == 25.0
    assert view["position"] == 75.0


async def test_who_comes_back_goes_on_with_the_same_entry(cinema: AppHarness) -> None:
    host = await cinema.guest("Anna")
    show = await cinema.show(host)
    cinema.clock.now = T0 + 1.0
    seen = []
    for _ in range(2):
        async with seated(cinema, show, host) as viewer:
            await watch(cinema, viewer, 10.0)
        await cinema.app[REGISTRY].tick()
        seen.append((await history_of(host))[0])
        # Long enough for the show to be closed and opened anew.
        cinema.clock.advance(100.0)
        for _ in range(3):
            await cinema.app[REGISTRY].tick()
        assert cinema.app[REGISTRY].find_open(show["id"]) is None

    assert [view["watched"] for view in seen] == [10.0, 20.0]
    assert seen[0]["id"] == seen[1]["id"]
    assert len(await history_of(host)) == 1


async def test_a_countdown_and_a_gap_are_not_watched(cinema: AppHarness) -> None:
    host = await cinema.guest("Anna")
    show = await cinema.show(host)
    cinema.clock.now = T0 - 30.0

    async with seated(cinema, show, host) as viewer:
        await watch(cinema, viewer, 10.0)
        cinema.clock.now = T0 + 10.0
        await viewer.report("playing")
        # A page that says nothing for an hour is not believed to have played all the time.
        cinema.clock.advance(3600.0)
        await viewer.report("playing")
    await cinema.app[REGISTRY].tick()

    (view,) = await history_of(host)
    assert view["watched"] == 10.0
    assert view["position"] == show["sessions"][0]["duration"]


async def test_a_server_that_stops_keeps_the_last_seconds(open_cinema: Open) -> None:
    cinema = await open_cinema()
    host = await cinema.guest("Anna")
    show = await cinema.show(host)
    cinema.clock.now = T0 + 1.0
    async with seated(cinema, show, host) as viewer:
        await viewer.report("playing")
        cinema.clock.advance(4.0)
        await viewer.report("playing")
        await cinema.app[REGISTRY].stop()

    (view,) = await history_of(host)
    assert view["watched"] == 4.0


async def test_a_deleted_entry_does_not_come_back_with_what_it_held(cinema: AppHarness) -> None:
    host, stranger = await cinema.guest("Anna"), await cinema.guest("Eve")
    show = await cinema.show(host)
    cinema.clock.now = T0 + 1.0
    async with seated(cinema, show, host) as viewer:
        await watch(cinema, viewer, 20.0)
        (view,) = await history_of(host)
        path = f"/api/history/{view['id']}"

        assert (await stranger.delete(path)).said == (404, "unknown_view")
        assert (await host.delete(path)).status == 204
        assert (await host.delete(path)).said == (404, "unknown_view")
        assert await history_of(host) == []
        await watch(cinema, viewer, 10.0)
        (anew,) = await history_of(host)
        assert anew["id"] != view["id"]
        assert anew["watched"] <= 10.0
        assert (await host.delete("/api/history")).status == 204
        assert await history_of(host) == []


async def test_history_outlives_its_show(cinema: AppHarness) -> None:
    host = await cinema.guest("Anna")
    show = await cinema.show(host)
    cinema.clock.now = T0 + 1.0
    async with seated(cinema, show, host) as viewer:
        await watch(cinema, viewer, 10.0)
    await cinema.app[REGISTRY].tick()

    assert (await host.delete(f"/api/shows/{show['id']}")).status == 204

    assert [view["show_id"] for view in await history_of(host)] == [show["id"]]


async def test_history_needs_a_passport_and_an_id(cinema: AppHarness) -> None:
    host = await cinema.guest("Anna")

    assert (await cinema.anybody.get("/api/history")).said == (401, "unauthenticated")
    assert (await cinema.anybody.delete("/api/history")).said == (401, "unauthenticated")
    assert (await host.delete("/api/history/x")).said == (404, "unknown_view")
    assert (await host.delete(f"/api/history/{uuid4()}")).said == (404, "unknown_view")
    assert (await host.get("/api/history?limit=0")).said == (422, "invalid")
    assert (await host.get("/api/history?cursor=x")).said == (422, "invalid")


async def test_who_goes_on_to_the_next_film_has_left_the_first_where_it_stood(
    cinema: AppHarness,
) -> None:
    host = await cinema.guest("Anna")
    later = {"target_id": cinema.film, "movie_time": at(T0 + 3600.0)}
    show = await cinema.show(host)
    assert (await host.post(f"/api/shows/{show['id']}/sessions", later)).status == 201
    cinema.clock.now = T0 + 1.0
    session = show["sessions"][0]["id"]
    async with seated(cinema, show, host) as viewer:
        await watch(cinema, viewer, 20.0)
        went = await host.post(f"/api/sessions/{session}/commands", {"action": "next"})
        assert went.status == 202
        cinema.clock.advance(10.2)
    await cinema.app[REGISTRY].tick()

    view = next(view for view in await history_of(host) if view["session_id"] == session)
    assert 20.0 <= view["position"] <= 35.0


async def test_a_guest_who_becomes_an_account_takes_the_evening_along(cinema: AppHarness) -> None:
    host = await cinema.guest("Anna")
    show = await cinema.show(host)
    account = str(uuid4())
    cinema.clock.now = T0 + 1.0
    async with seated(cinema, show, host) as viewer:
        await watch(cinema, viewer, 10.0)
        cinema.clock.advance(4.0)
        await viewer.report("playing")
        store, registry = cinema.app[STORE], cinema.app[REGISTRY]
        changed = await store.move_user(host.id, account, "Anna", cinema.clock())
        live = await registry.live_show(show["id"])
        live.member_moved(host.id, changed.members[0], changed.entries)
    await registry.tick()
    await registry.tick()

    assert (await store.views_of(host.id, 9, None)).items == []
    (view,) = (await store.views_of(account, 9, None)).items
    assert 10.0 <= view.watched <= 14.0
