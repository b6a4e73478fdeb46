"""Reads a viewer's SDP offer, or a trickled fragment of one (RFC 8866, 8829, 8840). Pure.

Strict where the answer depends on it, deaf to everything else. Whatever comes in, it ends in an
``Offer`` or in a refusal, after work that is bounded by the length of the text.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from streamer.webrtc.errors import BadOffer

__all__ = [
    "MAX_CANDIDATES",
    "MAX_OFFER",
    "Candidate",
    "Codec",
    "Fingerprint",
    "Fragment",
    "Offer",
    "Section",
    "parse_fragment",
    "parse_offer",
]

MAX_OFFER = 64 << 10
"""Characters of an offer; those of browsers have 3 to 8 thousand."""

MAX_SECTIONS = 16
"""Media sections of an offer."""

MAX_CANDIDATES = 16
"""Candidates that are used; each costs checks to an address that the viewer names."""

_CREDENTIAL = re.compile(r"[A-Za-z0-9+/]{4,256}", re.ASCII)
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}", re.ASCII)
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`{|}~A-Za-z0-9]{1,64}", re.ASCII)
_DIGITS = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
_HEX = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*", re.ASCII)
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_MAX_NUMBER = 0xFFFFFFFF

Setup = Literal["active", "passive", "actpass"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A remote ICE candidate with a UDP address (RFC 8839 section 5.1)."""

    foundation: str
    """Equal for candidates that are likely to fail together."""

    priority: int
    """Of 32 bits."""

    host: str
    """IP address, in its canonical form."""

    port: int
    """UDP port."""

    kind: str
    """host, srflx or relay."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Digest of the peer's certificate (RFC 8122 section 5)."""

    algorithm: str
    """Hash function, in lower case."""

    value: str
    """Bytes in upper-case hexadecimal, colons between."""


@dataclass(frozen=True, slots=True)
class Codec:
    """A payload type and what it stands for."""

    payload_type: int
    """Number in the RTP header."""

    name: str
    """Encoding name, in lower case."""

    clock_rate: int
    """Ticks per second."""

    parameters: dict[str, str]
    """Those of ``a=fmtp``, names in lower case."""

    feedback: frozenset[str]
    """RTCP feedback that the viewer can give (RFC 4585 section 4.2)."""


@dataclass(frozen=True, slots=True)
class Section:
    """One media section."""

    kind: str
    """audio, video, application, or what the viewer calls it."""

    profile: str
    """Transport protocol, such as UDP/TLS/RTP/SAVPF."""

    formats: tuple[str, ...]
    """Formats of the ``m=`` line, as they are."""

    mid: str
    """Identification of the section (RFC 5888)."""

    offered: bool
    """Whether the section is not refused by a port of zero."""

    receives: bool
    """Whether the viewer wants to receive what the section describes."""

    codecs: tuple[Codec, ...]
    """Payload types, in the viewer's order of preference."""

    rtcp_mux: bool
    """Whether RTP and RTCP may share a port (RFC 5761)."""

    sctp_port: int | None
    """Port of a data channel's association."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a viewer offers."""

    sections: tuple[Section, ...]
    """All media sections in order."""

    bundled: tuple[str, ...]
    """Identifications of the sections that may share one transport (RFC 9143)."""

    ufrag: str
    """The viewer's ICE username fragment."""

    password: str
    """The viewer's ICE password."""

    ice_lite: bool
    """Whether the viewer is a lite agent (RFC 8445 section 2.5)."""

    setup: Setup
    """The DTLS roles that the viewer can take."""

    fingerprints: tuple[Fingerprint, ...]
    """Digests of the viewer's certificate; one at least."""

    candidates: tuple[Candidate, ...]
    """Where the viewer may be reached; often none."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a viewer trickles."""

    ufrag: str
    """Whose candidates they are; "" where it does not say."""

    candidates: tuple[Candidate, ...]
    """More places where the viewer may be reached."""


def parse_offer(text: str) -> Offer:
    """Return the offer that ``text`` is. Raises BadOffer."""
    session, media = _lines(text)
    if not media:
        raise BadOffer("the offer has no media section")
    sections = tuple(_section(lines, number) for number, lines in enumerate(media))
    mids = [section.mid for section in sections]
    if len(set(mids)) < len(mids):
        raise BadOffer("two media sections have the same mid")
    bundled = _bundled(session, sections)
    # The tagged section's transport is the one that all use (RFC 9143 section 7.2).
    tagged = media[mids.index(bundled[0])]
    common = [*tagged, *session]
    ufrag, password = _value(common, "ice-ufrag"), _value(common, "ice-pwd")
    if not (_CREDENTIAL.fullmatch(ufrag) and _PASSWORD.fullmatch(password)):
        raise BadOffer("ice-ufrag or ice-pwd is missing or not valid")
    return Offer(
        sections=sections,
        bundled=bundled,
        ufrag=ufrag,
        password=password,
        ice_lite="a=ice-lite" in session,
        setup=_setup(_value(common, "setup")),
        fingerprints=_fingerprints(common),
        candidates=_candidates(common),
    )


def parse_fragment(text: str) -> Fragment:
    """Return the fragment that ``text`` is (RFC 8840 section 9). Raises BadOffer."""
    session, media = _lines(text, fragment=True)
    lines = [line for part in (session, *media) for line in part]
    ufrag = _value(lines, "ice-ufrag")
    if ufrag and not _CREDENTIAL.fullmatch(ufrag):
        raise BadOffer("ice-ufrag is not valid")
    return Fragment(ufrag=ufrag, candidates=_candidates(lines))


def _lines(text: str, *, fragment: bool = False) -> tuple[list[str], list[list[str]]]:
    """Return the lines of the session and those of each media section."""
    if len(text) > MAX_OFFER:
        raise BadOffer("the text is too long")
    session: list[str] = []
    media: list[list[str]] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line:
            continue
        if not line.isprintable() or line[1:2] != "=":
            raise BadOffer("a line is not of the form x=value")
        if line[0] == "m":
            media.append([line])
        else:
            (media[-1] if media else session).append(line)
    if len(media) > MAX_SECTIONS:
        raise BadOffer("the offer has too many media sections")
    if not fragment and (not session or session[0] != "v=0"):
        raise BadOffer("the offer does not begin with v=0")
    return session, media


def _values(lines: Iterable[str], name: str) -> list[str]:
    prefix = f"a={name}:"
    return [line[len(prefix) :].strip() for line in lines if line.startswith(prefix)]


def _value(lines: Iterable[str], name: str) -> str:
    return next(iter(_values(lines, name)), "")


def _number(text: str, most: int) -> int:
    """Return a whole number. Raises BadOffer, also where it is above ``most``."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= most):
        raise BadOffer("a number is missing or too large")
    return int(text)


def _section(lines: list[str], number: int) -> Section:
    words = lines[0][2:].split()
    if len(words) < 4:
        raise BadOffer("an m= line is too short")
    kind, port, profile, *formats = words
    mid = _value(lines, "mid") or str(number)
    if not (_TOKEN.fullmatch(mid) and _TOKEN.fullmatch(kind)):
        raise BadOffer("a mid or a kind of media is not valid")
    direction = next((name for name in _DIRECTIONS if f"a={name}" in lines), "sendrecv")
    sctp_port = _value(lines, "sctp-port")
    return Section(
        kind=kind,
        profile=profile,
        formats=tuple(formats),
        mid=mid,
        # With BUNDLE a port of zero does not refuse a section that is bundle-only (RFC 9143).
        offered=_number(port.partition("/")[0], 65535) > 0 or "a=bundle-only" in lines,
        receives=direction in ("sendrecv", "recvonly"),
        codecs=_codecs(lines, formats) if kind in ("audio", "video") else (),
        rtcp_mux="a=rtcp-mux" in lines,
        sctp_port=_number(sctp_port, 65535) if sctp_port else None,
    )


def _codecs(lines: list[str], formats: list[str]) -> tuple[Codec, ...]:
    names: dict[str, tuple[str, int]] = {}
    for value in _values(lines, "rtpmap"):
        payload_type, _, encoding = value.partition(" ")
        name, _, rest = encoding.strip().partition("/")
        names[payload_type] = name.lower(), _number(rest.partition("/")[0], _MAX_NUMBER)
    parameters = {
        payload_type: _parameters(rest)
        for payload_type, _, rest in (value.partition(" ") for value in _values(lines, "fmtp"))
    }
    feedback: dict[str, set[str]] = {}
    for value in _values(lines, "rtcp-fb"):
        payload_type, _, kind = value.partition(" ")
        feedback.setdefault(payload_type, set()).add(kind.strip())
    for_all = feedback.get("*", set())
    return tuple(
        Codec(
            _number(text, 127),
            *names[text],
            parameters.get(text, {}),
            frozenset(feedback.get(text, set()) | for_all),
        )
        for text in dict.fromkeys(formats)
        if text in names
    )


def _parameters(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}


def _bundled(session: list[str], sections: tuple[Section, ...]) -> tuple[str, ...]:
    known = {section.mid for section in sections}
    for value in _values(session, "group"):
        semantics, _, named = value.partition(" ")
        mids = named.split()
        if semantics == "BUNDLE" and mids:
            if not known.issuperset(mids) or len(set(mids)) < len(mids):
                raise BadOffer("the BUNDLE group names a section that is not there, or one twice")
            return tuple(mids)
    if len(sections) > 1:
        raise BadOffer("the sections are not in a BUNDLE group")
    return (sections[0].mid,)


def _setup(value: str) -> Setup:
    match value:
        case "active" | "passive" | "actpass":
            return value
        case _:
            raise BadOffer("setup is missing or not valid")


def _fingerprints(lines: list[str]) -> tuple[Fingerprint, ...]:
    found: list[Fingerprint] = []
    for value in _values(lines, "fingerprint"):
        algorithm, _, digest = value.partition(" ")
        algorithm, digest = algorithm.lower(), digest.strip()
        size = _DIGITS.get(algorithm)
        if size is None:
            continue
        if not _HEX.fullmatch(digest) or len(digest) != 3 * size - 1:
            raise BadOffer("a fingerprint is not valid")
        found.append(Fingerprint(algorithm, digest.upper()))
    if not found:
        raise BadOffer("there is no fingerprint of SHA-256, SHA-384 or SHA-512")
    return tuple(dict.fromkeys(found))[:4]


def _candidates(lines: list[str]) -> tuple[Candidate, ...]:
    """Return what can be used; others are left out, as ICE does (RFC 8839 section 5.1)."""
    found = (_candidate(value) for value in _values(lines, "candidate"))
    usable = dict.fromkeys(candidate for candidate in found if candidate is not None)
    return tuple(usable)[:MAX_CANDIDATES]


def _candidate(value: str) -> Candidate | None:
    words = value.split()
    if len(words) < 8 or words[6] != "typ":
        raise BadOffer("a candidate is not valid")
    foundation, component, transport, priority, host, port, _, kind = words[:8]
    if component != "1" or transport.lower() != "udp" or kind not in ("host", "srflx", "relay"):
        return None
    if host.lower().endswith(".local"):
        # A name for mDNS: only the viewer's own network knows it, and a check finds us anyway.
        return None
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if address.is_multicast or address.is_unspecified or "%" in host:
        return None
    number = _number(port, 65535)
    if number == 0 or len(foundation) > 32:
        return None
    return Candidate(foundation, _number(priority, _MAX_NUMBER), str(address), number, kind)
