"""Signed, expiring addresses of films: whoever has one may fetch that film until it expires.

The signature is an HMAC over ``/media/{film}/`` and all other parameters. So one grant opens
everything that is served of a film: the file, its playlists, its subtitles. The parameters are
compared as text: an address with more, fewer, repeated, reordered or re-encoded ones is refused.
"""

from __future__ import annotations

import hmac
import math
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["BadSignature", "Expired", "MediaAddress", "SignatureError", "Signer"]

_ADDRESS = re.compile(
    r"(?P<prefix>/media/(?P<film>[0-9A-Za-z-]{1,64})/)"
    # No percent-encoding, and no segment that begins with a dot: each has only one spelling.
    r"(?P<resource>[0-9A-Za-z_-][0-9A-Za-z._-]*(?:/[0-9A-Za-z_-][0-9A-Za-z._-]*)*)"
    r"\?(?P<grant>exp=(?P<exp>[0-9]{1,12}))"
    r"&sig=(?P<sig>[0-9A-Za-z_-]{43})"
)
_DAY = 86_400.0
_BOUNDARY = 21_600.0
_PURPOSE = b"seans: addresses under /media, 2"


class SignatureError(Exception):
    """An address under ``/media`` that is not valid."""

    code = "bad_signature"
    """Stable code of the error in responses."""


class BadSignature(SignatureError):
    """The address was not signed here, or was changed since."""


class Expired(SignatureError):
    """The address was signed here, and has expired."""

    code = "url_expired"


@dataclass(frozen=True, slots=True)
class MediaAddress:
    """An address whose signature was verified."""

    film_id: str
    """The film that it opens."""

    resource: str
    """The path below ``/media/{film}/``, such as ``file``."""

    expires: float
    """When it expires, Unix seconds."""


class Signer:
    """Signs addresses with a secret and verifies them, with a cache of verified ones."""

    def __init__(
        self, secret: bytes, *, clock: Callable[[], float], cache_size: int = 4096
    ) -> None:
        """Derive a key from ``secret``; ``clock`` gives Unix seconds.

        At most ``cache_size`` verified addresses are kept, each a few hundred bytes.
        """
        self._key = hmac.digest(secret, _PURPOSE, "sha256")
        self._clock = clock
        self._cache_size = cache_size
        self._verified: dict[str, MediaAddress] = {}

    def sign(self, film_id: str, resource: str, *, length: float) -> str:
        """Return the address of a film's ``resource`` with its signature.

        It is valid for at least ``length`` (the film's, seconds) and 24 hours more. The end is
        rounded up to a quarter of a day, so that an address stays the same, and cacheable, for
        hours. The query is the same for every resource of the film.
        """
        ends = self._clock() + max(0.0, length) + _DAY
        prefix = f"/media/{film_id}/"
        grant = f"exp={math.ceil(ends / _BOUNDARY) * int(_BOUNDARY)}"
        return f"{prefix}{resource}?{grant}&sig={self._signature(prefix, grant)}"

    def verify(self, target: str) -> MediaAddress:
        """Return the verified address of ``target``, the path and query as received.

        Raises :class:`BadSignature` or :class:`Expired`. The comparison takes the same time
        wherever the texts differ; only an address that passed before is found in a table.
        """
        address = self._verified.get(target) or self._verify_anew(target)
        if self._clock() >= address.expires:
            raise Expired
        return address

    def _verify_anew(self, target: str) -> MediaAddress:
        parts = _ADDRESS.fullmatch(target)
        if parts is None:
            raise BadSignature
        signature = self._signature(parts["prefix"], parts["grant"])
        if not hmac.compare_digest(signature, parts["sig"]):
            raise BadSignature
        address = MediaAddress(parts["film"], parts["resource"], float(parts["exp"]))
        if len(self._verified) >= self._cache_size:
            del self._verified[next(iter(self._verified))]
        self._verified[target] = address
        return address

    def _signature(self, prefix: str, grant: str) -> str:
        digest = hmac.digest(self._key, f"{prefix}?{grant}".encode("ascii"), "sha256")
        return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
