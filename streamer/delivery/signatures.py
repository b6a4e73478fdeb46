"""Signed, expiring addresses of films: who holds one may fetch that film until it expires.

The signature is an HMAC over the address's text, path and all other parameters included, and is
compared as text: an address with a parameter more, less, twice, in another order or written in
another way is another address, and refused.
"""

from __future__ import annotations

import hmac
import math
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

__all__ = ["BadSignature", "Expired", "Grant", "SignatureError", "Signer"]

_SIGNED = re.compile(
    r"(?P<text>(?P<path>/[!-~]*?)\?exp=(?P<exp>[0-9]{1,12})(?:&for=[0-9A-Za-z._~%-]*)?)"
    r"&sig=(?P<sig>[0-9A-Za-z_-]{43})"
)
_DAY = 86_400.0
_BOUNDARY = 21_600.0
_PURPOSE = b"seans: addresses under /media, 1"


class SignatureError(Exception):
    """An address under ``/media`` that opens nothing."""

    code = "bad_signature"
    """Stable name of the error on the wire."""


class BadSignature(SignatureError):
    """The address was not signed here, or was changed since."""


class Expired(SignatureError):
    """The address was signed here and its time is over."""

    code = "url_expired"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a signature proved."""

    path: str
    """The path of the address, percent-encoded as signed."""

    expires: float
    """Until when it holds, Unix seconds."""


class Signer:
    """Signs addresses with a secret and checks them, remembering what was proved."""

    def __init__(
        self, secret: bytes, *, clock: Callable[[], float], remembered: int = 4096
    ) -> None:
        """Derive a key from ``secret``; ``clock`` gives Unix seconds.

        At most ``remembered`` proved addresses are kept, each a few hundred bytes.
        """
        self._key = hmac.digest(secret, _PURPOSE, "sha256")
        self._clock = clock
        self._remembered = remembered
        self._proved: dict[str, Grant] = {}

    def sign(self, path: str, *, length: float, holder: str = "") -> str:
        """Return the address of ``path`` with its signature.

        It holds for at least ``length`` (the film's, seconds) and 24 hours more. The end is
        rounded up to a quarter of a day, so that an address stays the same, and cached, for
        hours. ``holder`` is the id of the show or user whom it is made for.
        """
        ends = self._clock() + max(0.0, length) + _DAY
        text = f"{path}?exp={math.ceil(ends / _BOUNDARY) * int(_BOUNDARY)}"
        if holder:
            text += f"&for={quote(holder, safe='')}"
        return f"{text}&sig={self._signature(text)}"

    def verify(self, target: str) -> Grant:
        """Return what ``target``, path and query as they came, is a grant for.

        Raises :class:`BadSignature` or :class:`Expired`. The comparison takes the same time
        wherever the texts differ; only an address already proved is found in a table.
        """
        grant = self._proved.get(target) or self._prove(target)
        if self._clock() >= grant.expires:
            raise Expired
        return grant

    def _prove(self, target: str) -> Grant:
        signed = _SIGNED.fullmatch(target)
        if signed is None:
            raise BadSignature
        if not hmac.compare_digest(self._signature(signed["text"]), signed["sig"]):
            raise BadSignature
        grant = Grant(signed["path"], float(signed["exp"]))
        if len(self._proved) >= self._remembered:
            del self._proved[next(iter(self._proved))]
        self._proved[target] = grant
        return grant

    def _signature(self, text: str) -> str:
        digest = hmac.digest(self._key, text.encode("ascii"), "sha256")
        return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
