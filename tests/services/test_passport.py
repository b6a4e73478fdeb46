"""Passports say who somebody is, until their time is over."""

from __future__ import annotations

import pytest

from sessions.core.errors import Unauthenticated
from sessions.services.passport import LIFETIME, PassportExpired, PassportInvalid, Passports
from tests.services.rooms import Clock

SECRET = b"s" * 32


def test_a_passport_is_read_as_it_was_issued(clock: Clock) -> None:
    passports = Passports(SECRET, clock)

    user, token = passports.issue("Анна")

    assert passports.read(token) == user
    assert (user.name, user.guest, user.expires) == ("Анна", True, clock() + LIFETIME)


def test_no_two_guests_are_the_same_though_called_the_same(clock: Clock) -> None:
    passports = Passports(SECRET, clock)

    assert passports.issue("Anna")[0].id != passports.issue("Anna")[0].id


def test_a_passport_outlives_a_restart_and_not_its_time(clock: Clock) -> None:
    _, token = Passports(SECRET, clock).issue("Anna")
    later = Passports(SECRET, clock)

    clock.advance(LIFETIME - 1.0)
    assert later.read(token).name == "Anna"

    clock.advance(1.0)
    with pytest.raises(PassportExpired):
        later.read(token)


def test_a_passport_of_another_secret_is_none(clock: Clock) -> None:
    _, token = Passports(b"t" * 32, clock).issue("Anna")

    with pytest.raises(PassportInvalid):
        Passports(SECRET, clock).read(token)


def test_one_changed_letter_makes_a_passport_invalid(clock: Clock) -> None:
    passports = Passports(SECRET, clock)
    _, token = passports.issue("Anna")
    middle = len(token) // 2
    changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]

    with pytest.raises(Unauthenticated):
        passports.read(changed)


def test_a_short_secret_is_refused(clock: Clock) -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Passports(b"s" * 31, clock)
