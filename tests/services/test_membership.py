"""Who a caller is in a show, and the one refusal of who is nobody there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from harness.rooms import House
from sessions.core.errors import NotMember, Refused, Removed, UnknownSession, UnknownShow
from sessions.services.locks import Locks
from sessions.services.members import Members
from sessions.services.membership import Membership

Asking = Callable[[Membership, House, str], Awaitable[object]]

BY_SHOW: list[Asking] = [
    lambda membership, house, user: membership.in_show(house.show.id, user),
    lambda membership, house, user: membership.with_show(house.show.id, user),
    lambda _, house, user: house.chat.history(
        house.show.id, user, after=None, before=None, limit=1, session_id=None
    ),
    lambda _, house, user: house.chat.say(house.show.id, user, str(uuid4()), "hm"),
    lambda _, house, user: Members(house.store, house.registry, Locks()).list(
        house.show.id, user, 1
    ),
]
BY_SESSION: list[Asking] = [
    lambda membership, house, user: membership.with_session(house.session.id, user)
]
BY_ROOM: list[Asking] = [
    lambda membership, house, user: membership.session_for_room(house.session.id, user)
]


@pytest.mark.parametrize(
    ("asking", "of_strangers", "of_removed"),
    [
        *((asking, UnknownShow, UnknownShow) for asking in BY_SHOW),
        *((asking, UnknownSession, UnknownSession) for asking in BY_SESSION),
        *((asking, NotMember, Removed) for asking in BY_ROOM),
    ],
)
async def test_who_does_not_belong_is_refused_alike_everywhere(
    house: House, asking: Asking, of_strangers: type[Refused], of_removed: type[Refused]
) -> None:
    membership = Membership(house.store)
    boris = await house.member("Boris")
    await asking(membership, house, boris.user_id)

    with pytest.raises(of_strangers):
        await asking(membership, house, str(uuid4()))
    people = Members(house.store, house.registry, Locks())
    await people.remove(house.show.id, house.people["Anna"].user_id, boris.user_id)
    with pytest.raises(of_removed):
        await asking(membership, house, boris.user_id)


async def test_a_room_lets_in_who_says_later_who_they_are(house: House) -> None:
    session = await Membership(house.store).session_for_room(house.session.id, None)

    assert session == house.session


async def test_what_is_not_there_is_unknown_to_members_too(house: House) -> None:
    membership, anna = Membership(house.store), house.people["Anna"].user_id

    with pytest.raises(UnknownShow):
        await membership.with_show(str(uuid4()), anna)
    with pytest.raises(UnknownSession):
        await membership.with_session(str(uuid4()), anna)
    with pytest.raises(UnknownSession):
        await membership.session_for_room(str(uuid4()), anna)


async def test_only_members_are_found_by_a_link(house: House) -> None:
    membership, anna = Membership(house.store), house.people["Anna"]

    assert await membership.find(house.show.id, anna.user_id) == anna
    assert await membership.find(house.show.id, str(uuid4())) is None
    assert await membership.find(house.show.id, None) is None
