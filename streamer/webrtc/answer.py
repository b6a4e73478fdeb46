"""Decides what of an offer is sent, and writes the SDP answer (RFC 8829, RFC 9725). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streamer.webrtc.errors import NoCommonCodec
from streamer.webrtc.offer import Codec, Offer, Section
from streamer.webrtc.packets import Kind

__all__ = [
    "MAX_MESSAGE",
    "SCTP_PORT",
    "Accepted",
    "LocalCandidate",
    "LocalTransport",
    "StreamFormat",
    "accept",
    "write_answer",
]

CNAME = "seans"
"""Canonical name of all streams: they share one clock (RFC 3550 section 6.5.1)."""

SCTP_PORT = 5000
MAX_MESSAGE = 65_536
"""Bytes of a data channel's message."""

_H264_PROFILES = ("64", "4d", "42")
"""profile_idc in the order in which they are taken: High, Main, Baseline."""

_PROFILE_LEVEL = re.compile(r"[0-9A-Fa-f]{6}", re.ASCII)

_FEEDBACK = frozenset(("nack", "nack pli", "ccm fir"))
"""RTCP feedback that is heeded."""

_MEDIA_PROFILES = ("UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF", "RTP/SAVPF")
_DATA_PROFILES = ("UDP/DTLS/SCTP", "TCP/DTLS/SCTP")


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """How one stream is sent to one viewer."""

    kind: Kind
    """Video or audio."""

    mid: str
    """Section of the offer."""

    codec: Codec
    """The payload type."""

    rtx: Codec | None
    """The payload type of retransmissions (RFC 4588), if the viewer has one."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What of an offer is sent."""

    video: StreamFormat
    """The picture."""

    audio: StreamFormat | None
    """The sound, where the viewer wants any."""

    data: Section | None
    """The data channels, where the viewer has any."""

    @property
    def streams(self) -> Iterable[StreamFormat]:
        """Picture and sound."""
        return (self.video,) if self.audio is None else (self.video, self.audio)


@dataclass(frozen=True, slots=True)
class LocalCandidate:
    """Where we may be reached."""

    host: str
    """IP address."""

    port: int
    """UDP port."""

    kind: str
    """host or srflx."""

    priority: int
    """Of 32 bits (RFC 8445 section 5.1.2)."""

    related: tuple[str, int] | None = None
    """Base of a srflx candidate."""


@dataclass(frozen=True, slots=True)
class LocalTransport:
    """Our side of the connection."""

    ufrag: str
    """ICE username fragment."""

    password: str
    """ICE password."""

    fingerprint: str
    """SHA-256 digest of our certificate, as SDP writes it."""

    setup: str
    """Our DTLS role: passive or active."""

    candidates: Sequence[LocalCandidate]
    """All that we have: there is nothing to trickle."""


def accept(offer: Offer) -> Accepted:
    """Choose the streams that ``offer`` takes. Raises NoCommonCodec."""
    video = next(filter(None, (_video(section) for section in _usable(offer, "video"))), None)
    if video is None:
        raise NoCommonCodec("the stream is H.264 with packetization-mode=1")
    audio = next(filter(None, (_audio(section) for section in _usable(offer, "audio"))), None)
    data = next((section for section in offer.sections if _takes_data(offer, section)), None)
    return Accepted(video, audio, data)


def write_answer(
    offer: Offer, accepted: Accepted, local: LocalTransport, ssrcs: dict[Kind, tuple[int, int]]
) -> str:
    """Return the answer. ``ssrcs``: those of each stream and of its retransmissions."""
    streams = {stream.mid: stream for stream in accepted.streams}
    data_mid = accepted.data.mid if accepted.data else None
    taken = [mid for mid in offer.bundled if mid in streams or mid == data_mid]
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(taken)}",
        "a=extmap-allow-mixed",
        "a=msid-semantic: WMS *",
        # RTP timestamps are server time in ticks (RFC 7273 sections 4.4 and 5.2).
        "a=ts-refclk:private",
        "a=mediaclk:direct=0",
    ]
    for section in offer.sections:
        if stream := streams.get(section.mid):
            lines += _media_lines(section, stream, ssrcs[stream.kind])
        elif section.mid == data_mid:
            lines += _data_lines(section)
        else:
            lines += [f"m={section.kind} 0 {section.profile} {' '.join(section.formats)}"]
            lines += ["c=IN IP4 0.0.0.0", f"a=mid:{section.mid}", "a=inactive"]
            continue
        # Candidates stand once, in the section whose transport all use.
        lines += _transport_lines(local, with_candidates=section.mid == taken[0])
    return "\r\n".join(lines) + "\r\n"


def _usable(offer: Offer, kind: Kind) -> Iterable[Section]:
    return (
        section
        for section in offer.sections
        if section.kind == kind
        and section.offered
        and section.receives
        and section.rtcp_mux
        and section.mid in offer.bundled
        and section.profile in _MEDIA_PROFILES
    )


def _takes_data(offer: Offer, section: Section) -> bool:
    return (
        section.kind == "application"
        and section.offered
        and section.mid in offer.bundled
        and section.profile in _DATA_PROFILES
        and section.sctp_port is not None
    )


def _video(section: Section) -> StreamFormat | None:
    fitting = [
        codec
        for codec in section.codecs
        if codec.name == "h264"
        and codec.clock_rate == 90_000
        and codec.parameters.get("packetization-mode") == "1"
    ]
    if not fitting:
        return None
    codec = min(fitting, key=_h264_rank)
    apt = str(codec.payload_type)
    retransmits = (c for c in section.codecs if c.name == "rtx" and c.parameters.get("apt") == apt)
    return StreamFormat("video", section.mid, codec, next(retransmits, None))


def _h264_rank(codec: Codec) -> int:
    """Order payload types by profile: the richest is nearest to what the stream may be."""
    profile = codec.parameters.get("profile-level-id", "42")[:2].lower()
    return _H264_PROFILES.index(profile) if profile in _H264_PROFILES else len(_H264_PROFILES)


def _audio(section: Section) -> StreamFormat | None:
    for codec in section.codecs:
        if codec.name == "opus" and codec.clock_rate == 48_000:
            return StreamFormat("audio", section.mid, codec, None)
    return None


def _media_lines(section: Section, stream: StreamFormat, ssrcs: tuple[int, int]) -> list[str]:
    codec, rtx = stream.codec, stream.rtx
    types = [codec.payload_type] if rtx is None else [codec.payload_type, rtx.payload_type]
    lines = [
        f"m={stream.kind} 9 {section.profile} {' '.join(map(str, types))}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{stream.mid}",
        "a=sendonly",
        "a=rtcp-mux",
        f"a=msid:{CNAME} {stream.kind}",
    ]
    if stream.kind == "video":
        lines += [
            f"a=rtpmap:{codec.payload_type} H264/90000",
            f"a=fmtp:{codec.payload_type} {_h264_parameters(codec)}",
        ]
    else:
        lines += [
            f"a=rtpmap:{codec.payload_type} opus/48000/2",
            f"a=fmtp:{codec.payload_type} sprop-stereo=1;stereo=1",
        ]
    kinds = sorted(codec.feedback & _FEEDBACK)
    lines += [f"a=rtcp-fb:{codec.payload_type} {kind}" for kind in kinds]
    ssrc, rtx_ssrc = ssrcs
    if rtx is not None:
        lines += [
            f"a=rtpmap:{rtx.payload_type} rtx/90000",
            f"a=fmtp:{rtx.payload_type} apt={codec.payload_type}",
            f"a=ssrc-group:FID {ssrc} {rtx_ssrc}",
        ]
    sources = [ssrc] if rtx is None else [ssrc, rtx_ssrc]
    return lines + [f"a=ssrc:{source} cname:{CNAME}" for source in sources]


def _h264_parameters(codec: Codec) -> str:
    level = codec.parameters.get("profile-level-id", "")
    if not _PROFILE_LEVEL.fullmatch(level):
        # RFC 6184 section 8.1: without one, Baseline level 1; browsers mean level 3.1.
        level = "42e01f"
    return f"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={level}"


def _data_lines(section: Section) -> list[str]:
    return [
        f"m=application 9 {section.profile} webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        f"a=sctp-port:{SCTP_PORT}",
        f"a=max-message-size:{MAX_MESSAGE}",
    ]


def _transport_lines(local: LocalTransport, *, with_candidates: bool) -> list[str]:
    lines = [
        f"a=ice-ufrag:{local.ufrag}",
        f"a=ice-pwd:{local.password}",
        "a=ice-options:trickle",
        f"a=fingerprint:sha-256 {local.fingerprint}",
        f"a=setup:{local.setup}",
    ]
    if with_candidates:
        for number, candidate in enumerate(local.candidates, 1):
            place = f"{candidate.host} {candidate.port} typ {candidate.kind}"
            line = f"a=candidate:{number} 1 udp {candidate.priority} {place}"
            if candidate.related:
                line += f" raddr {candidate.related[0]} rport {candidate.related[1]}"
            lines.append(line)
        lines.append("a=end-of-candidates")
    return lines
