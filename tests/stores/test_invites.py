"""What every store promises of invites."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from harness.samples import NOON, SampleShow, everybody_in, new_id
from sessions.core.errors import InviteGone, Removed, UnknownInvite, UnknownShow
from sessions.core.records import Entry, EntryKind, Invite, Member
from sessions.core.roles import Role
from sessions.stores.base import Store


async def new_invite(store: Store, sample: SampleShow, **more: object) -> Invite:
    invite = sample.invite(**more)
    await store.save_invites([invite])
    return invite


async def used(store: Store, invite: Invite) -> int:
    kept = await store.invite(invite.token)
    assert kept is not None
    return kept.used


async def test_invites_are_kept_the_oldest_first(store: Store, sample: SampleShow) -> None:
    late = sample.invite(created_at=NOON + 2, uses=3, expires=NOON + 60.5, role="moderator")
    early = sample.invite(created_at=NOON + 1)

    await store.save_invites([late, early])
    await store.save_invites([replace(early, revoked=True)])

    assert list(await store.invites_of(sample.show.id)) == [
        sample.link,
        replace(early, revoked=True),
        late,
    ]
    assert await store.invite(late.token) == late


async def test_invites_are_kept_whole_or_not_at_all(store: Store, sample: SampleShow) -> None:
    renewed = sample.invite(own=True)

    with pytest.raises(UnknownShow):
        await store.save_invites(
            [replace(sample.link, revoked=True), renewed, sample.invite(show_id=new_id())]
        )

    assert list(await store.invites_of(sample.show.id)) == [sample.link]


async def test_a_changed_invite_keeps_its_count(store: Store, sample: SampleShow) -> None:
    invite = await new_invite(store, sample, uses=2)
    await store.accept_invite(invite.id, sample.member(), NOON)

    await store.save_invites([replace(invite, expires=NOON + 99)])

    assert await store.invite(invite.token) == replace(invite, expires=NOON + 99, used=1)


async def test_an_accepted_invite_makes_a_member_of_its_role(
    store: Store, sample: SampleShow
) -> None:
    invite = await new_invite(store, sample, role="moderator")
    newcomer = sample.member()

    accepted = await store.accept_invite(invite.id, newcomer, NOON)

    assert accepted == replace(newcomer, role="moderator")
    assert await store.member(sample.show.id, newcomer.user_id) == accepted
    assert await used(store, invite) == 1


async def test_accepting_again_changes_nothing_and_uses_nothing(
    store: Store, sample: SampleShow
) -> None:
    invite = await new_invite(store, sample, uses=1)
    member = await store.accept_invite(invite.id, sample.member(), NOON)

    again = await store.accept_invite(invite.id, sample.member(member.user_id), NOON + 5)

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
    store: Store, sample: SampleShow, has: Role, gives: Role, becomes: Role
) -> None:
    member = sample.member(role=has, muted=True, name="Борис")
    await store.save_members(sample.show.id, [member])
    invite = await new_invite(store, sample, role=gives)

    accepted = await store.accept_invite(invite.id, sample.member(member.user_id), NOON)

    assert accepted == replace(member, role=becomes)
    assert await store.member(sample.show.id, member.user_id) == accepted
    assert await used(store, invite) == int(has != becomes)


@pytest.mark.parametrize("uses", [1, 3])
async def test_of_fifty_at_once_only_as_many_get_in_as_the_invite_says(
    store: Store, sample: SampleShow, uses: int
) -> None:
    invite = await new_invite(store, sample, uses=uses)
    newcomers = [sample.member() for _ in range(50)]

    outcomes = await asyncio.gather(
        *(store.accept_invite(invite.id, newcomer, NOON) for newcomer in newcomers),
        return_exceptions=True,
    )

    let_in = [outcome for outcome in outcomes if isinstance(outcome, Member)]
    assert len(let_in) == uses
    assert [type(outcome) for outcome in outcomes].count(InviteGone) == 50 - uses
    members = await everybody_in(store, sample.show.id)
    assert {member.user_id for member in members} == {
        sample.host_id,
        *(member.user_id for member in let_in),
    }
    assert await used(store, invite) == uses


async def test_twenty_clicks_at_once_use_an_invite_once(store: Store, sample: SampleShow) -> None:
    invite = await new_invite(store, sample, uses=1)
    user_id = new_id()

    accepted = await asyncio.gather(
        *(store.accept_invite(invite.id, sample.member(user_id), NOON) for _ in range(20))
    )

    assert len({member.id for member in accepted}) == 1
    assert await used(store, invite) == 1


async def test_an_invite_used_up_raises_no_role(store: Store, sample: SampleShow) -> None:
    invite = await new_invite(store, sample, uses=1, role="moderator")
    await store.accept_invite(invite.id, sample.member(), NOON)
    guest = sample.member()
    await store.save_members(sample.show.id, [guest])

    with pytest.raises(InviteGone):
        await store.accept_invite(invite.id, guest, NOON)

    assert await store.member(sample.show.id, guest.user_id) == guest


async def test_an_invite_ends_when_expired_or_revoked(store: Store, sample: SampleShow) -> None:
    expiring = await new_invite(store, sample, expires=NOON + 60)
    revoked = await new_invite(store, sample)
    member = await store.accept_invite(expiring.id, sample.member(), NOON + 59.9)
    await store.save_invites([replace(revoked, revoked=True)])

    for invite, now in ((expiring, NOON + 60), (revoked, NOON)):
        with pytest.raises(InviteGone):
            await store.accept_invite(invite.id, sample.member(), now)
        # Who is a member comes in by any link that once led there.
        assert await store.accept_invite(invite.id, member, now) == member

    assert len(await everybody_in(store, sample.show.id)) == 2


async def test_no_invite_undoes_a_role_given_since(store: Store, sample: SampleShow) -> None:
    invite = await new_invite(store, sample, role="moderator", uses=2)
    member = await store.accept_invite(invite.id, sample.member(), NOON)
    guest = replace(member, role="guest")
    demoted = by_hand(sample, member, "role", role="guest")
    await store.save_members(sample.show.id, [guest], [demoted])

    assert await store.accept_invite(invite.id, sample.member(member.user_id), NOON) == guest
    assert await used(store, invite) == 1

    newer = await new_invite(store, sample, role="moderator", created_at=demoted.created_at + 1)
    assert await store.accept_invite(newer.id, sample.member(member.user_id), NOON) == member


async def test_no_invite_undoes_a_role_given_under_a_clock_put_back(
    store: Store, sample: SampleShow
) -> None:
    invite = await new_invite(store, sample, role="moderator")
    member = await store.accept_invite(invite.id, sample.member(), NOON)
    guest = replace(member, role="guest")
    demoted = by_hand(sample, member, "role", role="guest", created_at=invite.created_at - 7200)
    await store.save_members(sample.show.id, [guest], [demoted])

    assert await store.accept_invite(invite.id, sample.member(member.user_id), NOON) == guest

    # What changes of the invite does not make it newer than what was decided since.
    await store.save_invites([replace(invite, uses=9)])
    assert await store.accept_invite(invite.id, sample.member(member.user_id), NOON) == guest


async def test_an_invite_made_under_a_clock_put_back_still_raises(
    store: Store, sample: SampleShow
) -> None:
    guest = sample.member()
    await store.save_members(sample.show.id, [guest], [by_hand(sample, guest, "role")])
    invite = await new_invite(
        store, sample, role="moderator", created_at=sample.entry().created_at - 7200
    )

    accepted = await store.accept_invite(invite.id, sample.member(guest.user_id), NOON)

    assert accepted.role == "moderator"


async def test_no_invite_raises_who_was_removed_and_pardoned_since_it_was_made(
    store: Store, sample: SampleShow
) -> None:
    invite = await new_invite(store, sample, role="moderator")
    member = await store.accept_invite(sample.link.id, sample.member(), NOON)
    removed = by_hand(sample, member, "removed")
    await store.save_members(sample.show.id, [replace(member, removed=True)], [removed])
    await store.save_members(sample.show.id, [member])

    assert await store.accept_invite(invite.id, sample.member(member.user_id), NOON) == member
    assert await used(store, invite) == 0


async def test_a_role_given_by_hand_to_another_or_elsewhere_or_before_hinders_no_invite(
    store: Store, sample: SampleShow
) -> None:
    guest, other = sample.member(), sample.member()
    elsewhere = await SampleShow(host_id=sample.host_id).create(store)
    before = by_hand(sample, guest, "role", created_at=sample.created_at)
    await store.save_members(sample.show.id, [guest], [before, by_hand(sample, other, "role")])
    await store.save_members(elsewhere.show.id, [], [by_hand(elsewhere, guest, "role")])
    invite = await new_invite(store, sample, role="moderator", created_at=sample.created_at + 1)

    accepted = await store.accept_invite(invite.id, sample.member(guest.user_id), NOON)

    assert accepted.role == "moderator"


def by_hand(sample: SampleShow, member: Member, kind: EntryKind, **more: object) -> Entry:
    return sample.entry(kind, subject=member.user_id, subject_name=member.name, **more)


async def test_one_who_was_removed_is_kept_out(store: Store, sample: SampleShow) -> None:
    gone = sample.member(removed=True)
    await store.save_members(sample.show.id, [gone])

    with pytest.raises(Removed):
        await store.accept_invite(sample.link.id, sample.member(gone.user_id), NOON)

    assert await store.member(sample.show.id, gone.user_id) == gone
    assert await used(store, sample.link) == 0


async def test_an_unknown_invite_lets_nobody_in(store: Store, sample: SampleShow) -> None:
    with pytest.raises(UnknownInvite):
        await store.accept_invite(new_id(), sample.member(), NOON)
