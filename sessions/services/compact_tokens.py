"""Tokens in compact form (RFC 7515 section 3.1): cut apart and read strictly, before any signature.

All of it is cheap and bounded by MAX_TOKEN, for anybody may send a token. One spelling alone is
read: canonical base64url, JSON without a name twice and without NaN (RFC 8725 section 2.4).
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

__all__ = ["MAX_TOKEN", "BadToken", "CompactToken", "algorithm_of", "read_object", "read_token"]

MAX_TOKEN = 8192
"""Longest token that is looked at, characters: a header field of the HTTP parser is no longer."""

SEGMENTS = 3
"""Segments of a signed token; an encrypted one has five."""

BASE64URL = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class BadToken(ValueError):
    """Why a text is no token that can be read; for developers, in words."""


@dataclass(frozen=True, slots=True)
class CompactToken:
    """A token that is cut apart; nothing of it is true yet."""

    header: Mapping[str, Any]
    """The JOSE header."""

    payload: bytes
    """The claims as they were signed, JSON where it is a passport."""

    signed: bytes
    """What the signature is over."""

    signature: bytes
    """The signature."""


def read_token(token: str) -> CompactToken:
    """Cut ``token`` apart. Raises BadToken."""
    if len(token) > MAX_TOKEN:
        raise BadToken(f"it has more than {MAX_TOKEN} characters")
    segments = token.split(".", SEGMENTS)
    if len(segments) != SEGMENTS:
        raise BadToken("it is not of three segments")
    header, payload, signature = map(_decoded, segments)
    signed = token.rpartition(".")[0].encode("ascii")
    return CompactToken(read_object(header), payload, signed, signature)


def algorithm_of(token: str) -> str:
    """Return what the header of ``token`` claims as its algorithm. Raises BadToken."""
    if len(token) > MAX_TOKEN:
        raise BadToken(f"it has more than {MAX_TOKEN} characters")
    algorithm = read_object(_decoded(token.partition(".")[0])).get("alg")
    if not isinstance(algorithm, str):
        raise BadToken("its header names no algorithm")
    return algorithm


def read_object(text: bytes) -> dict[str, Any]:
    """Return the JSON object that ``text`` says, strictly. Raises BadToken."""
    try:
        value = json.loads(
            text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except BadToken:
        raise
    except (ValueError, RecursionError) as error:
        raise BadToken("a part of it is not JSON") from error
    if not isinstance(value, dict):
        raise BadToken("a part of it is no JSON object")
    return value


def _decoded(segment: str) -> bytes:
    """Return the bytes of a base64url segment, which has only one spelling."""
    if not BASE64URL.fullmatch(segment) or len(segment) % 4 == 1:
        raise BadToken("a segment is not base64url")
    decoded = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    # The last character has bits to spare: with others set it would be another text for the same.
    if urlsafe_b64encode(decoded).rstrip(b"=") != segment.encode("ascii"):
        raise BadToken("a segment is not canonical base64url")
    return decoded


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    # Another reader may take the first of two where this one takes the last.
    if len(found) != len(pairs):
        raise BadToken("a name stands in it twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise BadToken(f"{name} is no JSON")
