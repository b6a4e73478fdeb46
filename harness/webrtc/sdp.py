"""The little SDP that a counting viewer needs (RFC 8829): an offer, an answer, a reader."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["LocalPeer", "RemotePeer", "answer_to", "offer"]

_MEDIA = re.compile(r"^m=(\w+) .*$", re.MULTILINE)
_CANDIDATE = re.compile(
    r"^a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ (\w+)", re.MULTILINE | re.IGNORECASE
)
_VIDEO = (
    "a=rtpmap:102 H264/90000",
    "a=rtcp-fb:102 nack",
    "a=rtcp-fb:102 nack pli",
    "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
    "a=rtpmap:103 rtx/90000",
    "a=fmtp:103 apt=102",
)
_AUDIO = ("a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1")
_MID = "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid"


@dataclass(frozen=True, slots=True)
class LocalPeer:
    """What this side says of itself."""

    ufrag: str
    """ICE's name for it."""

    password: str
    """ICE's key for it."""

    fingerprint: str
    """SHA-256 of its certificate, hexadecimal with colons."""

    addresses: tuple[tuple[str, int], ...]
    """Where it can be reached."""

    def transport(self, setup: str) -> list[str]:
        """Return the attributes of the transport, repeated in each section."""
        lines = [f"a=ice-ufrag:{self.ufrag}", f"a=ice-pwd:{self.password}"]
        lines += [f"a=fingerprint:sha-256 {self.fingerprint}", f"a=setup:{setup}", "a=rtcp-mux"]
        for number, (host, port) in enumerate(self.addresses):
            priority = (126 << 24) + ((65535 - number) << 8) + 255
            lines.append(f"a=candidate:{number + 1} 1 udp {priority} {host} {port} typ host")
        return [*lines, "a=end-of-candidates"]


@dataclass(frozen=True, slots=True)
class RemotePeer:
    """What the other side says of itself."""

    ufrag: str
    """ICE's name for it."""

    password: str
    """ICE's key for it."""

    setup: str
    """``active``, ``passive`` or ``actpass``."""

    addresses: tuple[tuple[str, int], ...]
    """Its candidates over UDP and IPv4, in its order."""

    @classmethod
    def read(cls, text: str) -> RemotePeer:
        """Read a description whose sections share one transport."""
        return cls(
            ufrag=_attribute(text, "ice-ufrag"),
            password=_attribute(text, "ice-pwd"),
            setup=_attribute(text, "setup"),
            addresses=tuple((host, int(port)) for host, port, _ in _CANDIDATE.findall(text)),
        )


def _attribute(text: str, name: str) -> str:
    found = re.search(rf"^a={name}:(\S+)", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"no a={name} in {text}")
    return found[1]


def offer(local: LocalPeer) -> str:
    """Return an offer to receive one picture (H.264) and one sound (Opus)."""
    lines = _session("a=group:BUNDLE 0 1")
    for mid, (kind, types, codec) in enumerate(
        (("audio", "111", _AUDIO), ("video", "102 103", _VIDEO))
    ):
        lines += [f"m={kind} 9 UDP/TLS/RTP/SAVPF {types}", "c=IN IP4 0.0.0.0", f"a=mid:{mid}"]
        lines += ["a=recvonly", _MID, *codec, *local.transport("actpass")]
    return _text(lines)


def answer_to(offered: str, local: LocalPeer) -> str:
    """Return an answer that takes the first payload type of each section, as the DTLS client."""
    sections = re.split(r"(?=^m=)", offered, flags=re.MULTILINE)[1:]
    mids = [_attribute(section, "mid") for section in sections]
    lines = _session(f"a=group:BUNDLE {' '.join(mids)}")
    for mid, section in zip(mids, sections, strict=True):
        kind, _, protocol, payload = section.split(maxsplit=4)[:4]
        lines += [f"{kind} 9 {protocol} {payload}", "c=IN IP4 0.0.0.0", f"a=mid:{mid}"]
        lines += ["a=recvonly"]
        lines += re.findall(rf"^a=(?:rtpmap|fmtp|rtcp-fb):{payload} .*?$", section, re.MULTILINE)
        lines += re.findall(
            r"^a=extmap:\d+ urn:ietf:params:rtp-hdrext:sdes:mid", section, re.MULTILINE
        )
        lines += local.transport("active")
    return _text(lines)


def _session(group: str) -> list[str]:
    return ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", group, "a=msid-semantic: WMS *"]


def _text(lines: list[str]) -> str:
    return "".join(f"{line.rstrip()}\r\n" for line in lines)
