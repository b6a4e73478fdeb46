"""Passports say who somebody is, until their time is over."""

from __future__ import annotations

import jwt
import pytest

from harness.rooms import Clock
from sessions.core.errors import Unauthenticated
from sessions.services.passports import (
    ISSUER,
    PASSPORT_LIFETIME_S,
    PassportExpired,
    PassportInvalid,
    Passports,
)

SECRET = b"s" * 32


async def test_a_passport_is_read_as_it_was_issued(clock: Clock) -> None:
    passports = Passports(SECRET, clock)

    user, token = passports.issue("Анна")

    assert await passports.identify(token) == user
    assert (user.name, user.guest, user.expires) == ("Анна", True, clock() + PASSPORT_LIFETIME_S)


def test_no_two_guests_are_the_same_though_called_the_same(clock: Clock) -> None:
    passports = Passports(SECRET, clock)

    assert passports.issue("Anna")[0].id != passports.issue("Anna")[0].id


async def test_a_passport_outlives_a_restart_and_not_its_time(clock: Clock) -> None:
    _, token = Passports(SECRET, clock).issue("Anna")
    later = Passports(SECRET, clock)

    clock.advance(PASSPORT_LIFETIME_S - 1.0)
    assert (await later.identify(token)).name == "Anna"

    clock.advance(1.0)
    with pytest.raises(PassportExpired):
        await later.identify(token)


async def test_a_passport_of_another_secret_is_none(clock: Clock) -> None:
    _, token = Passports(b"t" * 32, clock).issue("Anna")

    with pytest.raises(PassportInvalid):
        await Passports(SECRET, clock).identify(token)


async def test_one_changed_letter_makes_a_passport_invalid(clock: Clock) -> None:
    passports = Passports(SECRET, clock)
    _, token = passports.issue("Anna")
    middle = len(token) // 2
    changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]

    with pytest.raises(Unauthenticated):
        await passports.identify(changed)


@pytest.mark.parametrize(
    "claims",
    [
        {"name": "\ud800"},
        {"name": "An\nna"},
        {"name": "\u200b"},
        {"name": "a" * 41},
        {"name": ["Anna"]},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": -float("inf")},
        {"exp": 10**400},
        {"exp": "2100000000"},
        {"exp": None},
        {"sub": "\ud800"},
        {"sub": 7},
        {"nbf": float("inf")},
        {"aud": "another service"},
    ],
)
async def test_a_signed_token_that_says_no_sense_is_no_passport(
    clock: Clock, claims: dict[str, object]
) -> None:
    sound = {
        "iss": ISSUER,
        "sub": "6f1e2a86-6d5e-4c0a-8a0e-0f6f0f3c9b11",
        "name": "Anna",
        "exp": clock() + 60.0,
    }
    passports = Passports(SECRET, clock)
    assert (await passports.identify(jwt.encode(sound, SECRET, algorithm="HS256"))).name == "Anna"

    with pytest.raises(PassportInvalid):
        await passports.identify(jwt.encode(sound | claims, SECRET, algorithm="HS256"))


def test_a_short_secret_is_refused(clock: Clock) -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Passports(b"s" * 31, clock)
