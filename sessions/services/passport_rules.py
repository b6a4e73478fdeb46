"""What all passports have in common, whoever made them: names, times, and how one is refused."""

from __future__ import annotations

from typing import Annotated, TypeGuard

from pydantic import TypeAdapter

from sessions.core.errors import Unauthenticated
from sessions.fields import line

__all__ = [
    "MAX_NAME",
    "NAME_ADAPTER",
    "GuestsOff",
    "PassportExpired",
    "PassportInvalid",
    "PassportMoved",
    "is_moment",
]

MAX_NAME = 40
"""Longest name, characters."""

TIME_LIMIT = 253_402_300_800.0
"""What no time in a token reaches, Unix seconds: the end of the year 9999."""

NAME_ADAPTER: TypeAdapter[str] = TypeAdapter(Annotated[str, line(MAX_NAME)])
"""Reads a name."""


class PassportInvalid(Unauthenticated):
    """A token that is of no issuer known here, or not made like that."""

    code = "passport_invalid"
    title = "This passport is not valid"


class PassportExpired(Unauthenticated):
    """A token whose time is over."""

    code = "passport_expired"
    title = "This passport has expired"


class PassportMoved(Unauthenticated):
    """A guest passport whose shows were taken along to an account."""

    code = "passport_moved"
    title = "The shows of this guest belong to an account now"


class GuestsOff(Unauthenticated):
    """A guest passport where guests are switched off."""

    code = "guests_off"
    title = "Guests are switched off here"


def is_moment(value: object) -> TypeGuard[float]:
    """Tell whether ``value`` is a time; JSON as Python reads it has NaN and Infinity too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < TIME_LIMIT
