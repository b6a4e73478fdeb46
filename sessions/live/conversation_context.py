"""What the conversations of all links share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sessions.core.records import User
from sessions.live.registry import Registry
from sessions.stores.base import AppendResult

__all__ = ["GREETING_TIMEOUT_S", "ConversationContext"]

GREETING_TIMEOUT_S = 15.0
"""How long a hello may wait for its welcome, seconds: three reads that each take their longest."""


@dataclass(frozen=True, slots=True)
class ConversationContext:
    """What a conversation asks of its surroundings."""

    registry: Registry
    """The open shows."""

    say: Callable[[str, str, str, str, str], Awaitable[AppendResult]]
    """Keep a message: show id, user id, message id, text, session id; raises Refused."""

    identify: Callable[[str], Awaitable[User]]
    """Who a passport says somebody is; raises Unauthenticated."""

    clock: Callable[[], float]
    """The server's time, Unix seconds."""

    greeting_timeout: float = GREETING_TIMEOUT_S
    """Time from hello to the welcome, seconds."""
