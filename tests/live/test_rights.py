"""A change of role or of the show's settings reaches the pages of those whom it concerns."""

from __future__ import annotations

from dataclasses import replace

from harness.rooms import FakeLink, House
from sessions.services.locks import Locks
from sessions.services.members import Members


async def test_the_welcome_says_what_one_may_do(house: House) -> None:
    await house.member("Boris")
    anna, _ = await house.enter("Anna")
    boris, _ = await house.enter("Boris")

    (to_host,), (to_guest,) = anna.of("welcome"), boris.of("welcome")
    assert (to_host["may"]["command"], to_host["may"]["edit"]) == (True, True)
    assert set(to_guest["may"].values()) == {False}
    assert to_guest["show"]["may"] == to_guest["may"]


async def test_a_new_role_tells_its_holder_alone_what_they_may_do_now(house: House) -> None:
    boris = await house.member("Boris")
    host, _ = await house.enter("Anna")
    phone, _ = await house.enter("Boris")
    laptop, _ = await house.enter("Boris")

    people = Members(house.store, house.registry, Locks())
    await people.change(
        house.show.id, house.people["Anna"].user_id, boris.user_id, "moderator", None
    )

    assert host.of("rights") == []
    for link in (phone, laptop):
        (rights,) = link.of("rights")
        assert rights["role"] == "moderator"
        assert rights["may"]["moderate_guests"]
        assert not rights["may"]["command"]


async def test_both_are_told_where_the_host_gives_the_role_away(house: House) -> None:
    boris = await house.member("Boris")
    old, _ = await house.enter("Anna")
    new, _ = await house.enter("Boris")

    people = Members(house.store, house.registry, Locks())
    await people.change(house.show.id, house.people["Anna"].user_id, boris.user_id, "host", None)

    edits = [[rights["may"]["edit"] for rights in link.of("rights")] for link in (old, new)]
    assert edits == [[False], [True]]


async def test_another_control_tells_everybody_what_they_may_do_now(house: House) -> None:
    await house.member("Boris")
    _, _ = await house.enter("Anna")
    boris, _ = await house.enter("Boris")

    house.registry.show_changed(replace(house.show, control="everyone"))

    (rights,) = boris.of("rights")
    assert (rights["role"], rights["may"]["command"]) == ("guest", True)


async def test_a_link_that_fails_keeps_no_rights_from_the_others(house: House) -> None:
    class Failing(FakeLink):
        def offer(self, _batch: object) -> None:
            raise RuntimeError("the carrier has a fault")

    await house.member("Boris")
    await house.enter("Anna")
    boris, _ = await house.enter("Boris")
    live = await house.registry.live_show(house.show.id)
    failing = Failing()
    live.enter(house.people["Anna"].user_id, failing, house.session.id)

    house.registry.show_changed(replace(house.show, control="everyone"))

    assert failing.closed == (1011, "unexpected")
    assert len(boris.of("rights")) == 1
