"""Who somebody is: guest passports made and read here, others read; nothing about what they may.

A guest passport is a JSON Web Token (RFC 7519) signed with HMAC-SHA256 by the server's secret. The
algorithm is pinned (RFC 8725 section 3.1), whatever a token's header claims: the secret checks
HS256 alone, and the keys of an outside Auth service check the one algorithm of their type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

import jwt
from pydantic import ValidationError

from sessions.core.errors import Unauthenticated
from sessions.core.records import User
from sessions.services.compact_tokens import MAX_TOKEN, BadToken, algorithm_of
from sessions.services.outside_passports import OutsidePassports
from sessions.services.passport_rules import (
    MAX_NAME,
    NAME_ADAPTER,
    GuestsOff,
    PassportExpired,
    PassportInvalid,
    PassportMoved,
    is_moment,
)
from sessions.services.verification_keys import ALGORITHMS

__all__ = [
    "ISSUER",
    "MAX_NAME",
    "MIN_SECRET",
    "PASSPORT_LIFETIME_S",
    "RENEW_BELOW_S",
    "GuestsOff",
    "PassportExpired",
    "PassportInvalid",
    "PassportMoved",
    "Passports",
]

ISSUER = "seans"
"""The ``iss`` of passports made here."""

PASSPORT_LIFETIME_S = 180 * 86400.0
"""How long a passport holds, seconds."""

RENEW_BELOW_S = PASSPORT_LIFETIME_S / 2
"""A passport in use that holds for less is renewed, seconds."""

MIN_SECRET = 32
"""Shortest secret, bytes: the length of the signature's hash (RFC 7518 section 3.2)."""


class Passports:
    """Makes guest passports; reads them back, and those of an outside Auth service."""

    def __init__(
        self,
        secret: bytes,
        clock: Callable[[], float],
        *,
        guests: bool = True,
        outside: OutsidePassports | None = None,
        moved: Iterable[str] = (),
    ) -> None:
        """Sign with ``secret``; ValueError where it is shorter than MIN_SECRET bytes.

        ``guests``: whether guest passports are accepted. ``outside`` reads those of an Auth
        service. ``moved``: ids of guests whose shows were taken along to an account.
        """
        if len(secret) < MIN_SECRET:
            raise ValueError(f"the secret must be at least {MIN_SECRET} bytes long")
        self._secret = secret
        self._clock = clock
        self._guests = guests
        self._outside = outside
        self._moved = set(moved)

    @property
    def has_outside(self) -> bool:
        """Whether passports of an outside Auth service are accepted."""
        return self._outside is not None

    def issue(self, name: str) -> tuple[User, str]:
        """Return somebody new who is called ``name``, and their token."""
        return self.issue_for(str(uuid4()), name)

    def issue_for(self, user_id: str, name: str) -> tuple[User, str]:
        """Return a guest who is known already, with a new token for them."""
        now = self._clock()
        user = User(
            id=user_id, name=name, guest=True, expires=float(int(now + PASSPORT_LIFETIME_S))
        )
        return user, self._token(user, now)

    def renewed(self, user: User) -> str | None:
        """Return a new token for a guest whose passport is past half of its life; else None."""
        if not user.guest or user.expires - self._clock() >= RENEW_BELOW_S:
            return None
        return self.issue_for(user.id, user.name)[1]

    def _token(self, user: User, now: float) -> str:
        claims = {
            "iss": ISSUER,
            "sub": user.id,
            "name": user.name,
            "guest": user.guest,
            "iat": int(now),
            "exp": int(user.expires),
        }
        return jwt.encode(claims, self._secret, algorithm="HS256")

    async def identify(self, token: str) -> User:
        """Return who ``token`` says it is.

        Raises PassportInvalid, PassportExpired, PassportMoved, GuestsOff, AuthUnavailable.
        Asynchronous, because another issuer's keys may have to be fetched first.
        """
        try:
            algorithm = algorithm_of(token)
        except BadToken as error:
            raise PassportInvalid(str(error)) from error
        if self._outside is not None and algorithm in ALGORITHMS:
            return await self._outside.identify(token)
        user = self._guest(token)
        if not self._guests:
            raise GuestsOff
        if user.id in self._moved:
            raise PassportMoved
        return user

    def guest_of(self, token: str) -> User | None:
        """Return whose guest passport ``token`` is, also where guests are switched off.

        None where it is none, or its shows were taken along.
        """
        if len(token) > MAX_TOKEN:
            return None
        try:
            user = self._guest(token)
        except Unauthenticated:
            return None
        return None if user.id in self._moved else user

    def refuse_moved(self, guest_id: str) -> None:
        """Refuse the passports of a guest from now on: their shows belong to an account."""
        self._moved.add(guest_id)

    def _guest(self, token: str) -> User:
        claims = self._claims(token)
        if claims["exp"] <= self._clock():
            raise PassportExpired
        return _user(claims)

    def _claims(self, token: str) -> dict[str, Any]:
        """Return the claims of a token signed here; its time is judged by the server's clock."""
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                issuer=ISSUER,
                options={
                    "require": ["iss", "sub", "name", "exp"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, UnicodeError, RecursionError) as error:
            raise PassportInvalid from error
        if not is_moment(claims["exp"]):
            raise PassportInvalid("its exp is no time")
        return claims


def _user(claims: dict[str, Any]) -> User:
    try:
        name = NAME_ADAPTER.validate_python(claims["name"])
        name.encode()  # A lone surrogate, which JSON can escape, is no character.
    except (ValidationError, UnicodeError) as error:
        raise PassportInvalid("its name is not one of 1 to 40 characters") from error
    try:
        user_id = str(UUID(claims["sub"]))
    except ValueError as error:
        raise PassportInvalid("its sub is no UUID") from error
    return User(id=user_id, name=name, guest=True, expires=float(claims["exp"]))
