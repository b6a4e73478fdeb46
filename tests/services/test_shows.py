"""Shows are planned on films that can be shown, and their open rooms hear of every change."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from harness.rooms import T0, Clock, House, say, until
from sessions.core.errors import (
    InPast,
    NotAllowed,
    NotPlayable,
    RateLimited,
    StoreUnavailable,
    UnknownShow,
    UnknownTitle,
)
from sessions.core.records import User
from sessions.services.locks import Locks
from sessions.services.planning import MAX_TITLE, Film, Plan, PlannedFilm, Titles
from sessions.services.shows import Change, Shows
from sessions.stores.sqlite.store import SqliteStore

ANNA = User(id=str(uuid4()), name="Anna")
COUNTER, HEAVY, ENDLESS, LONG = (str(uuid4()) for _ in range(4))
FILMS = {
    COUNTER: Film("Counter", 120.0),
    HEAVY: Film("Heavy", 120.0, refusal="browsers do not play HEVC"),
    ENDLESS: Film("Endless", None),
    LONG: Film("x" * 300, 120.0),
}


def plan(film: str, movie_time: float, **more: Any) -> Plan:  # noqa: ANN401 -- any field
    return Plan(film, [PlannedFilm(film, movie_time)], **more)


@pytest.fixture
def shows(store: SqliteStore, clock: Clock, house: House) -> Shows:
    return Shows(store, house.registry, Titles(FILMS.get), clock, Locks())


async def test_a_planned_show_is_kept_with_its_host_session_and_link(
    shows: Shows, store: SqliteStore
) -> None:
    view = await shows.create(ANNA, plan(COUNTER, T0, title="Friday", control="everyone"))

    ((session, state),) = view.sessions
    assert await store.show(view.show.id) == view.show
    assert await store.session(session.id) == session
    assert (session.movie_time, session.duration, state) == (T0, 120.0, "scheduled")
    host = await store.member(view.show.id, ANNA.id)
    assert host is not None
    assert host.role == view.role == "host"
    invite = await store.invite(view.token or "")
    assert invite is not None
    assert (invite.show_id, invite.own, invite.role) == (view.show.id, True, "guest")


async def test_a_show_takes_its_films_name_as_far_as_it_fits(shows: Shows) -> None:
    assert (await shows.create(ANNA, plan(COUNTER, T0))).show.title == "Counter"
    assert (await shows.create(ANNA, plan(LONG, T0))).show.title == "x" * MAX_TITLE


@pytest.mark.parametrize(
    ("film", "movie_time", "refusal"),
    [
        (str(uuid4()), T0, UnknownTitle),
        (HEAVY, T0, NotPlayable),
        (ENDLESS, T0, NotPlayable),
        (COUNTER, T0 - 60.0 - 120.1, InPast),
    ],
    ids=["unknown", "heavy", "endless", "in the past"],
)
async def test_what_can_not_be_shown_is_not_planned(
    shows: Shows, film: str, movie_time: float, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await shows.create(ANNA, plan(film, movie_time))

    assert (await shows.list(ANNA.id, "coming", 50, None)).items == []


async def test_who_plans_very_many_shows_waits_and_others_do_not(
    shows: Shows, clock: Clock
) -> None:
    for _ in range(100):
        await shows.create(ANNA, plan(COUNTER, T0))

    with pytest.raises(RateLimited) as refused:
        await shows.create(ANNA, plan(COUNTER, T0))

    assert refused.value.retry_after == pytest.approx(5.0)
    await shows.create(User(id=str(uuid4()), name="Boris"), plan(COUNTER, T0))
    clock.advance(5.0)
    await shows.create(ANNA, plan(COUNTER, T0))


async def test_no_two_links_are_the_same(shows: Shows) -> None:
    views = [await shows.create(ANNA, plan(COUNTER, T0)) for _ in range(3)]

    assert len({view.token for view in views}) == 3
    assert all(len(view.token or "") >= 22 for view in views)


async def test_an_open_room_hears_of_a_change_and_obeys_it(shows: Shows, house: House) -> None:
    await house.member("Boris")
    link, conversation = await house.enter("Boris")

    await shows.change(house.show.id, house.people["Anna"].user_id, Change(control="everyone"))
    say(conversation, type="command", ref="1", action="pause")

    await until(lambda: link.of("accepted"))
    (told,) = link.of("show")
    assert told["control"] == "everyone"
    await conversation.gone()


async def test_a_change_to_the_same_is_none(shows: Shows, house: House) -> None:
    link, conversation = await house.enter("Anna")

    await shows.change(house.show.id, house.people["Anna"].user_id, Change(control="host"))

    assert link.of("show") == []
    await conversation.gone()


async def test_a_room_called_off_says_goodbye(shows: Shows, house: House) -> None:
    link, conversation = await house.enter("Anna")

    await shows.delete(house.show.id, house.people["Anna"].user_id)

    assert link.of("goodbye") == [{"type": "goodbye", "code": 4410, "reason": "deleted"}]
    assert link.closed is not None
    with pytest.raises(UnknownShow):
        await shows.read(house.show.id, house.people["Anna"].user_id)
    await conversation.gone()


async def test_guests_neither_change_nor_call_off(shows: Shows, house: House) -> None:
    boris = await house.member("Boris")

    with pytest.raises(NotAllowed):
        await shows.change(house.show.id, boris.user_id, Change(title="Mine"))
    with pytest.raises(NotAllowed):
        await shows.delete(house.show.id, boris.user_id)
    assert (await shows.read(house.show.id, boris.user_id)).show == house.show


async def test_a_store_that_can_not_write_keeps_everything_as_it_was(
    shows: Shows, house: House, store: SqliteStore
) -> None:
    link, conversation = await house.enter("Anna")
    anna = house.people["Anna"].user_id
    await store.close()

    for change in (
        shows.change(house.show.id, anna, Change(title="Mine")),
        shows.delete(house.show.id, anna),
    ):
        with pytest.raises(StoreUnavailable):
            await change
    assert link.of("show") == []
    assert link.closed is None
    await conversation.gone()
