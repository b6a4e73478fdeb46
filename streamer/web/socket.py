"""The room socket: a WebSocket (RFC 6455) that carries a seat's conversation."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import WSMsgType, web

from sessions.core.errors import NotMember, Removed, UnknownSession
from sessions.core.records import Show
from sessions.core.roles import Role
from sessions.services.seat import Greeter, Seat
from streamer.bytes.connection import Connection
from streamer.web.endpoints import Call, Endpoints
from streamer.web.errors import ForeignOrigin, plain_problem
from streamer.web.keys import CHAT, CLOCK, LOBBY, PASSPORTS, SHOWS, STORE
from streamer.web.links import SocketLink
from streamer.web.origin import check_origin
from streamer.web.shows import link_to

__all__ = ["endpoints"]

MAX_MESSAGE = 1 << 16
"""Longest message of a client, bytes; a longer one closes with 1009."""

HEARTBEAT = 45.0
"""How often a silent peer is asked whether it lives, seconds (RFC 6455 section 5.5.2)."""

CLOSE_WITHIN = 1.0
"""Time for a peer to answer a close frame, seconds."""

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
    response = web.WebSocketResponse(
        compress=False, max_msg_size=MAX_MESSAGE, heartbeat=HEARTBEAT, timeout=CLOSE_WITHIN
    )
    if not response.can_prepare(request):
        return plain_problem(426, {"Upgrade": "websocket"})
    await response.prepare(request)
    if request.transport is None:
        return response
    lobby = call.app[LOBBY]
    link = SocketLink(response, request.transport, lobby.counts.left_behind)
    greeter = Greeter(lobby, call.app[CHAT], call.app[PASSPORTS].read, call.app[CLOCK])

    async def show_link(show: Show, role: Role) -> str | None:
        token = await call.app[SHOWS].token_for(show, role)
        return None if token is None else link_to(request, token)

    seat = Seat(greeter, link, session, call.visitor, show_link)
    try:
        if isinstance(request.protocol, Connection):
            # Who has not said hello gives way where there is no room for another connection.
            request.protocol.give_way_while(lambda: seat.deadline is not None)
        await _converse(response, seat, call.app[CLOCK])
    finally:
        await seat.gone()
        await link.closed()
    return response


async def _converse(
    response: web.WebSocketResponse, seat: Seat, clock: Callable[[], float]
) -> None:
    """Hand the peer's messages to ``seat`` until one of them ends it."""
    while not response.closed:
        deadline = seat.deadline
        wait = None if deadline is None else max(0.0, deadline - clock())
        try:
            message = await response.receive(wait)
        except TimeoutError:
            if seat.deadline is not None and seat.deadline <= clock():
                seat.expired()
                return
            continue
        if message.type is WSMsgType.TEXT:
            seat.received(message.data)
        elif message.type is WSMsgType.BINARY:
            seat.binary()
        else:
            return
