"""What every store promises of shows, their sessions and the lists of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from harness.samples import NOON, SampleShow, everybody_in, new_id, shows_at, tail_of
from sessions.core.errors import IdTaken, OnlySession, UnknownSession, UnknownShow
from sessions.core.records import Member
from sessions.stores.base import (
    MAX_LISTED_PEOPLE,
    ListedPeople,
    ListedShow,
    Store,
    When,
)


async def ids_of(store: Store, user_id: str, when: When, now: float) -> list[str]:
    page = await store.shows_of(user_id, when, now, 50, None)
    assert page.next is None
    return [show.id for show, *_ in page.items]


def people(*members: Member) -> ListedPeople:
    return ListedPeople(len(members), {member.user_id: member.name for member in members})


async def test_a_new_show_is_kept_with_all_that_belongs_to_it(store: Store) -> None:
    sample = SampleShow()
    second = sample.another_session(NOON + 86_400)

    await store.create_show(sample.show, [second, sample.session], sample.host, sample.link)

    assert await store.show(sample.show.id) == sample.show
    assert await store.session(second.id) == second
    assert list(await store.sessions_of(sample.show.id)) == [sample.session, second]
    assert list(await everybody_in(store, sample.show.id)) == [sample.host]
    assert list(await store.invites_of(sample.show.id)) == [sample.link]
    assert await store.invite(sample.link.token) == sample.link


async def test_what_was_never_kept_is_not_there(store: Store, sample: SampleShow) -> None:
    assert await store.show(new_id()) is None
    assert await store.session(new_id()) is None
    assert await store.sessions_of(new_id()) == []
    assert await store.member(new_id(), sample.host_id) is None
    assert await store.member(sample.show.id, new_id()) is None
    assert await everybody_in(store, new_id()) == []
    assert await store.invite(new_id()) is None
    assert await store.invites_of(new_id()) == []
    assert await store.own_token(new_id()) is None


async def test_a_show_is_kept_whole_or_not_at_all(store: Store, sample: SampleShow) -> None:
    new = SampleShow()
    for show, sessions, host, link in (
        (sample.show, [new.session], new.host, new.link),
        (new.show, [new.session, sample.session], new.host, new.link),
        (new.show, [new.session], replace(new.host, id=sample.host.id), new.link),
        (new.show, [new.session], new.host, replace(new.link, id=sample.link.id)),
        (new.show, [new.session], new.host, replace(new.link, token=sample.link.token)),
    ):
        with pytest.raises(IdTaken):
            await store.create_show(show, sessions, host, link)

        assert await store.show(new.show.id) is None
        assert await store.session(new.session.id) is None
        assert await store.member(new.show.id, new.host_id) is None
        assert await store.invite(new.link.token) is None

    await new.create(store)


async def test_a_changed_show_is_kept(store: Store, sample: SampleShow) -> None:
    changed = replace(sample.show, title="Ночной сеанс", control="everyone", access="link")

    await store.save_show(changed)

    assert await store.show(sample.show.id) == changed
    with pytest.raises(UnknownShow):
        await store.save_show(SampleShow().show)


async def test_a_deleted_show_is_forgotten_with_all_that_belonged_to_it(
    store: Store, sample: SampleShow
) -> None:
    other = await SampleShow(host_id=sample.host_id).create(store)
    said = (await store.append(sample.entry())).entry
    kept = (await store.append(other.entry())).entry

    await store.delete_show(sample.show.id)

    assert await store.show(sample.show.id) is None
    assert await store.session(sample.session.id) is None
    assert await everybody_in(store, sample.show.id) == []
    assert await store.invite(sample.link.token) is None
    assert await store.entries(sample.show.id, after=0, limit=9) == []
    assert await store.message(sample.show.id, said.id) is None
    assert await ids_of(store, sample.host_id, "coming", NOON) == [other.show.id]
    assert list(await store.entries(other.show.id, after=0, limit=9)) == [kept]
    with pytest.raises(UnknownShow):
        await store.append(sample.entry())
    with pytest.raises(UnknownShow):
        await store.delete_show(sample.show.id)


async def test_a_show_is_coming_until_its_film_is_over(store: Store, sample: SampleShow) -> None:
    over = NOON + sample.duration

    for now in (NOON - 1e6, NOON, over - 0.001):
        assert await ids_of(store, sample.host_id, "coming", now) == [sample.show.id]
        assert await ids_of(store, sample.host_id, "past", now) == []
    for now in (over, over + 1e6):
        assert await ids_of(store, sample.host_id, "coming", now) == []
        assert await ids_of(store, sample.host_id, "past", now) == [sample.show.id]


async def test_the_end_of_a_film_follows_its_moves(store: Store, sample: SampleShow) -> None:
    async def ends_between(before: float, after: float) -> bool:
        running = await ids_of(store, sample.host_id, "coming", before) == [sample.show.id]
        return running and await ids_of(store, sample.host_id, "past", after) == [sample.show.id]

    await store.append(sample.move(2, position=100.0, instant=NOON + 100))
    assert await ids_of(store, sample.host_id, "coming", NOON + 1e9) == [sample.show.id]
    assert await ids_of(store, sample.host_id, "past", NOON + 1e9) == []

    await store.append(
        sample.move(3, kind="played", reason="play", position=100.0, rate=2.0, instant=NOON + 500)
    )
    assert await ends_between(NOON + 749.9, NOON + 750.1)

    await store.append(
        sample.move(4, kind="sought", reason="seek", position=600.0, rate=2.0, instant=NOON + 520)
    )
    assert await ends_between(NOON + 519.9, NOON + 520.1)


async def test_a_rescheduled_show_stands_at_its_new_time(store: Store) -> None:
    host_id = new_id()
    first, second = await shows_at(store, host_id, NOON, NOON + 100)
    later = NOON + 200
    move = first.move(2, kind="rescheduled", reason="rescheduled", position=NOON - 50 - later)
    assert move.timeline is not None
    move = replace(move, timeline=replace(move.timeline, rate=1.0, instant=NOON - 50))

    await store.append(move, session=replace(first.session, movie_time=later))

    assert await ids_of(store, host_id, "coming", NOON) == [second.show.id, first.show.id]
    assert await ids_of(store, host_id, "coming", later + 599) == [first.show.id]


async def test_a_show_of_many_sessions_is_past_when_all_are(store: Store) -> None:
    sample = SampleShow()
    second = sample.another_session(NOON + 86_400)
    await store.create_show(sample.show, [second, sample.session], sample.host, sample.link)

    between = await store.shows_of(sample.host_id, "coming", NOON + 10_000, 5, None)

    assert list(between.items) == [
        ListedShow(sample.show, sample.session, sample.host, sample.link.token, people(sample.host))
    ]
    assert await ids_of(store, sample.host_id, "past", NOON + 10_000) == []
    assert await ids_of(store, sample.host_id, "past", NOON + 90_000) == [sample.show.id]


async def test_one_sees_the_shows_of_which_one_is_a_member(
    store: Store, sample: SampleShow
) -> None:
    guest = sample.member()
    await store.save_members(sample.show.id, [guest])

    page = await store.shows_of(guest.user_id, "coming", NOON, 5, None)
    assert list(page.items) == [
        ListedShow(
            sample.show, sample.session, guest, sample.link.token, people(sample.host, guest)
        )
    ]
    assert await ids_of(store, new_id(), "coming", NOON) == []

    await store.save_members(sample.show.id, [replace(guest, removed=True)])
    assert await ids_of(store, guest.user_id, "coming", NOON) == []
    assert await ids_of(store, sample.host_id, "coming", NOON) == [sample.show.id]


async def test_a_list_names_the_first_members_and_counts_all(
    store: Store, sample: SampleShow
) -> None:
    other = await SampleShow(host_id=sample.host_id, movie_time=NOON + 1).create(store)
    guests = [sample.member(name=f"Guest {n}", created_at=NOON + n) for n in range(7)]
    gone = replace(guests[1], removed=True)
    await store.save_members(sample.show.id, guests[::-1])
    await store.save_members(sample.show.id, [gone])

    page = await store.shows_of(sample.host_id, "coming", NOON, 5, None)

    first = people(sample.host, guests[0], *guests[2:5]).first
    assert len(first) == MAX_LISTED_PEOPLE
    assert list(page.items[0].people.first) == list(first)
    assert [listed.people for listed in page.items] == [
        ListedPeople(7, first),
        people(other.host),
    ]


async def test_what_was_returned_is_seen_by_every_later_call(
    store: Store, sample: SampleShow
) -> None:
    async def change_and_look(number: int) -> None:
        said = await store.append(sample.entry(text=str(number)))
        assert await store.message(sample.show.id, said.entry.id) == said.entry
        assert await tail_of(store, sample.show.id) >= said.entry.seq

    await asyncio.gather(*(change_and_look(number) for number in range(200)))


async def test_a_session_comes_to_a_show_and_goes_again(store: Store, sample: SampleShow) -> None:
    early, late = (sample.another_session(NOON + hours * 3600.0) for hours in (-1, 24))
    await store.add_session(late)
    await store.add_session(early)
    await store.append(sample.entry(session_id=late.id))

    assert list(await store.sessions_of(sample.show.id)) == [early, sample.session, late]
    assert await ids_of(store, sample.host_id, "coming", NOON + 3600.0) == [sample.show.id]
    await store.delete_session(late.id)

    assert list(await store.sessions_of(sample.show.id)) == [early, sample.session]
    assert await store.session(late.id) is None
    assert await ids_of(store, sample.host_id, "past", NOON + 3600.0) == [sample.show.id]
    [said] = await store.entries(sample.show.id, limit=9)
    assert said.session_id == late.id, "what was said stays said"


async def test_a_shows_only_session_stays(store: Store, sample: SampleShow) -> None:
    other = sample.another_session(NOON + 1.0)
    await store.add_session(other)

    outcomes = await asyncio.gather(
        *(store.delete_session(each.id) for each in (sample.session, other)),
        return_exceptions=True,
    )

    # Whichever comes first.
    [kept] = await store.sessions_of(sample.show.id)
    refused = [isinstance(outcome, OnlySession) for outcome in outcomes]
    assert refused == [kept == sample.session, kept == other]


async def test_a_session_is_added_once_and_only_to_a_show(store: Store, sample: SampleShow) -> None:
    with pytest.raises(IdTaken):
        await store.add_session(sample.session)
    with pytest.raises(UnknownShow):
        await store.add_session(replace(sample.another_session(NOON), show_id=new_id()))
    with pytest.raises(UnknownSession):
        await store.delete_session(new_id())

    assert list(await store.sessions_of(sample.show.id)) == [sample.session]


async def test_the_sessions_of_several_shows_are_read_at_once(
    store: Store, sample: SampleShow
) -> None:
    other = await SampleShow().create(store)
    late, early = (sample.another_session(NOON + hours * 3600.0) for hours in (5, -5))
    for session in (late, early):
        await store.add_session(session)

    found = await store.sessions_of_shows([sample.show.id, other.show.id])

    assert list(found[sample.show.id]) == [early, sample.session, late]
    assert list(found[other.show.id]) == [other.session]
    assert await store.sessions_of_shows([]) == {}
    nowhere = new_id()
    assert await store.sessions_of_shows([nowhere]) == {nowhere: []}
