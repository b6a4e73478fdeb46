"""A store that loses, delays or repeats its answers, and a second writer on one log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.rooms import T0, Clock, FakeLink, House, until
from harness.unreliable_store import FAULTS, Fault, UnreliableStore
from sessions.core.commands import Pause, Play, Seek
from sessions.core.errors import IdTaken, StaleRevision, StoreUnavailable, UnknownShow
from sessions.live.live_session import LiveSession
from sessions.live.live_show import LiveShow
from sessions.live.log_writer import DOUBT_S
from sessions.live.registry import Registry
from sessions.services.locks import Locks
from sessions.services.members import Members


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[UnreliableStore]:
    async with UnreliableStore(tmp_path / "data") as store:
        yield store


@dataclass(slots=True)
class Room:
    """One process's view of the show: its live show, and a link that hears everything."""

    house: House
    live: LiveShow
    link: FakeLink

    @classmethod
    async def open(cls, house: House) -> Room:
        link, _ = await house.enter("Anna")
        return cls(house, await house.registry.live_show(house.show.id), link)

    @property
    def session(self) -> LiveSession:
        return self.live.session(self.house.session.id)

    @property
    def anna(self) -> str:
        return self.house.people["Anna"].user_id

    async def seek(self, position: float, revision: int | None = None) -> int:
        return (await self.session.command(self.anna, Seek(position), revision)).revision


async def running(house: House) -> Room:
    """Let the film run, and Anna be there."""
    house.clock.now = T0 + 5.0
    return await Room.open(house)


async def second(room: Room) -> Room:
    """Return another process's room on the same log."""
    registry = Registry(room.house.store, room.house.clock)
    chat = type(room.house.chat)(registry, room.house.clock)
    return await Room.open(replace(room.house, registry=registry, chat=chat))


async def revisions(room: Room) -> list[int]:
    """Return the revisions that the log has."""
    log = await room.house.store.entries(room.house.show.id, after=0, limit=1000)
    return [entry.timeline.revision for entry in log if entry.timeline]


@pytest.mark.parametrize("fault", ["lost", "twice", "fails", "slow", "late"])
async def test_a_command_is_done_once_whatever_the_answer(
    house: House, store: UnreliableStore, fault: Fault
) -> None:
    room = await running(house)
    store.faults.append(fault)

    assert await room.seek(30.0) == 2
    await store.carry_out_late()
    assert await room.seek(40.0) == 3

    assert await revisions(room) == [2, 3]
    told = [m["next"]["position"] for m in room.link.of("timeline")]
    assert told == [30.0, 40.0]


async def test_a_move_that_lands_after_its_refusal_is_taken_up(
    house: House, store: UnreliableStore
) -> None:
    room = await running(house)
    store.faults.extend(["late", "fails"])
    with pytest.raises(StoreUnavailable):
        await room.seek(30.0)
    await store.carry_out_late()

    await house.registry.tick()

    assert room.session.room.chain.newest.position == 30.0
    assert room.link.of("timeline")[-1]["next"]["revision"] == 2
    assert await room.seek(40.0) == 3


async def test_a_move_that_lands_before_its_second_attempt_is_done_once(
    house: House, store: UnreliableStore
) -> None:
    room = await running(house)
    read = store.entries

    async def land_after_reading(*args: object, **facts: object) -> object:
        found = await read(*args, **facts)  # type: ignore[arg-type]
        await store.carry_out_late()
        return found

    object.__setattr__(store, "entries", land_after_reading)
    store.faults.append("late")

    assert await room.seek(30.0) == 2
    assert await revisions(room) == [2]


async def test_the_second_writer_decides_anew_on_what_the_first_made(house: House) -> None:
    room = await running(house)
    other = await second(room)

    assert await room.seek(30.0) == 2
    assert await other.seek(40.0) == 3
    assert await room.seek(50.0) == 4

    positions = [m["next"]["position"] for m in other.link.of("timeline")]
    assert positions == [30.0, 40.0]
    assert [m["next"]["revision"] for m in room.link.of("timeline")] == [2, 3, 4]


async def test_a_stale_revision_of_a_client_is_refused(house: House) -> None:
    room = await running(house)
    other = await second(room)
    await room.seek(30.0)

    with pytest.raises(StaleRevision):
        await other.seek(40.0, revision=1)
    with pytest.raises(StaleRevision):
        await room.seek(40.0, revision=1)

    assert await revisions(room) == [2]
    assert await other.seek(40.0, revision=2) == 3


async def test_a_client_may_know_a_newer_revision_than_the_room(house: House) -> None:
    room = await running(house)
    other = await second(room)
    await room.seek(30.0)

    assert await other.seek(40.0, revision=2) == 3


async def test_a_move_that_fills_a_gap_moves_the_film(house: House) -> None:
    room = await running(house)
    other = await second(room)
    await other.seek(30.0)

    await room.live.say(room.anna, str(uuid4()), "behind a gap")
    await house.registry.tick()

    assert room.session.room.chain.newest.position == 30.0
    assert room.link.of("timeline")[-1]["next"]["position"] == 30.0
    room.live.audience.settle()
    assert room.link.log() == [1, 2, 3]


async def test_another_writers_new_time_is_taken_over(house: House) -> None:
    room = await Room.open(house)
    other = await second(room)
    await house.registry.reschedule(house.session, T0 + 600.25, house.people["Anna"])

    await other.live.say(room.anna, str(uuid4()), "behind a gap")
    await other.house.registry.tick()

    assert other.session.session.movie_time == T0 + 600.25
    told = [room.link.of("timeline")[-1]["movie_time"], other.link.of("timeline")[-1]["movie_time"]]
    assert told[0] == told[1]


async def test_a_message_whose_answer_was_lost_is_accepted_once(
    house: House, store: UnreliableStore
) -> None:
    room = await running(house)
    message_id = str(uuid4())
    store.faults.append("lost")

    first = await room.live.say(room.anna, message_id, "hello")
    again = await room.live.say(room.anna, message_id, "hello")

    assert (first.new, again.new) == (True, False)
    await until(lambda: room.link.of("message"))
    assert [m["id"] for m in room.link.of("message")] == [message_id]


async def test_a_message_that_landed_late_is_told_when_it_is_said_again(
    house: House, store: UnreliableStore
) -> None:
    room = await running(house)
    message_id = str(uuid4())
    store.faults.append("late")
    with pytest.raises(StoreUnavailable):
        await room.live.say(room.anna, message_id, "hello")
    await store.carry_out_late()

    await room.live.say(room.anna, message_id, "hello")

    await until(lambda: room.link.of("message"))
    assert len(room.link.of("message")) == 1


async def test_another_ones_message_does_not_count_as_said(
    house: House, store: UnreliableStore
) -> None:
    room = await running(house)
    other = await second(room)
    message_id = str(uuid4())
    await other.live.say(room.anna, message_id, "theirs")
    store.faults.append("fails")

    with pytest.raises(StoreUnavailable):
        await room.live.say(room.anna, message_id, "mine")
    with pytest.raises(IdTaken):
        await room.live.say(room.anna, message_id, "mine")


async def test_a_message_taken_back_with_a_lost_answer_is_blank(
    house: House, store: UnreliableStore
) -> None:
    room = await running(house)
    message_id = str(uuid4())
    await room.live.say(room.anna, message_id, "a secret")
    store.faults.append("lost")

    await house.chat.delete(house.show.id, room.anna, message_id)

    await until(lambda: room.link.of("deleted"))
    assert len(room.link.of("deleted")) == 1


async def test_a_coming_whose_answer_was_lost_is_told_once(
    house: House, store: UnreliableStore
) -> None:
    store.faults.append("lost")
    room = await running(house)
    await house.enter("Anna")

    assert [n["kind"] for n in room.link.of("notice")] == ["joined"]


@pytest.mark.parametrize("fault", ["lost", "twice", "fails", "late"])
async def test_a_leaving_is_told_once_whatever_the_answer(
    house: House, store: UnreliableStore, fault: Fault
) -> None:
    await house.member("Boris")
    room = await running(house)
    _, boris = await house.enter("Boris")
    await boris.gone()
    house.clock.advance(31.0)
    store.faults.append(fault)

    await house.registry.tick()
    await store.carry_out_late()
    for _ in range(2):
        await house.registry.tick()

    room.live.audience.settle()
    kinds = [n["kind"] for n in room.link.of("notice") if n["name"] == "Boris"]
    assert kinds == ["joined", "left"]


async def test_a_removal_whose_answer_was_lost_holds(house: House, store: UnreliableStore) -> None:
    boris = await house.member("Boris")
    room = await running(house)
    link, _ = await house.enter("Boris")
    store.faults.append("lost")

    with pytest.raises(StoreUnavailable):
        await Members(house.store, house.registry, Locks()).remove(
            house.show.id, room.anna, boris.user_id
        )
    await house.registry.tick()

    assert link.closed == (4403, "removed")
    with pytest.raises(UnknownShow):
        await room.live.say(boris.user_id, str(uuid4()), "and now?")


async def test_another_writers_roles_are_taken_over(house: House) -> None:
    boris = await house.member("Boris")
    room = await running(house)
    other = await second(room)
    members = Members(house.store, house.registry, Locks())
    await members.change(house.show.id, room.anna, boris.user_id, "host", None)

    await other.live.say(room.anna, str(uuid4()), "behind a gap")
    await other.house.registry.tick()

    assert other.live.members == room.live.members
    assert other.live.members[room.anna].role == "moderator"


async def test_the_doubt_about_an_append_ends(house: House, store: UnreliableStore) -> None:
    room = await running(house)
    store.faults.append("fails")
    with pytest.raises(StoreUnavailable):
        await room.live.say(room.anna, str(uuid4()), "hello")
    reads: list[object] = []
    read = store.entries

    async def counted(*args: object, **facts: object) -> object:
        reads.append(args)
        return await read(*args, **facts)  # type: ignore[arg-type]

    object.__setattr__(store, "entries", counted)
    await house.registry.tick()
    house.clock.advance(DOUBT_S)
    await house.registry.tick()

    assert len(reads) == 1


Step = tuple[int, str, Fault, bool]
"""Which process does what, what the store makes of it, and whether others may come between."""

STEPS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["say", "seek", "play", "pause", "tick", "land"]),
        st.sampled_from(FAULTS),
        st.booleans(),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_rooms_go_on_whatever_the_store_answers(steps: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(evening(Path(folder), steps))


async def evening(folder: Path, steps: list[Step]) -> None:
    """Let two processes do ``steps`` on one log, and hold what must hold then."""
    store = UnreliableStore(folder / "data")
    await store.open()
    try:
        room = await running(await House.build(store, Clock(), duration=3600.0))
        rooms = (room, await second(room))
        said: dict[str, int] = {}
        moved: list[int] = []
        tasks: list[asyncio.Task[None]] = []
        for number, (who, what, fault, alone) in enumerate(steps):
            if what in ("say", "seek", "play", "pause"):
                store.faults.append(fault)
            tasks.append(asyncio.create_task(act(rooms[who], what, number, said, moved, store)))
            if alone:
                await asyncio.gather(*tasks)
        await asyncio.gather(*tasks)
        store.faults.clear()
        await store.carry_out_late()
        await recover(rooms, said)
        await hold(rooms, said, moved)
    finally:
        for each in rooms:
            await each.house.registry.stop()
        await store.close()


async def act(
    room: Room,
    what: str,
    number: int,
    said: dict[str, int],
    moved: list[int],
    store: UnreliableStore,
) -> None:
    """Do one step; what is refused may have happened or not."""
    try:
        match what:
            case "say":
                message_id = str(uuid4())
                said[message_id] = 0
                appended = await room.live.say(room.anna, message_id, "hello")
                said[message_id] = appended.entry.seq
            case "seek":
                moved.append(await room.seek(float(number)))
            case "play" | "pause":
                command = Play() if what == "play" else Pause()
                await room.session.command(room.anna, command, None)
            case "tick":
                await room.live.keep_log()
            case _:
                await store.carry_out_late()
    except (StoreUnavailable, StaleRevision):
        pass


async def recover(rooms: tuple[Room, Room], said: dict[str, int]) -> None:
    """Let the store answer again: each room does what it is asked at the first attempt."""
    for number, room in enumerate((*rooms, *rooms)):
        await room.seek(1000.0 + number)
    for message_id, seq in said.items():
        if not seq:
            appended = await rooms[0].live.say(rooms[0].anna, message_id, "hello")
            said[message_id] = appended.entry.seq
    for room in rooms:
        await room.live.say(room.anna, str(uuid4()), "are all here?")
    for room in rooms:
        await room.live.keep_log()
        room.live.audience.settle()


async def hold(rooms: tuple[Room, Room], said: dict[str, int], moved: list[int]) -> None:
    """Nothing is lost or doubled, and both rooms show the same film."""
    log = await rooms[0].house.store.entries(rooms[0].house.show.id, after=0, limit=1000)
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
    assert {entry.id: entry.seq for entry in log if entry.id in said} == said
    made = [entry.timeline.revision for entry in log if entry.timeline]
    assert made == list(range(2, len(made) + 2))
    assert len(moved) == len(set(moved))
    sought = [entry.timeline.position for entry in log if entry.kind == "sought" and entry.timeline]
    assert len(sought) == len(set(sought))
    for room in rooms:
        heard = room.link.log()
        assert heard == list(range(heard[0], heard[0] + len(heard)))
        told = [m["timeline"]["revision"] for m in room.link.of("timeline")]
        assert told == sorted(told)
    assert rooms[0].session.room == rooms[1].session.room
