"""What the tests of the services share: a clock set by hand, a link that records, a show."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from sessions.core.errors import StoreUnavailable, Unauthenticated
from sessions.core.records import Entry, Invite, Member, Session, Show, User
from sessions.core.roles import Control, Role
from sessions.live.conversation import Conversation
from sessions.live.conversation_context import GREETING_TIMEOUT_S, ConversationContext
from sessions.live.fanout import Batch
from sessions.live.live_session import LiveSession
from sessions.live.registry import Registry
from sessions.services.chat import Chat
from sessions.stores.base import AppendResult, Store
from sessions.stores.sqlite.store import SqliteStore

__all__ = ["T0", "Clock", "FailingStore", "FakeLink", "House", "say", "until"]

T0 = 1_800_000_000.0
"""When the film of the tests begins, Unix seconds."""


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = T0 - 60.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass(eq=False, slots=True)
class FakeLink:
    """A link that keeps what it was given; ``stuck`` lets a replay wait for ever."""

    transport: str = "websocket"
    messages: list[dict[str, Any]] = field(default_factory=list)
    closed: tuple[int, str] | None = None
    stuck: bool = False
    rounds: list[int] = field(default_factory=list)

    @property
    def closing(self) -> bool:
        return self.closed is not None

    def offer(self, batch: Batch) -> None:
        if self.closed is None:
            self.rounds.append(len(batch.texts))
            self.messages.extend(json.loads(text) for text in batch.texts)

    def write(self, batch: Batch) -> None:
        self.offer(batch)

    async def drained(self) -> bool:
        await asyncio.sleep(0)
        return not self.stuck and self.closed is None

    def close(self, code: int, reason: str, last: str | None = None) -> None:
        if last is not None:
            self.messages.append(json.loads(last))
        self.closed = (code, reason)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == kind]

    def log(self) -> list[int]:
        return [message["seq"] for message in self.messages if message["type"] in LOGGED]


LOGGED = {"message", "notice", "deleted"}


async def until(condition: Callable[[], object], within: float = 30.0) -> None:
    """Let other tasks run until ``condition`` holds."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 -- any condition, not one event
            await asyncio.sleep(0.001)


class FailingStore(SqliteStore):
    """A store whose disk can be full."""

    full = False

    async def append(self, entry: Entry, session: Session | None = None) -> AppendResult:
        if self.full:
            raise StoreUnavailable
        return await super().append(entry, session)

    async def save_members(
        self, show_id: str, members: Sequence[Member], entries: Sequence[Entry] = ()
    ) -> Sequence[Entry]:
        if self.full:
            raise StoreUnavailable
        return await super().save_members(show_id, members, entries)


class FailingChat(Chat):
    """A chat that can break."""

    broken = False

    async def say(
        self,
        show_id: str,
        user_id: str,
        message_id: str,
        text: str,
        session_id: str | None = None,
    ) -> AppendResult:
        if self.broken:
            raise RuntimeError("broken")
        return await super().say(show_id, user_id, message_id, text, session_id)


@dataclass(slots=True)
class House:
    """A store with one show, a registry over it, and seats to sit down on."""

    store: Store
    clock: Clock
    registry: Registry
    chat: FailingChat
    show: Show
    session: Session
    people: dict[str, Member] = field(default_factory=dict)
    later: list[Session] = field(default_factory=list)

    @classmethod
    async def build(
        cls,
        store: Store,
        clock: Clock,
        *,
        control: Control = "host",
        duration: float = 120.0,
        later: Sequence[float] = (),
    ) -> House:
        """Build a house whose film begins at T0, and others so many seconds ``later``."""
        host = _member("Anna", "host")
        show = Show(
            id=host.show_id,
            created_at=clock(),
            user_id=host.user_id,
            target_id=str(uuid4()),
            target_type="movie",
            title="Counter",
            access="link",
            control=control,
            waiting="never",
        )
        session = Session(
            id=str(uuid4()),
            created_at=clock(),
            user_id=host.user_id,
            show_id=show.id,
            movie_time=T0,
            target_id=show.target_id,
            target_type="movie",
            duration=duration,
        )
        invite = Invite(
            id=str(uuid4()),
            created_at=clock(),
            user_id=host.user_id,
            show_id=show.id,
            token=str(uuid4()),
            role="guest",
            own=True,
        )
        others = [replace(session, id=str(uuid4()), movie_time=T0 + seconds) for seconds in later]
        await store.create_show(show, [session, *others], host, invite)
        registry = Registry(store, clock)
        house = cls(store, clock, registry, FailingChat(registry, clock), show, session)
        house.later = others
        house.people["Anna"] = host
        return house

    def after_a_kill(self) -> House:
        """Return the same house after its server died and came back."""
        registry = Registry(self.store, self.clock)
        return replace(self, registry=registry, chat=type(self.chat)(registry, self.clock))

    async def live_session(self) -> LiveSession:
        """Return the show's session as it is open, or opens now."""
        return await self.registry.live_session(self.session)

    async def stored_session(self) -> Session:
        """Return the session as the store has it now."""
        session = await self.store.session(self.session.id)
        assert session is not None
        return session

    async def member(self, name: str, role: Role = "guest") -> Member:
        member = _member(name, role, self.show.id)
        await self.store.save_members(self.show.id, [member])
        self.registry.members_changed(self.show.id, [member])
        self.people[name] = member
        return member

    def conversation(
        self,
        link: FakeLink,
        name: str | None = None,
        session: Session | None = None,
        *,
        identify: Callable[[str], Awaitable[User]] | None = None,
        greeting_timeout: float = GREETING_TIMEOUT_S,
    ) -> Conversation:
        """Return a conversation of ``name``, or of nobody known.

        A token is a name, unless ``identify`` says otherwise.
        """

        async def by_name(token: str) -> User:
            if token not in self.people:
                raise Unauthenticated
            return self.user(token)

        async def show_link(_show: Show, role: Role) -> str | None:
            return f"https://seans.example/w/{role}"

        context = ConversationContext(
            self.registry, self.chat.say, identify or by_name, self.clock, greeting_timeout
        )
        user = self.user(name) if name else None
        return Conversation(context, link, session or self.session, user, show_link)

    def user(self, name: str) -> User:
        return User(id=self.people[name].user_id, name=name)

    async def enter(
        self, name: str, after: int | None = None, session: Session | None = None
    ) -> tuple[FakeLink, Conversation]:
        """Let somebody enter and wait until they hear everything live."""
        link = FakeLink()
        conversation = self.conversation(link, name, session)
        say(conversation, type="hello", protocol=1, after=after)
        live = await self.registry.live_show(self.show.id)
        await until(lambda: link in live.audience.live)
        return link, conversation


def say(conversation: Conversation, **message: object) -> None:
    """Let a client say ``message``."""
    conversation.received(json.dumps({k: v for k, v in message.items() if v is not None}))


def _member(name: str, role: Role, show_id: str | None = None) -> Member:
    return Member(
        id=str(uuid4()),
        created_at=T0 - 100.0,
        user_id=str(uuid4()),
        show_id=show_id or str(uuid4()),
        name=name,
        role=role,
    )
