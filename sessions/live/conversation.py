"""One link's conversation with the room, over any carrier: hello, then messages both ways.

``ping`` is answered before everything else, also before hello. Chat messages and commands run as
tasks, started in the order in which they came; the number of tasks is bounded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from sessions.core.errors import (
    AuthUnavailable,
    HelloFirst,
    NotMember,
    RateLimited,
    Refused,
    Removed,
    StoreUnavailable,
    Unauthenticated,
    UnknownSession,
    UnknownShow,
)
from sessions.core.membership import require_may_enter
from sessions.core.rates import Flood
from sessions.core.records import Session, Show, User
from sessions.core.roles import Role
from sessions.live.conversation_context import ConversationContext
from sessions.live.fanout import Batch, Link, close_link
from sessions.live.in_flight import InFlight
from sessions.live.live_show import LiveShow
from sessions.live.welcome import catch_up, welcome
from sessions.protocol import (
    PROTOCOL_VERSION,
    BadMessage,
    CommandMessage,
    Hello,
    Ping,
    Report,
    Say,
    Typing,
    command_of,
    parse,
    ref_of,
)
from sessions.server_messages import Accepted, ServerMessage
from sessions.wire import encode, goodbye, refusal

__all__ = ["Conversation"]

HELLO_TIMEOUT_S = 10.0
"""Time in which a link without pings must say hello, seconds."""

PINGING_HELLO_TIMEOUT_S = 60.0
"""Time in which a link with pings must say hello, seconds."""

MAX_BAD_MESSAGES = 10
"""After this many invalid messages a link is closed."""

MAX_IN_FLIGHT = 128
"""Largest number of unanswered chat messages and commands of one link."""

TYPING_INTERVAL_S = 1.0
"""Shortest time between two ``typing`` messages that are passed on, seconds."""


class Conversation:
    """One link's conversation; its carrier calls received, binary, too_large, expired and gone."""

    def __init__(
        self,
        context: ConversationContext,
        link: Link,
        session: Session,
        user: User | None,
        show_link: Callable[[Show, Role], Awaitable[str | None]],
    ) -> None:
        self._context = context
        self._registry = context.registry
        self._clock = context.clock
        self._link = link
        self._session = session
        self._user = user
        self._show_link = show_link
        self._live: LiveShow | None = None
        self._entered = asyncio.Event()
        self._in_flight = InFlight(lambda: self._end(1011, "unexpected"))
        self._expiry: asyncio.TimerHandle | None = None
        self._opened_at = self._clock()
        self._flood = self._registry.floods.of(user.id, self._opened_at) if user else Flood()
        self._bad_messages = 0
        self._typed_at = 0.0
        self._pings = False
        self._has_ended = False

    @property
    def deadline(self) -> float | None:
        """Until when hello must arrive, Unix seconds; None: it has arrived."""
        if self._live is not None or self._in_flight:
            return None
        return self._opened_at + (PINGING_HELLO_TIMEOUT_S if self._pings else HELLO_TIMEOUT_S)

    @property
    def greeted(self) -> bool:
        """Whether somebody is here; until then the link holds a connection for nobody."""
        return self._live is not None

    @property
    def has_ended(self) -> bool:
        """Whether the conversation has ended; then it ignores all messages."""
        # Others close links too: who was removed, or has too many, is not heard until the carrier
        # has closed, which may take a second.
        return self._has_ended or self._link.closing

    def control_frame(self) -> None:
        """Count a control frame of the carrier; it counts towards a flood like a message."""
        self._counted(self._clock())

    def received(self, text: str) -> None:
        """Handle one text message."""
        now = self._clock()
        if not self._counted(now):
            return
        try:
            message = parse(text)
        except BadMessage as error:
            self._bad_message(error)
            return
        except Refused as error:
            self._refuse(error, ref_of(text))
            return
        match message:
            case Ping(c0=c0):
                self._pings = True
                self._say({"type": "pong", "c0": c0, "s1": now, "s2": self._clock()})
            case Hello():
                self._hello(message)
            case Report() | Typing():
                self._handle_unlogged(message, now)
            case Say():
                self._begin(message.ref, self._do_say(message))
            case CommandMessage():
                self._begin(message.ref, self._do_command(message))

    def binary(self) -> None:
        """Refuse a message that is not text."""
        if self._counted(self._clock()):
            self._bad_message(BadMessage())

    def too_large(self) -> None:
        """Close a link whose peer sent a message over the carrier's bound."""
        self._end(1009, "too_large")

    def expired(self) -> None:
        """Close a link that said no hello before the deadline."""
        self._end(4400, "no_hello")

    async def gone(self) -> None:
        """Clean up after the link; work that the show carries out is finished nevertheless."""
        self._has_ended = True
        if self._expiry is not None:
            self._expiry.cancel()
        if self._live is not None and self._user is not None:
            self._live.leave(self._user.id, self._link)
            self._registry.links.leave(self._user.id, self._link)
        await self._in_flight.cancel()

    def _counted(self, now: float) -> bool:
        """Count a message or frame; return whether to handle it."""
        if not self.has_ended and self._flood.hit(now):
            self._end(4429, "flood")
        return not self.has_ended

    def _hello(self, hello: Hello) -> None:
        if hello.protocol != PROTOCOL_VERSION:
            self._end(4400, "protocol")
        elif self._live is not None or self._in_flight:
            self._refuse(BadMessage("hello was said already"), None)
        else:
            self._in_flight.start(self._greet(hello))

    async def _greet(self, hello: Hello) -> None:
        try:
            async with asyncio.timeout(self._context.greeting_timeout):
                user = self._user or await self._context.identify(hello.token or "")
                live, link = await self._open_show(user, hello.after)
            await self._enter(live, user, link, hello.after)
        except TimeoutError:
            self._end(1013, "greeting_timeout")
        except Unauthenticated as error:
            self._end(4401, error.code)
        except (UnknownShow, UnknownSession, NotMember, Removed) as error:
            self._end(4403, error.code)
        except (RateLimited, StoreUnavailable, AuthUnavailable) as error:
            # Not 4429, which reads nothing more; the page comes back with its own delay.
            self._end(1013, error.code)

    async def _open_show(self, user: User, after: int | None) -> tuple[LiveShow, str | None]:
        """Return the show and its link, as far as ``user`` may see it."""
        if after is not None:
            self._registry.replays.take(user.id)
        live = await self._registry.live_show(self._session.show_id)
        if after is not None and after > live.log.seq:
            # Another process may have told them of what has not arrived here yet.
            await live.writer.read_tail()
        member = live.members.get(user.id)
        return live, await self._show_link(live.show, member.role) if member else None

    async def _enter(self, live: LiveShow, user: User, link: str | None, after: int | None) -> None:
        member = require_may_enter(live.members.get(user.id))
        if self.has_ended or live.closed_with is not None:
            self._end(*(live.closed_with or (1001, "gone")))
            return
        self._user, self._live = user, live
        self._flood = self._registry.floods.of(user.id, self._clock())
        self._registry.links.enter(user.id, self._link)
        self._expire_at(user.expires)
        if after is not None and after > live.log.seq:
            # The store has no more entries, so a backup was restored, and they have entries of
            # another log. They start over with the log's end; the welcome's seq tells them so.
            after = None
        is_new = live.enter(user.id, self._link, self._session.id)
        self._say(welcome(live, self._session.id, member, link, self._clock()))
        self._entered.set()
        if is_new:
            await live.append_joined(member, self._session.id)
        if not await catch_up(live, self._link, self._registry.store, after):
            self._registry.counts.outgoing.too_slow += 1
            self._end(4408, "too_slow")

    def _handle_unlogged(self, message: Report | Typing, now: float) -> None:
        """Handle a message that is neither stored nor acknowledged."""
        if self._live is None or self._user is None:
            self._refuse(HelloFirst(), None)
        elif isinstance(message, Report):
            try:
                self._registry.reports.take(self._user.id)
            except RateLimited as error:
                self._refuse(error, None)
                return
            self._live.report(self._user.id, self._link, message)
        elif now - self._typed_at >= TYPING_INTERVAL_S:
            self._typed_at = now
            self._live.tell_typing(self._user.id)

    async def _do_say(self, message: Say) -> Accepted:
        user = await self._greeted()
        session = self._session
        appended = await self._context.say(
            session.show_id, user.id, message.id, message.text, session.id
        )
        return {"type": "accepted", "ref": message.ref, "seq": appended.entry.seq}

    async def _do_command(self, message: CommandMessage) -> Accepted:
        command = command_of(message.action, message.position, message.rate)
        user = await self._greeted()
        timeline = await self._registry.command(self._session, user.id, command, message.revision)
        return {"type": "accepted", "ref": message.ref, "revision": timeline.revision}

    async def _greeted(self) -> User:
        await self._entered.wait()
        if self._user is None:
            raise HelloFirst
        return self._user

    def _begin(self, ref: str | int, work: Coroutine[Any, Any, Accepted]) -> None:
        if len(self._in_flight) >= MAX_IN_FLIGHT:
            work.close()
            self._refuse(RateLimited(1.0), ref)
        elif self._live is None and not self._in_flight:
            work.close()
            self._refuse(HelloFirst(), ref)
        else:
            self._in_flight.start(self._answer(ref, work))

    async def _answer(self, ref: str | int, work: Coroutine[Any, Any, Accepted]) -> None:
        try:
            accepted = await work
        except Refused as error:
            self._refuse(error, ref)
        else:
            self._say(accepted)

    def _bad_message(self, error: BadMessage) -> None:
        self._bad_messages += 1
        self._refuse(error, None)
        if self._bad_messages >= MAX_BAD_MESSAGES:
            self._end(4400, "bad_messages")

    def _refuse(self, error: Refused, ref: str | int | None) -> None:
        self._registry.counts.refused += 1
        self._say(refusal(error, ref))

    def _say(self, message: ServerMessage) -> None:
        self._link.offer(Batch([encode(message)]))

    def _end(self, code: int, reason: str) -> None:
        self._has_ended = True
        close_link(self._link, code, reason, goodbye(code, reason))

    def _expire_at(self, expires: float) -> None:
        if expires == float("inf"):
            return
        loop = asyncio.get_running_loop()
        wait = max(0.0, expires - self._clock())
        self._expiry = loop.call_later(wait, self._end, 4401, "passport_expired")
