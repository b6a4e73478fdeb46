"""Who somebody is: passports made and read here, and nothing about what they may join.

A passport is a JSON Web Token (RFC 7519) signed with HMAC-SHA256 by the server's secret. The
algorithm is pinned (RFC 8725 section 3.1), whatever a token's header claims.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID, uuid4

import jwt
from pydantic import TypeAdapter, ValidationError

from sessions.core.errors import Unauthenticated
from sessions.core.records import User
from sessions.fields import line

__all__ = [
    "ISSUER",
    "MAX_NAME",
    "MIN_SECRET",
    "PASSPORT_LIFETIME_S",
    "PassportExpired",
    "PassportInvalid",
    "Passports",
]

ISSUER = "seans"
"""The ``iss`` of passports made here."""

PASSPORT_LIFETIME_S = 180 * 86400.0
"""How long a passport holds, seconds."""

MIN_SECRET = 32
"""Shortest secret, bytes: the length of the signature's hash (RFC 7518 section 3.2)."""

MAX_NAME = 40
"""Longest name, characters."""

TIME_LIMIT = 253_402_300_800.0
"""What no time in a token reaches, Unix seconds: the end of the year 9999."""

NAME_ADAPTER: TypeAdapter[str] = TypeAdapter(Annotated[str, line(MAX_NAME)])


class PassportInvalid(Unauthenticated):
    """A token that was not made here, or not like that."""

    code = "passport_invalid"
    title = "This passport is not valid"


class PassportExpired(Unauthenticated):
    """A token whose time is over."""

    code = "passport_expired"
    title = "This passport has expired"


class Passports:
    """Makes guest passports and reads them back."""

    def __init__(self, secret: bytes, clock: Callable[[], float]) -> None:
        """Sign with ``secret``; ValueError where it is shorter than MIN_SECRET bytes."""
        if len(secret) < MIN_SECRET:
            raise ValueError(f"the secret must be at least {MIN_SECRET} bytes long")
        self._secret = secret
        self._clock = clock

    def issue(self, name: str) -> tuple[User, str]:
        """Return somebody new who is called ``name``, and their token."""
        now = self._clock()
        user = User(
            id=str(uuid4()), name=name, guest=True, expires=float(int(now + PASSPORT_LIFETIME_S))
        )
        return user, self._token(user, now)

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
        """Return who ``token`` says it is. Raises PassportInvalid or PassportExpired.

        Asynchronous, because another issuer's keys may have to be fetched first.
        """
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
        if not _is_moment(claims["exp"]):
            raise PassportInvalid("its exp is no time")
        return claims


def _is_moment(value: object) -> bool:
    """Tell whether ``value`` is a time; JSON as Python reads it has NaN and Infinity too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < TIME_LIMIT


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
    guest = claims.get("guest", True) is not False
    return User(id=user_id, name=name, guest=guest, expires=float(claims["exp"]))
