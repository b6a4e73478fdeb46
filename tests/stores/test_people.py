"""What every store promises of people over all shows: new names, and guests with an account."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from harness.samples import NOON, SampleShow, everybody_in, new_id, tail_of
from sessions.core.errors import AlreadyMoved, IdTaken
from sessions.core.records import CalendarAddress, Member, Owner
from sessions.core.roles import Role
from sessions.stores.base import PeopleChange, Store
from tests.stores.test_personal import a_bookmark, a_view


async def shows_with(store: Store, *members: Member | None) -> list[SampleShow]:
    """Return a new show for each, in which that member has a place."""
    samples = []
    for member in members:
        sample = await SampleShow().create(store)
        if member is not None:
            placed = replace(member, id=new_id(), show_id=sample.show.id)
            await store.save_members(sample.show.id, [placed])
        samples.append(sample)
    return samples


async def place(store: Store, sample: SampleShow, user_id: str) -> Member:
    found = await store.member(sample.show.id, user_id)
    assert found is not None
    return found


async def test_places_are_found_over_all_shows_the_oldest_first(
    store: Store, sample: SampleShow
) -> None:
    late = sample.member(created_at=NOON + 60, removed=True)
    early = replace(late, created_at=NOON, removed=False)
    first, second = await shows_with(store, late, early)
    await shows_with(store, sample.member())

    found = await store.places_of(late.user_id)

    assert [member.show_id for member in found] == [second.show.id, first.show.id]
    assert list(found) == [
        await place(store, second, late.user_id),
        await place(store, first, late.user_id),
    ]
    assert list(await store.places_of(new_id())) == []


async def test_a_new_name_stands_in_all_places_and_in_nobody_elses(
    store: Store, sample: SampleShow
) -> None:
    guest = sample.member(muted=True)
    samples = await shows_with(store, guest, replace(guest, removed=True), sample.member())
    notice = replace(
        samples[0].entry("renamed", user_id=guest.user_id),
        subject=guest.user_id,
        subject_name="Аня",
    )

    changed = await store.rename_user(guest.user_id, "Аня", [notice])

    assert list(changed.members) == list(await store.places_of(guest.user_id))
    assert [member.name for member in changed.members] == ["Аня", "Аня"]
    assert [member.muted for member in changed.members] == [True, True]
    assert list(changed.entries) == [replace(notice, seq=1)]
    assert list(await store.entries(samples[0].show.id, after=0, limit=9)) == list(changed.entries)
    others = [m.name for each in samples for m in await everybody_in(store, each.show.id)]
    assert others.count("Аня") == 2


async def test_a_name_changes_whole_or_not_at_all(store: Store, sample: SampleShow) -> None:
    said = (await store.append(sample.entry())).entry

    with pytest.raises(IdTaken):
        await store.rename_user(sample.host_id, "Аня", [sample.entry("renamed", id=said.id)])

    assert (await place(store, sample, sample.host_id)).name == "Anna"


async def test_what_is_said_of_a_show_that_is_gone_is_left_out(
    store: Store, sample: SampleShow
) -> None:
    (gone,) = await shows_with(store, None)
    await store.delete_show(gone.show.id)

    changed = await store.rename_user(
        sample.host_id, "Аня", [gone.entry("renamed"), sample.entry("renamed")]
    )

    assert [entry.show_id for entry in changed.entries] == [sample.show.id]


async def test_all_that_a_guest_has_becomes_the_accounts(store: Store, sample: SampleShow) -> None:
    account, link = new_id(), sample.invite(user_id=sample.host_id)
    await store.save_invites([link])
    guest = sample.member(sample.host_id, "moderator", muted=True)
    (other,) = await shows_with(store, guest)
    host, elsewhere = await store.places_of(sample.host_id)

    changed = await store.move_user(sample.host_id, account, "Анна", NOON)

    places = {
        replace(host, user_id=account, name="Анна"),
        replace(elsewhere, user_id=account, name="Анна"),
    }
    assert set(changed.members) == set(await store.places_of(account)) == places
    assert list(await store.places_of(sample.host_id)) == []
    kept = await store.show(sample.show.id)
    assert kept == replace(sample.show, user_id=account)
    assert [s.user_id for s in await store.sessions_of(sample.show.id)] == [account]
    assert {i.user_id for i in await store.invites_of(sample.show.id)} == {account}
    # What others made in a show that the guest was in stays theirs.
    assert await store.show(other.show.id) == other.show
    page = await store.shows_of(account, "coming", NOON - 60.0, 9, None)
    assert {item.show.id for item in page.items} == {sample.show.id, other.show.id}


ROLES: list[Role] = ["guest", "moderator", "host"]


@pytest.mark.parametrize("own", ROLES)
@pytest.mark.parametrize("was", ROLES)
async def test_of_two_places_in_a_show_the_higher_role_stays(
    store: Store, sample: SampleShow, was: Role, own: Role
) -> None:
    account = sample.member(role=own, name="Анна", created_at=NOON + 1)
    guest = sample.member(role=was)
    await store.save_members(sample.show.id, [account, guest])

    await store.move_user(guest.user_id, account.user_id, "Other", NOON)

    role = ROLES[max(ROLES.index(was), ROLES.index(own))]
    assert await place(store, sample, account.user_id) == replace(account, role=role)
    assert await store.member(sample.show.id, guest.user_id) is None


@pytest.mark.parametrize("own", [True, False])
async def test_a_removal_is_undone_under_neither_id(
    store: Store, sample: SampleShow, own: bool
) -> None:
    account, guest = sample.member(), sample.member(role="moderator", muted=True, removed=True)
    if own:
        account, guest = replace(account, removed=True), replace(guest, removed=False)
        await store.save_members(sample.show.id, [account])
    await store.save_members(sample.show.id, [guest])

    await store.move_user(guest.user_id, account.user_id, "Анна", NOON)

    assert (await place(store, sample, account.user_id)).removed


async def test_guests_move_once(store: Store, sample: SampleShow) -> None:
    guest, account = sample.member(), new_id()
    await store.save_members(sample.show.id, [guest])
    await store.move_user(guest.user_id, account, "Анна", NOON)
    told = sample.entry("renamed")

    assert await store.move_user(guest.user_id, account, "Анна", NOON, [told]) == PeopleChange()
    with pytest.raises(AlreadyMoved):
        await store.move_user(guest.user_id, new_id(), "Boris", NOON)

    assert await tail_of(store, sample.show.id) == 0
    assert (await place(store, sample, account)).name == "Анна"


async def test_of_two_accounts_at_once_one_gets_the_shows(store: Store, sample: SampleShow) -> None:
    guest, accounts = sample.member(), [new_id(), new_id()]
    await store.save_members(sample.show.id, [guest])

    moves = [store.move_user(guest.user_id, account, "Анна", NOON) for account in accounts]
    ends = await asyncio.gather(*moves, return_exceptions=True)

    assert [type(end) for end in ends if isinstance(end, BaseException)] == [AlreadyMoved]
    places = [await store.places_of(account) for account in accounts]
    assert sorted(map(len, places)) == [0, 1]


async def test_guests_move_whole_or_not_at_all(store: Store, sample: SampleShow) -> None:
    said = (await store.append(sample.entry())).entry
    account = new_id()

    with pytest.raises(IdTaken):
        await store.move_user(
            sample.host_id, account, "Анна", NOON, [sample.entry("renamed", id=said.id)]
        )

    assert list(await store.places_of(account)) == []
    assert await store.show(sample.show.id) == sample.show
    assert sample.host_id not in await store.moved_users(0.0)
    assert await store.move_user(sample.host_id, account, "Анна", NOON)


async def test_what_was_said_stays_theirs_who_said_it(store: Store, sample: SampleShow) -> None:
    said = (await store.append(sample.entry())).entry

    await store.move_user(sample.host_id, new_id(), "Анна", NOON)

    assert list(await store.entries(sample.show.id, limit=9)) == [said]


async def test_moved_guests_are_known_by_when_they_moved(store: Store) -> None:
    early, late = new_id(), new_id()
    await store.move_user(early, new_id(), "Анна", NOON)
    await store.move_user(late, new_id(), "Boris", NOON + 60.0)

    assert set(await store.moved_users(NOON)) == {early, late}
    assert set(await store.moved_users(NOON + 60.0)) == {late}
    assert set(await store.moved_users(NOON + 61.0)) == set()


async def test_what_was_decided_of_the_guest_counts_for_the_account(
    store: Store, sample: SampleShow
) -> None:
    link = sample.invite(role="moderator")
    await store.save_invites([link])
    guest, account = sample.member(), new_id()
    # Made a guest again by hand, after the link was made.
    demoted = sample.entry("role", subject=guest.user_id, role="guest")
    await store.save_members(sample.show.id, [guest], [demoted])

    await store.move_user(guest.user_id, account, "Анна", NOON)
    accepted = await store.accept_invite(link.id, sample.member(account), NOON)

    assert accepted.role == "guest"


async def test_what_a_guest_kept_for_themselves_goes_along(store: Store) -> None:
    guest, account, friend = new_id(), new_id(), new_id()
    own = [a_bookmark(guest, friend), a_bookmark(guest, new_id(), target_type="movie")]
    known = await store.save_bookmark(a_bookmark(account, friend))
    for bookmark in (*own, a_bookmark(friend, guest), a_bookmark(account, guest)):
        await store.save_bookmark(bookmark)
    views = [a_view(guest), a_view(guest)]
    better = a_view(account, session_id=views[0].session_id, watched=500.0)
    await store.save_views([*views, better])
    await store.save_owner(Owner(new_id(), NOON, guest))
    await store.save_calendar_address(CalendarAddress(new_id(), NOON, guest, "t" * 32))

    await store.move_user(guest, account, "Anna", NOON)

    kept = (await store.bookmarks_of(account, 9, None)).items
    assert {b.id for b in kept} == {known.id, own[1].id}
    assert (await store.bookmarks_of(guest, 9, None)).items == []
    assert not await store.are_friends(account, friend)
    assert (await store.bookmarks_of(friend, 9, None)).items == []
    seen = (await store.views_of(account, 9, None)).items
    assert {v.id for v in seen} == {better.id, views[1].id}
    assert (await store.views_of(guest, 9, None)).items == []
    assert await store.is_owner(account)
    assert not await store.is_owner(guest)
    assert await store.calendar_address(account) is None
    assert await store.calendar_address(guest) is None
    assert await store.calendar_by_token("t" * 32) is None
