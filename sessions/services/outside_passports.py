"""Passports of an outside Auth service: JSON Web Tokens (RFC 7519) that say who somebody is.

Of their claims these are read, and no others: ``iss`` and ``aud`` must be the ones set, ``exp``,
``nbf`` and ``iat`` are times, ``sub`` is who, ``name`` and ``preferred_username`` are what others
see. Roles, scopes and groups of that service mean nothing here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import cast
from uuid import NAMESPACE_URL, uuid5

from pydantic import ValidationError

from sessions.core.records import NOBODY, User
from sessions.fields import CONTROL_CHARACTERS, uuid_or_none
from sessions.services.compact_tokens import BadToken, CompactToken, read_object, read_token
from sessions.services.passport_rules import (
    MAX_NAME,
    NAME_ADAPTER,
    PassportExpired,
    PassportInvalid,
    is_moment,
)
from sessions.services.verification_keys import ALGORITHMS, Algorithm, KeySource

__all__ = ["LEEWAY_S", "NAME_CLAIMS", "OutsidePassports", "clean_name", "user_id_of"]

LEEWAY_S = 30.0
"""How far the clocks of both services may differ, seconds."""

NAME_CLAIMS = ("name", "preferred_username")
"""Where a name is looked for, in this order (OpenID Connect Core section 5.1)."""

MAX_SUBJECT = 255
"""Longest ``sub``, characters (OpenID Connect Core section 2)."""

MAX_KEY_ID = 256
"""Longest ``kid`` that is looked up, characters."""

TOKEN_TYPES = frozenset({"jwt", "at+jwt"})
"""Values of ``typ`` that a passport may have; others, as ``logout+jwt``, are for something else."""

CONTROLS = re.compile(f"[{CONTROL_CHARACTERS}]+")


class OutsidePassports:
    """Reads the passports of one outside Auth service."""

    def __init__(
        self, issuer: str, audience: str, keys: KeySource, clock: Callable[[], float]
    ) -> None:
        """Accept tokens of ``issuer`` for ``audience``, signed by one of ``keys``."""
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._clock = clock

    async def identify(self, token: str) -> User:
        """Return who ``token`` says it is.

        Raises PassportInvalid, PassportExpired, or AuthUnavailable where no keys are known yet.
        """
        try:
            parts = read_token(token)
            await self._check_signature(parts)
            return self._user(read_object(parts.payload))
        except BadToken as error:
            raise PassportInvalid(str(error)) from error

    async def _check_signature(self, token: CompactToken) -> None:
        algorithm, kid = _named_key(token.header)
        for key in await self._keys.candidates(algorithm, kid):
            if key.has_signed(token.signed, token.signature):
                return
        raise PassportInvalid("it is signed by no key of the Auth service")

    def _user(self, claims: Mapping[str, object]) -> User:
        if claims.get("iss") != self._issuer:
            raise PassportInvalid("it is of another issuer")
        if not _is_for(claims.get("aud"), self._audience):
            raise PassportInvalid("it is for another audience")
        expires = self._check_times(claims)
        user_id = user_id_of(self._issuer, claims.get("sub"))
        names = (clean_name(claims.get(claim)) for claim in NAME_CLAIMS)
        name = next((name for name in names if name), None) or f"Viewer {user_id[:4]}"
        return User(id=user_id, name=name, guest=False, expires=expires)

    def _check_times(self, claims: Mapping[str, object]) -> float:
        """Return when the passport ends, leeway included, Unix seconds."""
        now = self._clock()
        expires = claims.get("exp")
        if not is_moment(expires):
            raise PassportInvalid("its exp is no time")
        for name in ("nbf", "iat"):
            since = claims.get(name)
            if since is None:
                continue
            if not is_moment(since):
                raise PassportInvalid(f"its {name} is no time")
            if since > now + LEEWAY_S:
                raise PassportInvalid(f"its {name} lies ahead")
        if expires + LEEWAY_S <= now:
            raise PassportExpired
        return float(expires) + LEEWAY_S


def user_id_of(issuer: str, subject: object) -> str:
    """Return the id here of whom ``issuer`` calls ``subject``. Raises PassportInvalid.

    It is the subject itself where that is a UUID. Else it is the UUID v5 (RFC 9562 section 5.5)
    of the subject, in the namespace that is the UUID v5 of the issuer in the namespace of URLs.
    """
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise PassportInvalid(f"its sub is no text of 1 to {MAX_SUBJECT} characters")
    try:
        subject.encode()
    except UnicodeError as error:
        raise PassportInvalid("its sub is no text") from error
    found = uuid_or_none(subject) or str(uuid5(uuid5(NAMESPACE_URL, issuer), subject))
    if found == NOBODY:
        raise PassportInvalid("its sub is the id of nobody")
    return found


def clean_name(claim: object) -> str | None:
    """Return a claim as a name of one line, cut to MAX_NAME characters; None: nothing to read."""
    if not isinstance(claim, str):
        return None
    # A lone surrogate, which JSON can escape, is no character.
    text = unicodedata.normalize("NFC", claim.encode(errors="ignore").decode())
    line = " ".join(CONTROLS.sub(" ", text).split())
    # A cut must not leave half of an emoji that is made of several.
    name = line[:MAX_NAME].rstrip(" \u200d")
    try:
        return NAME_ADAPTER.validate_python(name)
    except ValidationError:
        return None


def _named_key(header: Mapping[str, object]) -> tuple[Algorithm, str | None]:
    """Return the algorithm and the key that a header names. Raises BadToken.

    ``jku``, ``jwk``, ``x5u`` and ``x5c``, by which a token would bring its own key, are not read.
    """
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise BadToken("its algorithm is none of RS256, ES256 and EdDSA")
    # An extension that must be understood (RFC 7515 section 4.1.11); none is.
    if "crit" in header or "b64" in header:
        raise BadToken("its header asks for an extension")
    if kind is not None and not (isinstance(kind, str) and _short(kind) in TOKEN_TYPES):
        raise BadToken("its typ is not that of a passport")
    if kid is not None and not (isinstance(kid, str) and 0 < len(kid) <= MAX_KEY_ID):
        raise BadToken(f"its kid is no text of 1 to {MAX_KEY_ID} characters")
    return cast("Algorithm", algorithm), kid


def _short(media_type: str) -> str:
    """Return a ``typ`` without the prefix that may be left out (RFC 7515 section 4.1.9)."""
    return media_type.lower().removeprefix("application/")


def _is_for(claim: object, audience: str) -> bool:
    """Tell whether ``aud``, one text or a list of them, names ``audience``."""
    if isinstance(claim, list):
        return audience in claim and all(isinstance(each, str) for each in claim)
    return claim == audience
