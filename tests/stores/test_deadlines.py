"""What every store promises of time: no call outlasts its bound, and none acts after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from harness.samples import NOON, SampleShow, everybody_in, tail_of
from sessions.core.errors import StoreUnavailable
from sessions.stores.base import Store
from tests.stores.conftest import Engine

Write = Callable[[Store, SampleShow], Awaitable[object]]

WRITES: dict[str, Write] = {
    "say": lambda store, sample: store.append(sample.entry()),
    "move": lambda store, sample: store.append(sample.move(2)),
    "reschedule": lambda store, sample: store.append(
        sample.move(2, kind="rescheduled", reason="rescheduled"),
        session=replace(sample.session, movie_time=NOON + 60.0),
    ),
    "save members": lambda store, sample: store.save_members(sample.show.id, [sample.member()]),
    "save a show": lambda store, sample: store.save_show(replace(sample.show, title="Other")),
    "save invites": lambda store, sample: store.save_invites([sample.invite()]),
    "accept": lambda store, sample: store.accept_invite(sample.link.id, sample.member(), NOON),
    "delete": lambda store, sample: store.delete_show(sample.show.id),
    "create": lambda store, sample: SampleShow(host_id=sample.host_id).create(store),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
async def test_a_write_whose_time_is_over_is_never_carried_out(
    engine: Engine, write: Write
) -> None:
    sample = SampleShow()
    opened = engine()
    await opened.open()
    await sample.create(opened)
    await opened.close()

    hurried = engine(write_wait=0.0)
    await hurried.open()
    with pytest.raises(StoreUnavailable):
        await write(hurried, sample)
    await hurried.close()

    opened = engine()
    await opened.open()
    assert await opened.show(sample.show.id) == sample.show
    assert list(await opened.sessions_of(sample.show.id)) == [sample.session]
    assert await everybody_in(opened, sample.show.id) == [sample.host]
    assert list(await opened.invites_of(sample.show.id)) == [sample.link]
    assert await tail_of(opened, sample.show.id) == 0
    assert len((await opened.shows_of(sample.host_id, "coming", NOON, 9, None)).items) == 1
    await opened.close()
