"""Links make members, as often as they may and no oftener."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from harness.rooms import T0, Clock, House
from sessions.core.errors import Invalid, InviteGone, RateLimited, Removed, UnknownInvite
from sessions.core.rates import CHANGE_LIMIT, SHOW_JOIN_LIMIT
from sessions.core.records import User
from sessions.services.invites import InviteRequest, Invites
from sessions.services.locks import Locks
from sessions.services.members import Members
from sessions.services.shows import new_member
from sessions.stores.sqlite.store import SqliteStore


@pytest.fixture
def locks() -> Locks:
    return Locks()


@pytest.fixture
def invites(store: SqliteStore, house: House, clock: Clock, locks: Locks) -> Invites:
    return Invites(store, house.registry, clock, locks)


@pytest.fixture
def people(store: SqliteStore, house: House, locks: Locks) -> Members:
    return Members(store, house.registry, locks)


def somebody(name: str) -> User:
    return User(id=str(uuid4()), name=name)


def host_of(house: House) -> User:
    anna = house.people["Anna"]
    return User(id=anna.user_id, name=anna.name)


async def test_of_many_at_once_only_so_many_get_in_as_an_invite_has_uses(
    invites: Invites, house: House
) -> None:
    invite = await invites.make(house.show.id, host_of(house), InviteRequest(uses=2))

    done = await asyncio.gather(
        *(invites.accept(invite.token, somebody(f"Guest {n}")) for n in range(6)),
        return_exceptions=True,
    )

    assert [type(result) for result in done].count(InviteGone) == 4


async def test_who_comes_into_an_open_room_may_take_a_seat_at_once(
    invites: Invites, house: House
) -> None:
    await house.registry.live_show(house.show.id)
    invite = await invites.make(house.show.id, host_of(house), InviteRequest(role="moderator"))
    boris = somebody("Boris")

    session, role = await invites.accept(invite.token, boris)

    live = await house.registry.live_show(house.show.id)
    assert (session, role) == (house.session, "moderator")
    assert live.members[boris.id].role == "moderator"


async def test_who_was_let_in_by_a_lost_answer_comes_in_at_the_second_attempt(
    invites: Invites, house: House, store: SqliteStore
) -> None:
    live = await house.registry.live_show(house.show.id)
    invite = await invites.make(house.show.id, host_of(house), InviteRequest())
    boris = somebody("Boris")
    await store.accept_invite(invite.id, new_member(house.show.id, boris, "guest", T0), T0 - 60.0)

    await invites.accept(invite.token, boris)

    assert live.member(boris.id).role == "guest"


async def test_the_removed_are_not_let_in_by_any_link(
    invites: Invites, house: House, people: Members
) -> None:
    invite = await invites.make(house.show.id, host_of(house), InviteRequest())
    boris = await house.member("Boris")
    await people.remove(house.show.id, host_of(house).id, boris.user_id)

    with pytest.raises(Removed):
        await invites.accept(invite.token, User(id=boris.user_id, name="Boris"))


async def test_the_further_links_of_who_is_removed_open_nothing_and_all_others_do(
    invites: Invites, house: House, people: Members
) -> None:
    host, boris = host_of(house), await house.member("Boris")
    await people.change(house.show.id, host.id, boris.user_id, "moderator", None)
    theirs = await invites.make(house.show.id, User(boris.user_id, "Boris"), InviteRequest())
    (own, _) = await invites.list(house.show.id, boris.user_id)
    await invites.revoke(house.show.id, boris.user_id, own.id)  # the new one is made by Boris
    of_host = await invites.make(house.show.id, host, InviteRequest())

    await people.remove(house.show.id, host.id, boris.user_id)

    with pytest.raises(InviteGone):
        await invites.accept(theirs.token, somebody("Eve"))
    open_links = await invites.list(house.show.id, host.id)
    assert [(invite.own, invite.user_id) for invite in open_links] == [
        (True, boris.user_id),
        (False, host.id),
    ]
    for invite in open_links:
        await invites.accept(invite.token, somebody("Cleo"))
    assert of_host in open_links


async def test_a_link_made_at_the_moment_of_the_removal_opens_nothing(
    invites: Invites, house: House, people: Members
) -> None:
    host, boris = host_of(house), await house.member("Boris")
    await people.change(house.show.id, host.id, boris.user_id, "moderator", None)

    await asyncio.gather(
        *(
            invites.make(house.show.id, User(boris.user_id, "Boris"), InviteRequest())
            for _ in range(5)
        ),
        people.remove(house.show.id, host.id, boris.user_id),
        *(
            invites.make(house.show.id, User(boris.user_id, "Boris"), InviteRequest())
            for _ in range(5)
        ),
        return_exceptions=True,
    )

    assert [invite.own for invite in await invites.list(house.show.id, host.id)] == [True]


async def test_a_pardon_brings_no_link_back(
    invites: Invites, house: House, people: Members
) -> None:
    host, boris = host_of(house), await house.member("Boris")
    await people.change(house.show.id, host.id, boris.user_id, "moderator", None)
    theirs = await invites.make(house.show.id, User(boris.user_id, "Boris"), InviteRequest())
    await people.remove(house.show.id, host.id, boris.user_id)

    await people.change(house.show.id, host.id, boris.user_id, "guest", None)

    with pytest.raises(InviteGone):
        await invites.accept(theirs.token, somebody("Eve"))


async def test_a_look_behind_a_link_changes_nothing(invites: Invites, house: House) -> None:
    invite = await invites.make(house.show.id, host_of(house), InviteRequest(uses=1))

    seen = await invites.look(invite.token, None)

    assert await invites.look(invite.token, None) == seen
    assert (seen.show, seen.session, seen.role) == (house.show, house.session, None)
    assert (seen.timeline.revision, seen.coming) == (1, None)
    await invites.accept(invite.token, somebody("Boris"))


async def test_a_link_that_is_used_up_still_opens_to_whom_it_made_a_member(
    invites: Invites, house: House
) -> None:
    invite = await invites.make(house.show.id, host_of(house), InviteRequest(uses=1))
    boris = somebody("Boris")
    await invites.accept(invite.token, boris)

    assert (await invites.look(invite.token, boris.id)).role == "guest"
    with pytest.raises(InviteGone):
        await invites.look(invite.token, somebody("Eve").id)


@pytest.mark.parametrize("token", ["", "x", "a" * 32, "\x00" * 32, "../../etc/passwd/and/more"])
async def test_a_token_that_never_was_opens_nothing(invites: Invites, token: str) -> None:
    with pytest.raises(UnknownInvite):
        await invites.accept(token, somebody("Eve"))


async def test_an_end_that_has_passed_is_refused(
    invites: Invites, house: House, clock: Clock
) -> None:
    with pytest.raises(Invalid):
        await invites.make(house.show.id, host_of(house), InviteRequest(expires=clock()))


async def test_the_shows_own_link_is_always_exactly_one(
    invites: Invites, house: House, store: SqliteStore
) -> None:
    host = host_of(house)
    (own,) = await invites.list(house.show.id, host.id)

    await asyncio.gather(*(invites.revoke(house.show.id, host.id, own.id) for _ in range(5)))

    kept = await store.invites_of(house.show.id)
    assert sorted((invite.own, invite.revoked) for invite in kept) == [(True, False), (True, True)]
    assert len({invite.token for invite in kept}) == 2


async def test_members_stay_in_the_room_when_the_link_is_revoked(
    invites: Invites, house: House
) -> None:
    await house.member("Boris")
    link, conversation = await house.enter("Boris")
    (own,) = await invites.list(house.show.id, host_of(house).id)

    await invites.revoke(house.show.id, host_of(house).id, own.id)

    assert link.closed is None
    await conversation.gone()


async def test_a_promotion_and_a_muting_at_the_same_moment_both_hold(
    invites: Invites, house: House, store: SqliteStore, people: Members
) -> None:
    for number in range(20):
        boris = await house.member(f"Boris {number}")
        guest = User(id=boris.user_id, name=boris.name)
        invite = await invites.make(
            house.show.id, host_of(house), InviteRequest("moderator", uses=1)
        )

        await asyncio.gather(
            people.change(house.show.id, host_of(house).id, boris.user_id, None, True),
            invites.accept(invite.token, guest),
        )

        now = await store.member(house.show.id, boris.user_id)
        assert now is not None
        assert (now.role, now.muted) == ("moderator", True)


async def test_who_was_demoted_by_hand_is_not_raised_by_the_link_that_raised_them(
    invites: Invites, house: House, store: SqliteStore, clock: Clock, people: Members
) -> None:
    host, boris = host_of(house), somebody("Boris")
    invite = await invites.make(house.show.id, host, InviteRequest("moderator", uses=5))
    await invites.accept(invite.token, boris)
    clock.advance(1.0)
    await people.change(house.show.id, host.id, boris.id, "guest", None)

    again = await invites.accept(invite.token, boris)

    assert again == (house.session, "guest")
    kept = await store.invite(invite.token)
    assert kept is not None
    assert kept.used == 1
    clock.advance(1.0)
    newer = await invites.make(house.show.id, host, InviteRequest("moderator"))
    assert await invites.accept(newer.token, boris) == (house.session, "moderator")


async def test_only_so_many_people_join_a_show_in_a_time(
    invites: Invites, house: House, clock: Clock
) -> None:
    (own, *_) = await invites.list(house.show.id, host_of(house).id)
    member = somebody("Boris")
    await invites.accept(own.token, member)
    for _ in range(int(SHOW_JOIN_LIMIT.burst) - 1):
        await invites.accept(own.token, somebody("Eve"))

    with pytest.raises(RateLimited):
        await invites.accept(own.token, somebody("Cleo"))

    assert (await invites.accept(own.token, member))[1] == "guest", "who belongs to it comes in"
    clock.advance(1.0)
    await invites.accept(own.token, somebody("Cleo"))


async def test_one_person_accepts_a_link_only_so_often(invites: Invites, house: House) -> None:
    (own, *_) = await invites.list(house.show.id, host_of(house).id)
    boris = somebody("Boris")
    for _ in range(int(CHANGE_LIMIT.burst)):
        await invites.accept(own.token, boris)

    with pytest.raises(RateLimited):
        await invites.accept(own.token, boris)
