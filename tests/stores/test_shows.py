"""What every store promises of shows, their sessions and the lists of them."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace

import pytest

from harness.samples import NOON, SampleShow, everybody_in, new_id, tail_of
from sessions.core.errors import IdTaken, Invalid, UnknownShow
from sessions.stores.base import ListedShow, Store, When


async def ids_of(store: Store, user_id: str, when: When, now: float) -> list[str]:
    page = await store.shows_of(user_id, when, now, 50, None)
    assert page.next is None
    return [show.id for show, _, _, _ in page.items]


async def shows_at(store: Store, host_id: str, *times: float) -> list[SampleShow]:
    samples = [SampleShow(movie_time=time, host_id=host_id) for time in times]
    for sample in samples:
        await sample.create(store)
    return samples


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
        ListedShow(sample.show, sample.session, sample.host, sample.link.token)
    ]
    assert await ids_of(store, sample.host_id, "past", NOON + 10_000) == []
    assert await ids_of(store, sample.host_id, "past", NOON + 90_000) == [sample.show.id]


async def test_one_sees_the_shows_of_which_one_is_a_member(
    store: Store, sample: SampleShow
) -> None:
    guest = sample.member()
    await store.save_members(sample.show.id, [guest])

    page = await store.shows_of(guest.user_id, "coming", NOON, 5, None)
    assert list(page.items) == [ListedShow(sample.show, sample.session, guest, sample.link.token)]
    assert await ids_of(store, new_id(), "coming", NOON) == []

    await store.save_members(sample.show.id, [replace(guest, removed=True)])
    assert await ids_of(store, guest.user_id, "coming", NOON) == []
    assert await ids_of(store, sample.host_id, "coming", NOON) == [sample.show.id]


@pytest.mark.parametrize("when", ["coming", "past"])
async def test_pages_join_without_a_gap_or_a_double(store: Store, when: When) -> None:
    host_id = new_id()
    # Two and two begin at the same moment.
    samples = await shows_at(store, host_id, *(NOON + 10 * (n // 2) + 0.1 for n in range(14)))
    now = NOON if when == "coming" else NOON + 1e6
    seen: list[tuple[float, str]] = []
    cursor = None

    for number in range(5):
        page = await store.shows_of(host_id, when, now, 3, cursor)
        seen += [(session.movie_time, show.id) for show, session, _, _ in page.items]
        # What comes in meanwhile, before and behind, moves nothing.
        await shows_at(store, host_id, NOON - 500, NOON + 2000)
        cursor = page.next
        if number < 4:
            assert cursor is not None

    expected = sorted((sample.session.movie_time, sample.show.id) for sample in samples)
    if when == "past":
        expected.reverse()
    known = {show_id for _, show_id in expected}
    assert [place for place in seen if place[1] in known] == expected
    assert len(set(seen)) == len(seen)


async def test_the_last_page_names_no_other(store: Store) -> None:
    host_id = new_id()
    await shows_at(store, host_id, NOON, NOON + 1, NOON + 2, NOON + 3)

    first = await store.shows_of(host_id, "coming", NOON, 2, None)
    second = await store.shows_of(host_id, "coming", NOON, 2, first.next)

    assert [len(first.items), len(second.items)] == [2, 2]
    assert second.next is None


def written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "0",
        "not a cursor",
        "щ",
        "\ud800",
        "'; DROP TABLE shows --",
        written(""),
        written("null"),
        written("[" * 10_000),
        written('["coming", 1.0]'),
        written('["coming", "1.0", "id"]'),
        written('["coming", NaN, "id"]'),
        written('["coming", 1e999, "id"]'),
        written('["coming", 1.0, "\\ud800"]'),
        written('["coming", 1.0, 7]'),
        base64.b64encode(b"\xff\xfe").decode(),
    ],
)
async def test_a_cursor_that_is_none_is_refused(
    store: Store, sample: SampleShow, cursor: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await store.shows_of(sample.host_id, "coming", NOON, 5, cursor)

    assert refused.value.path == "cursor"


async def test_a_cursor_of_the_other_list_is_refused(store: Store) -> None:
    host_id = new_id()
    await shows_at(store, host_id, NOON, NOON + 1)
    page = await store.shows_of(host_id, "coming", NOON, 1, None)

    with pytest.raises(Invalid):
        await store.shows_of(host_id, "past", NOON, 1, page.next)


async def test_what_was_returned_is_seen_by_every_later_call(
    store: Store, sample: SampleShow
) -> None:
    async def change_and_look(number: int) -> None:
        said = await store.append(sample.entry(text=str(number)))
        assert await store.message(sample.show.id, said.entry.id) == said.entry
        assert await tail_of(store, sample.show.id) >= said.entry.seq

    await asyncio.gather(*(change_and_look(number) for number in range(200)))
