"""Makes a link of a carrier: an outgoing queue and a conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sessions.background import log_failure
from sessions.core.records import Session, Show, User
from sessions.core.roles import Role
from sessions.live.conversation import Conversation
from sessions.live.conversation_context import ConversationContext
from sessions.live.outgoing_queue import Carrier, OutgoingQueue

__all__ = ["open_link"]

logger = logging.getLogger("seans.live")


@asynccontextmanager
async def open_link(
    context: ConversationContext,
    carrier: Carrier,
    session: Session,
    user: User | None,
    show_link: Callable[[Show, Role], Awaitable[str | None]],
) -> AsyncIterator[Conversation]:
    """Open a conversation on ``session`` over ``carrier``, until the block ends.

    Inside the block, pass it what the peer sends. ``user`` is None if the hello has to identify the
    user; ``show_link`` returns the link of a show, if a role may see it.
    """
    link = OutgoingQueue(carrier, context.registry.counts.outgoing)
    conversation = Conversation(context, link, session, user, show_link)
    watching = asyncio.create_task(_await_hello(conversation, context.clock))
    log_failure(watching, logger, "the wait for a link's hello")
    try:
        yield conversation
    finally:
        watching.cancel()
        await conversation.gone()
        await link.closed()


async def _await_hello(conversation: Conversation, clock: Callable[[], float]) -> None:
    """End a conversation whose hello does not arrive in time; pings extend the time."""
    while (deadline := conversation.deadline) is not None:
        wait = deadline - clock()
        if wait <= 0.0:
            conversation.expired()
            return
        await asyncio.sleep(wait)
