"""The live stream of a session by WHEP (draft-ietf-wish-whep, RFC 9725): offer, candidates, end."""

from __future__ import annotations

from aiohttp import hdrs, web
from aiortc import RTCDataChannel
from multidict import CIMultiDict

from sessions.core.errors import RateLimited, UnknownSession, UnknownShow
from streamer.web.api.room_socket import conversation_parts
from streamer.web.api.sessions import session_and_member
from streamer.web.http.app_keys import CLOCK, ICE_SERVERS, LIVE_STREAMS
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.errors import PreconditionFailed, PreconditionRequired
from streamer.web.http.replies import Reply, no_content, text_reply
from streamer.webrtc.channel import DataChannelCarrier, converse
from streamer.webrtc.errors import (
    BadOffer,
    NoCommonCodec,
    ServerFull,
    TooManyStreams,
    UnknownStream,
)
from streamer.webrtc.ice_servers import for_viewer, link_field
from streamer.webrtc.peer import Peer

__all__ = ["endpoints"]

OFFER, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
"""Media types of an offer and its answer (RFC 8866), and of more candidates (RFC 8840)."""

ENDPOINT, STREAM = "/api/sessions/{session_id}/whep", "/api/sessions/{session_id}/whep/{stream_id}"

endpoints = Endpoints("live streams")


@endpoints.add(
    "POST",
    ENDPOINT,
    "Watch a session live: an SDP offer is answered (WHEP)",
    201,
    refuses=(
        UnknownSession,
        UnknownShow,
        BadOffer,
        NoCommonCodec,
        RateLimited,
        TooManyStreams,
        ServerFull,
    ),
    accepts=OFFER,
    media_type=OFFER,
)
async def open_stream(call: Call[str]) -> Reply[str]:
    """Answer an offer; the stream begins as soon as the viewer has connected."""
    session, _ = await session_and_member(call)
    context, show_link = conversation_parts(call)
    streams = call.app[LIVE_STREAMS]

    def on_channel(peer: Peer, channel: RTCDataChannel) -> None:
        carrier = DataChannelCarrier(channel)
        streams.carry(peer, carrier, converse(carrier, context, session, call.user, show_link))

    peer = await streams.open(session, call.user, call.body, on_channel)
    headers = CIMultiDict(
        {
            hdrs.LOCATION: f"/api/sessions/{session.id}/whep/{peer.id}",
            hdrs.ETAG: peer.etag,
            "Accept-Patch": FRAGMENT,
            hdrs.CACHE_CONTROL: "no-store",
        }
    )
    ice_servers = call.app[ICE_SERVERS]
    for server in for_viewer(ice_servers, call.user.id, call.app[CLOCK]()):
        headers.add("Link", link_field(server))
    return text_reply(peer.answer, OFFER, 201, headers)


@endpoints.add(
    "PATCH",
    STREAM,
    "Add candidates of the viewer's (trickle ICE)",
    204,
    refuses=(UnknownStream, BadOffer, PreconditionRequired, PreconditionFailed),
    accepts=FRAGMENT,
)
async def add_candidates(call: Call[str]) -> Reply[None]:
    """Take candidates of the ICE session that ``If-Match`` names."""
    peer = _own_stream(call)
    match = call.request.headers.get(hdrs.IF_MATCH)
    if match is None:
        raise PreconditionRequired
    if match.strip() != "*" and peer.etag not in [tag.strip() for tag in match.split(",")]:
        raise PreconditionFailed
    await call.app[LIVE_STREAMS].peers.trickle(peer, call.body)
    return no_content()


@endpoints.add("DELETE", STREAM, "End a live stream of one's own", 204, refuses=(UnknownStream,))
async def end_stream(call: Call) -> Reply[None]:
    """End a stream; ``If-Match`` means nothing here."""
    _own_stream(call).end("the viewer ended it")
    return no_content()


@endpoints.add("OPTIONS", ENDPOINT, "What may be posted", needs="nothing", published=False)
async def describe_endpoint(_call: Call) -> web.Response:
    """Answer what a WHEP player may ask before its offer."""
    return web.Response(headers={hdrs.ALLOW: "OPTIONS, POST", "Accept-Post": OFFER})


@endpoints.add("OPTIONS", STREAM, "What may be patched", needs="nothing", published=False)
async def describe_stream(_call: Call) -> web.Response:
    """Answer what a WHEP player may send of a stream."""
    return web.Response(headers={hdrs.ALLOW: "DELETE, OPTIONS, PATCH", "Accept-Patch": FRAGMENT})


def _own_stream(call: Call[str] | Call) -> Peer:
    """Return the stream that the path names. Raises UnknownStream where it is not the caller's."""
    ids = call.ids
    return call.app[LIVE_STREAMS].peers.find(ids["session_id"], ids["stream_id"], call.user.id)
