"""Chat over HTTP: reading, saying, taking back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typing_extensions import TypedDict

from sessions.core.errors import (
    IdTaken,
    Muted,
    NotAllowed,
    RateLimited,
    StoreUnavailable,
    UnknownMessage,
    UnknownShow,
)
from sessions.core.records import Entry
from sessions.fields import Id, MessageText
from sessions.record_types import ChatMessageRecord
from sessions.wire import message_record
from streamer.web.http.app_keys import CHAT
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.fields import DEFAULT_LIMIT, Body, Count, Limit, Query, example
from streamer.web.http.replies import Reply, no_content, reply

__all__ = ["endpoints"]

endpoints = Endpoints("messages")


MAX_PAGE_BYTES = 1 << 18
"""Text of one page of history, bytes: many who ask and do not read must not cost memory."""


class Messages(TypedDict):
    """Some of a show's messages, ascending by ``seq``."""

    items: list[ChatMessageRecord]


class NewMessage(Body):
    """Something to say."""

    model_config = example(id="0b0c9b1e-6f0e-4a52-8d1c-3f6a2f4f7a10", text="Hello!")

    id: Id
    text: MessageText


class Between(Query):
    """Which messages are wanted."""

    after: Count | None = None
    before: Count | None = None
    limit: Limit = DEFAULT_LIMIT
    session: Id | None = None


@endpoints.add(
    "GET",
    "/api/shows/{show_id}/messages",
    "Read the chat: the newest, or those between two places in the log",
    refuses=(UnknownShow,),
)
async def read_messages(call: Call[Any, Between]) -> Reply[Messages]:
    """Answer with messages ascending by ``seq``."""
    chat, query = call.app[CHAT], call.query
    entries = await chat.history(
        call.ids["show_id"],
        call.user.id,
        after=query.after,
        before=query.before,
        limit=query.limit,
        session_id=query.session,
    )
    kept = _fitting(entries, newest=query.after is None)
    return reply({"items": [message_record(entry) for entry in kept]})


def _fitting(entries: Sequence[Entry], *, newest: bool) -> Sequence[Entry]:
    """Return the ``newest`` entries, or the oldest, whose text fits a page; at least one."""
    count = size = 0
    for entry in reversed(entries) if newest else entries:
        size += len(entry.text.encode())
        if count and size > MAX_PAGE_BYTES:
            break
        count += 1
    return entries[len(entries) - count :] if newest else entries[:count]


@endpoints.add(
    "POST",
    "/api/shows/{show_id}/messages",
    "Say something; the same id again is stored once",
    201,
    200,
    refuses=(UnknownShow, Muted, IdTaken, RateLimited, StoreUnavailable),
)
async def say(call: Call[NewMessage]) -> Reply[ChatMessageRecord]:
    """Keep a message and tell the room."""
    appended = await call.app[CHAT].say(
        call.ids["show_id"], call.user.id, call.body.id, call.body.text
    )
    return reply(message_record(appended.entry), status=201 if appended.new else 200)


@endpoints.add(
    "DELETE",
    "/api/shows/{show_id}/messages/{message_id}",
    "Take a message back; its place stays",
    204,
    refuses=(UnknownShow, UnknownMessage, NotAllowed, RateLimited, StoreUnavailable),
)
async def delete_message(call: Call) -> Reply[None]:
    """Blank a message for good."""
    await call.app[CHAT].delete(call.ids["show_id"], call.user.id, call.ids["message_id"])
    return no_content()
