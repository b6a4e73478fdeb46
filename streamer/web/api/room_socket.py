"""The room socket: a WebSocket (RFC 6455) that carries a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web

from sessions.core.errors import NotMember, Removed, UnknownSession
from sessions.core.records import Show
from sessions.core.roles import Role
from sessions.live.conversation import Conversation
from sessions.live.conversation_context import ConversationContext
from sessions.live.open_link import open_link
from streamer.delivery.connection import Connection
from streamer.web.api.shows import link_to
from streamer.web.http.app_keys import CHAT, CLOCK, MEMBERSHIP, PASSPORTS, REGISTRY, SHOWS
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.errors import ForeignOrigin, plain_problem
from streamer.web.http.handshake import can_open
from streamer.web.http.origin import check_origin
from streamer.web.websocket_link import WebSocketCarrier

__all__ = ["conversation_parts", "endpoints"]

MAX_MESSAGE = 1 << 16
"""Longest message of a client, bytes; a longer one closes with 1009."""

HEARTBEAT_S = 45.0
"""How often a silent peer is asked whether it lives, seconds (RFC 6455 section 5.5.2)."""

MAX_FRAMES_PER_TURN = 32
"""Messages and control frames of one socket that are taken before others have their turn."""

FRAMES = frozenset({WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG})
"""Types of what a peer sends before it closes."""

CLOSE_WITHIN = 1.0
"""Time for a peer to answer a close frame, seconds."""

endpoints = Endpoints("sessions")


@endpoints.add(
    "GET",
    "/api/sessions/{session_id}/socket",
    "Enter the room: a WebSocket that speaks the room protocol",
    101,
    426,
    refuses=(UnknownSession, ForeignOrigin, NotMember, Removed),
    needs="nothing",
)
async def open_socket(call: Call) -> web.StreamResponse:
    """Open a room socket; who has no passport yet may ping, and say who they are by hello."""
    request = call.request
    check_origin(request, websocket=True)
    visitor_id = call.visitor.id if call.visitor else None
    session = await call.app[MEMBERSHIP].session_for_room(call.ids["session_id"], visitor_id)
    response = web.WebSocketResponse(
        compress=False,
        # aiohttp refuses what is as long as its bound; MAX_MESSAGE itself is allowed.
        max_msg_size=MAX_MESSAGE + 1,
        heartbeat=HEARTBEAT_S,
        timeout=CLOSE_WITHIN,
        # aiohttp would answer pings inside ``receive``, where nobody counts them.
        autoping=False,
        # The carrier sends the close frame itself; a peer must not be sent two.
        autoclose=False,
    )
    if not can_open(response, request):
        return plain_problem(426, {"Upgrade": "websocket"})
    await response.prepare(request)
    if request.transport is None:
        return response
    context, show_link = conversation_parts(call)
    carrier = WebSocketCarrier(response, request)
    async with open_link(context, carrier, session, call.visitor, show_link) as conversation:
        if isinstance(request.protocol, Connection):
            # Who was not greeted gives way where there is no room for another connection.
            request.protocol.allow_eviction_while(lambda: not conversation.greeted)
        await _converse(response, carrier, conversation)
    return response


def conversation_parts(
    call: Call[Any, Any],
) -> tuple[ConversationContext, Callable[[Show, Role], Awaitable[str | None]]]:
    """Return what a conversation needs: its context, and what tells a show's link."""
    app, request = call.app, call.request
    context = ConversationContext(app[REGISTRY], app[CHAT].say, app[PASSPORTS].identify, app[CLOCK])

    async def show_link(show: Show, role: Role) -> str | None:
        token = await app[SHOWS].token_for(show, role)
        return None if token is None else link_to(request, token)

    return context, show_link


async def _converse(
    response: web.WebSocketResponse, carrier: WebSocketCarrier, conversation: Conversation
) -> None:
    """Pass the peer's messages to ``conversation`` until the peer closes, or floods on."""
    taken = ignored = 0
    while ignored < MAX_FRAMES_PER_TURN:
        if taken >= MAX_FRAMES_PER_TURN:
            # ``receive`` never gives way while frames are queued, and a socket's buffer holds
            # tens of thousands of empty ones: all other links would wait for them.
            taken = 0
            await asyncio.sleep(0)
        message = await response.receive()
        taken += 1
        if message.type not in FRAMES:
            carrier.peer_closed()
            return
        if conversation.has_ended:
            # The peer's answer to our close frame is still to come.
            ignored += 1
        elif message.type is WSMsgType.TEXT:
            conversation.received(message.data)
        elif message.type is WSMsgType.BINARY:
            conversation.binary()
        else:
            conversation.control_frame()
            if message.type is WSMsgType.PING:
                carrier.pong(message.data)
