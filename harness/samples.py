"""Records to fill a store with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sessions.core.records import Entry, EntryKind, Invite, Member, Session, Show
from sessions.core.roles import Role
from sessions.core.timeline import Reason, Timeline
from sessions.stores.base import LogStore, MemberStore, Store

__all__ = ["NOON", "SampleShow", "everybody_in", "moves_of", "new_id", "shows_at", "tail_of"]

NOON = 1_800_000_000.0
"""When films begin, unless a test says otherwise; Unix seconds."""


def new_id() -> str:
    return str(uuid4())


async def tail_of(store: LogStore, show_id: str) -> int:
    """Return the last ``seq`` of a show's log, 0 where it is empty."""
    last = await store.entries(show_id, limit=1)
    return last[0].seq if last else 0


async def everybody_in(store: MemberStore, show_id: str) -> list[Member]:
    """Return all places in a show of a test, the oldest first."""
    page = await store.members_of(show_id, 1000)
    assert page.next is None
    return list(page.items)


async def moves_of(store: LogStore, session: Session) -> list[Entry]:
    """Return what moved a session, as its show's log tells it."""
    log = await store.entries(session.show_id, after=0, limit=1000, session_id=session.id)
    return [entry for entry in log if entry.timeline is not None]


@dataclass
class SampleShow:
    """A show of one film with its host, and what can happen in it."""

    movie_time: float = NOON
    duration: float = 600.0
    created_at: float = NOON - 3600.0
    host_id: str = field(default_factory=new_id)
    show: Show = field(init=False)
    session: Session = field(init=False)
    host: Member = field(init=False)
    link: Invite = field(init=False)

    def __post_init__(self) -> None:
        show_id, film = new_id(), new_id()
        self.show = Show(
            id=show_id,
            created_at=self.created_at,
            user_id=self.host_id,
            target_id=film,
            target_type="movie",
            title="Кино в полдень",
            access="link",
            control="host",
            waiting="never",
        )
        self.session = self.another_session(self.movie_time)
        self.host = self.member(self.host_id, "host")
        self.link = self.invite(own=True)

    def another_session(self, movie_time: float) -> Session:
        return Session(
            id=new_id(),
            created_at=self.created_at,
            user_id=self.host_id,
            show_id=self.show.id,
            movie_time=movie_time,
            target_id=self.show.target_id,
            target_type="movie",
            duration=self.duration,
        )

    def member(self, user_id: str | None = None, role: Role = "guest", **more: object) -> Member:
        known: dict[str, Any] = {
            "id": new_id(),
            "created_at": self.created_at,
            "user_id": user_id or new_id(),
            "show_id": self.show.id,
            "name": "Anna",
            "role": role,
        }
        known.update(more)
        return Member(**known)

    def invite(self, **more: object) -> Invite:
        known: dict[str, Any] = {
            "id": new_id(),
            "created_at": self.created_at,
            "user_id": self.host_id,
            "show_id": self.show.id,
            "token": new_id(),
            "role": "guest",
        }
        known.update(more)
        return Invite(**known)

    def entry(self, kind: EntryKind = "message", **more: object) -> Entry:
        known: dict[str, Any] = {
            "id": new_id(),
            "show_id": self.show.id,
            "session_id": self.session.id,
            "kind": kind,
            "user_id": self.host_id,
            "name": "Anna",
            "created_at": NOON + 12.25,
            "position": 12.25,
            "revision": 1,
            "text": "Начинаем!" if kind == "message" else "",
        }
        known.update(more)
        return Entry(**known)

    def move(
        self,
        revision: int,
        *,
        kind: EntryKind = "paused",
        reason: Reason = "pause",
        position: float = 12.5,
        rate: float = 0.0,
        instant: float = NOON + 12.5,
        **more: object,
    ) -> Entry:
        made = Timeline(revision, position, rate, instant, self.host_id, reason)
        return self.entry(kind, revision=revision, timeline=made, speed=1.0, **more)

    async def create(self, store: Store) -> SampleShow:
        await store.create_show(self.show, [self.session], self.host, self.link)
        return self


async def shows_at(store: Store, host_id: str, *times: float) -> list[SampleShow]:
    """Return new shows of one host, each beginning at one of ``times``, Unix seconds."""
    samples = [SampleShow(movie_time=time, host_id=host_id) for time in times]
    for sample in samples:
        await sample.create(store)
    return samples
