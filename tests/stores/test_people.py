"""What every store promises of members and invites."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from sessions.core.errors import IdTaken, InviteGone, Removed, UnknownInvite, UnknownShow
from sessions.core.records import Entry, EntryKind, Invite, Member
from sessions.core.roles import Role
from sessions.stores.base import Store
from tests.stores.made import NOON, Hall, new_id, tail_of


async def new_invite(store: Store, hall: Hall, **more: object) -> Invite:
    invite = hall.invite(**more)
    await store.save_invites([invite])
    return invite


async def used(store: Store, invite: Invite) -> int:
    kept = await store.invite(invite.token)
    assert kept is not None
    return kept.used


async def test_members_come_the_oldest_first_removed_ones_too(store: Store, hall: Hall) -> None:
    late, early = (hall.member(created_at=NOON + second) for second in (60, 30))
    gone = hall.member(created_at=NOON + 45, removed=True, muted=True)

    await store.save_members(hall.show.id, [late, early, gone])

    assert list(await store.members_of(hall.show.id)) == [hall.host, early, gone, late]
    assert await store.member(hall.show.id, gone.user_id) == gone


async def test_a_user_has_one_place_in_a_show_which_keeps_its_id_and_date(
    store: Store, hall: Hall
) -> None:
    first = hall.member()
    await store.save_members(hall.show.id, [first])

    again = hall.member(first.user_id, "moderator", name="Аня", muted=True, created_at=NOON)
    await store.save_members(hall.show.id, [again])

    kept = replace(again, id=first.id, created_at=first.created_at)
    assert await store.member(hall.show.id, first.user_id) == kept
    assert len(await store.members_of(hall.show.id)) == 2


async def test_places_change_with_what_the_log_says_of_it(store: Store, hall: Hall) -> None:
    guest = hall.member()
    await store.append(hall.entry())
    rows = [replace(hall.host, role="moderator"), replace(guest, role="host")]
    told = [
        hall.entry("role", subject=guest.user_id, subject_name="Anna", role="host"),
        hall.entry("role", subject=hall.host_id, subject_name="Anna", role="moderator"),
    ]

    entries = await store.save_members(hall.show.id, rows, told)

    assert list(entries) == [replace(told[0], seq=2), replace(told[1], seq=3)]
    assert list(await store.entries(hall.show.id, after=1, limit=9)) == list(entries)
    assert {row.role for row in await store.members_of(hall.show.id)} == {"moderator", "host"}


async def test_places_change_whole_or_not_at_all(store: Store, hall: Hall) -> None:
    said = (await store.append(hall.entry())).entry
    guest = hall.member()

    with pytest.raises(IdTaken):
        await store.save_members(
            hall.show.id,
            [replace(hall.host, role="moderator"), guest],
            [hall.entry("role", subject=guest.user_id), hall.entry("role", id=said.id)],
        )
    with pytest.raises(UnknownShow):
        await store.save_members(new_id(), [guest])

    assert list(await store.members_of(hall.show.id)) == [hall.host]
    assert await tail_of(store, hall.show.id) == 1


async def test_invites_are_kept_the_oldest_first(store: Store, hall: Hall) -> None:
    late = hall.invite(created_at=NOON + 2, uses=3, expires=NOON + 60.5, role="moderator")
    early = hall.invite(created_at=NOON + 1)

    await store.save_invites([late, early])
    await store.save_invites([replace(early, revoked=True)])

    assert list(await store.invites_of(hall.show.id)) == [
        hall.link,
        replace(early, revoked=True),
        late,
    ]
    assert await store.invite(late.token) == late


async def test_invites_are_kept_whole_or_not_at_all(store: Store, hall: Hall) -> None:
    renewed = hall.invite(own=True)

    with pytest.raises(UnknownShow):
        await store.save_invites(
            [replace(hall.link, revoked=True), renewed, hall.invite(show_id=new_id())]
        )

    assert list(await store.invites_of(hall.show.id)) == [hall.link]


async def test_a_changed_invite_keeps_count_of_its_own_uses(store: Store, hall: Hall) -> None:
    invite = await new_invite(store, hall, uses=2)
    await store.accept_invite(invite.id, hall.member(), NOON)

    await store.save_invites([replace(invite, expires=NOON + 99)])

    assert await store.invite(invite.token) == replace(invite, expires=NOON + 99, used=1)


async def test_an_accepted_invite_makes_a_member_of_its_role(store: Store, hall: Hall) -> None:
    invite = await new_invite(store, hall, role="moderator")
    newcomer = hall.member()

    accepted = await store.accept_invite(invite.id, newcomer, NOON)

    assert accepted == replace(newcomer, role="moderator")
    assert await store.member(hall.show.id, newcomer.user_id) == accepted
    assert await used(store, invite) == 1


async def test_accepting_again_changes_nothing_and_uses_nothing(store: Store, hall: Hall) -> None:
    invite = await new_invite(store, hall, uses=1)
    member = await store.accept_invite(invite.id, hall.member(), NOON)

    again = await store.accept_invite(invite.id, hall.member(member.user_id), NOON + 5)

    assert again == member
    assert await used(store, invite) == 1


@pytest.mark.parametrize(
    ("has", "gives", "becomes"),
    [
        ("guest", "moderator", "moderator"),
        ("guest", "guest", "guest"),
        ("moderator", "guest", "moderator"),
        ("moderator", "moderator", "moderator"),
        ("host", "guest", "host"),
        ("host", "moderator", "host"),
    ],
)
async def test_an_invite_raises_a_role_and_never_lowers_one(
    store: Store, hall: Hall, has: Role, gives: Role, becomes: Role
) -> None:
    member = hall.member(role=has, muted=True, name="Борис")
    await store.save_members(hall.show.id, [member])
    invite = await new_invite(store, hall, role=gives)

    accepted = await store.accept_invite(invite.id, hall.member(member.user_id), NOON)

    assert accepted == replace(member, role=becomes)
    assert await store.member(hall.show.id, member.user_id) == accepted
    assert await used(store, invite) == int(has != becomes)


@pytest.mark.parametrize("uses", [1, 3])
async def test_of_fifty_at_once_only_as_many_get_in_as_the_invite_says(
    store: Store, hall: Hall, uses: int
) -> None:
    invite = await new_invite(store, hall, uses=uses)
    newcomers = [hall.member() for _ in range(50)]

    outcomes = await asyncio.gather(
        *(store.accept_invite(invite.id, newcomer, NOON) for newcomer in newcomers),
        return_exceptions=True,
    )

    let_in = [outcome for outcome in outcomes if isinstance(outcome, Member)]
    assert len(let_in) == uses
    assert [type(outcome) for outcome in outcomes].count(InviteGone) == 50 - uses
    members = await store.members_of(hall.show.id)
    assert {member.user_id for member in members} == {
        hall.host_id,
        *(member.user_id for member in let_in),
    }
    assert await used(store, invite) == uses


async def test_one_who_clicks_twenty_times_at_once_uses_it_once(store: Store, hall: Hall) -> None:
    invite = await new_invite(store, hall, uses=1)
    user_id = new_id()

    accepted = await asyncio.gather(
        *(store.accept_invite(invite.id, hall.member(user_id), NOON) for _ in range(20))
    )

    assert len({member.id for member in accepted}) == 1
    assert await used(store, invite) == 1


async def test_an_invite_used_up_raises_no_role(store: Store, hall: Hall) -> None:
    invite = await new_invite(store, hall, uses=1, role="moderator")
    await store.accept_invite(invite.id, hall.member(), NOON)
    guest = hall.member()
    await store.save_members(hall.show.id, [guest])

    with pytest.raises(InviteGone):
        await store.accept_invite(invite.id, guest, NOON)

    assert await store.member(hall.show.id, guest.user_id) == guest


async def test_an_invite_ends_for_all_when_it_expires_or_is_revoked(
    store: Store, hall: Hall
) -> None:
    expiring = await new_invite(store, hall, expires=NOON + 60)
    revoked = await new_invite(store, hall)
    member = await store.accept_invite(expiring.id, hall.member(), NOON + 59.9)
    await store.save_invites([replace(revoked, revoked=True)])

    for invite, now in ((expiring, NOON + 60), (revoked, NOON)):
        for who in (hall.member(), member):
            with pytest.raises(InviteGone):
                await store.accept_invite(invite.id, who, now)

    assert len(await store.members_of(hall.show.id)) == 2


async def test_no_invite_undoes_a_role_that_was_given_by_hand_since_it_was_made(
    store: Store, hall: Hall
) -> None:
    invite = await new_invite(store, hall, role="moderator", uses=2)
    member = await store.accept_invite(invite.id, hall.member(), NOON)
    guest = replace(member, role="guest")
    demoted = by_hand(hall, member, "role", role="guest")
    await store.save_members(hall.show.id, [guest], [demoted])

    assert await store.accept_invite(invite.id, hall.member(member.user_id), NOON) == guest
    assert await used(store, invite) == 1

    newer = await new_invite(store, hall, role="moderator", created_at=demoted.created_at + 1)
    assert await store.accept_invite(newer.id, hall.member(member.user_id), NOON) == member


async def test_no_invite_raises_who_was_removed_and_pardoned_since_it_was_made(
    store: Store, hall: Hall
) -> None:
    invite = await new_invite(store, hall, role="moderator")
    member = await store.accept_invite(hall.link.id, hall.member(), NOON)
    removed = by_hand(hall, member, "removed")
    await store.save_members(hall.show.id, [replace(member, removed=True)], [removed])
    await store.save_members(hall.show.id, [member])

    assert await store.accept_invite(invite.id, hall.member(member.user_id), NOON) == member
    assert await used(store, invite) == 0


async def test_a_role_given_by_hand_to_another_or_elsewhere_or_before_hinders_no_invite(
    store: Store, hall: Hall
) -> None:
    guest, other = hall.member(), hall.member()
    elsewhere = await Hall(host_id=hall.host_id).create(store)
    before = by_hand(hall, guest, "role", created_at=hall.created_at)
    await store.save_members(hall.show.id, [guest], [before, by_hand(hall, other, "role")])
    await store.save_members(elsewhere.show.id, [], [by_hand(elsewhere, guest, "role")])
    invite = await new_invite(store, hall, role="moderator", created_at=hall.created_at + 1)

    accepted = await store.accept_invite(invite.id, hall.member(guest.user_id), NOON)

    assert accepted.role == "moderator"


def by_hand(hall: Hall, member: Member, kind: EntryKind, **more: object) -> Entry:
    return hall.entry(kind, subject=member.user_id, subject_name=member.name, **more)


async def test_one_who_was_removed_is_kept_out(store: Store, hall: Hall) -> None:
    gone = hall.member(removed=True)
    await store.save_members(hall.show.id, [gone])

    with pytest.raises(Removed):
        await store.accept_invite(hall.link.id, hall.member(gone.user_id), NOON)

    assert await store.member(hall.show.id, gone.user_id) == gone
    assert await used(store, hall.link) == 0


async def test_an_unknown_invite_lets_nobody_in(store: Store, hall: Hall) -> None:
    with pytest.raises(UnknownInvite):
        await store.accept_invite(new_id(), hall.member(), NOON)
