"""The room socket: a WebSocket (RFC 6455) that carries a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import count

from aiohttp import WSMsgType, web

from sessions.core.errors import NotMember, Removed, UnknownSession
from sessions.core.records import Show
from sessions.core.roles import Role
from sessions.live.conversation import Conversation, ConversationContext
from streamer.delivery.connection import Connection
from streamer.web.api.shows import link_to
from streamer.web.http.app_keys import CHAT, CLOCK, PASSPORTS, REGISTRY, SHOWS, STORE
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.errors import ForeignOrigin, plain_problem
from streamer.web.http.origin import check_origin
from streamer.web.websocket_link import SocketLink

__all__ = ["endpoints"]

MAX_MESSAGE = 1 << 16
"""Longest message of a client, bytes; a longer one closes with 1009."""

HEARTBEAT = 45.0
"""How often a silent peer is asked whether it lives, seconds (RFC 6455 section 5.5.2)."""

CLOSE_WITHIN = 1.0
"""Time for a peer to answer a close frame, seconds."""

MESSAGES_A_TURN = 32
"""Messages of one peer that are read before all others have their turn."""

endpoints = Endpoints("sessions")


@endpoints.add(
    "GET",
    "/api/sessions/{session_id}/socket",
    "Enter the room: a WebSocket that speaks the room protocol",
    {101: None, 426: None},
    refuses=(UnknownSession, ForeignOrigin, NotMember, Removed),
    needs="nothing",
)
async def open_socket(call: Call) -> web.StreamResponse:
    """Open a room socket; who has no passport yet may ping, and say who they are by hello."""
    request = call.request
    check_origin(request, websocket=True)
    store = call.app[STORE]
    session = await store.session(call.ids["session_id"])
    if session is None:
        raise UnknownSession
    if call.visitor is not None:
        member = await store.member(session.show_id, call.visitor.id)
        if member is None:
            raise NotMember
        if member.removed:
            raise Removed
    # Without autoping: aiohttp would answer pings and drop pongs by itself, uncounted, in one turn
    # of the event loop for as many as have come.
    response = web.WebSocketResponse(
        autoping=False,
        compress=False,
        max_msg_size=MAX_MESSAGE,
        heartbeat=HEARTBEAT,
        timeout=CLOSE_WITHIN,
    )
    if not response.can_prepare(request):
        return plain_problem(426, {"Upgrade": "websocket"})
    await response.prepare(request)
    if request.transport is None:
        return response
    registry = call.app[REGISTRY]
    link = SocketLink(response, request.transport, registry.counts.left_behind)
    context = ConversationContext(
        registry, call.app[CHAT].say, call.app[PASSPORTS].read, call.app[CLOCK]
    )

    async def show_link(show: Show, role: Role) -> str | None:
        token = await call.app[SHOWS].token_for(show, role)
        return None if token is None else link_to(request, token)

    conversation = Conversation(context, link, session, call.visitor, show_link)
    try:
        if isinstance(request.protocol, Connection):
            # Who has not said hello gives way where there is no room for another connection.
            request.protocol.give_way_while(lambda: conversation.deadline is not None)
        await _converse(response, conversation, call.app[CLOCK])
    finally:
        await conversation.gone()
        await link.closed()
    return response


async def _converse(
    response: web.WebSocketResponse, conversation: Conversation, clock: Callable[[], float]
) -> None:
    """Hand the peer's messages to ``conversation`` until one of them ends it."""
    for number in count(1):
        if response.closed:
            return
        if number % MESSAGES_A_TURN == 0:
            # receive() does not give way while frames are queued, and there may be 40,000.
            await asyncio.sleep(0)
        deadline = conversation.deadline
        wait = None if deadline is None else max(0.0, deadline - clock())
        try:
            message = await response.receive(wait)
        except TimeoutError:
            if conversation.deadline is not None and conversation.deadline <= clock():
                conversation.expired()
                return
            continue
        if message.type is WSMsgType.TEXT:
            conversation.received(message.data)
        elif message.type is WSMsgType.BINARY:
            conversation.binary()
        elif message.type is WSMsgType.PING:
            conversation.count_frame()
            with suppress(ConnectionResetError):
                await response.pong(message.data)
        elif message.type is WSMsgType.PONG:
            conversation.count_frame()
        else:
            return
