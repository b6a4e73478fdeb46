"""Why a viewer gets no live stream; the web layer gives each its status."""

from __future__ import annotations

from sessions.core.errors import Invalid, NotFound, RateLimited, Refused

__all__ = ["BadOffer", "NoCommonCodec", "ServerFull", "TooManyStreams", "UnknownStream"]


class BadOffer(Invalid):
    """The offer, or a trickled fragment, is no SDP that this server can answer (RFC 8829)."""

    code = "bad_offer"
    title = "The offer is not valid"


class NoCommonCodec(Refused):
    """The offer takes no H.264 with packetization mode 1, or no Opus: 406 in RFC 9725's words."""

    code = "no_common_codec"
    title = "This browser does not take the stream's codecs"


class TooManyStreams(RateLimited):
    """The caller has as many streams as one person may have, of this session or in all."""

    code = "too_many_streams"
    title = "You have too many live streams"


class ServerFull(Refused):
    """All streams that this server can send are taken."""

    code = "server_full"
    title = "No more live streams can be sent at the moment"


class UnknownStream(NotFound):
    """No such stream for the caller."""

    code = "unknown_stream"
    title = "No such stream"
