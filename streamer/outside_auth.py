"""Opens what the settings say of the outside Auth service, or says in words why that can't be."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from sessions.services.outside_passports import OutsidePassports
from sessions.services.verification_keys import BadKeys, KeySet, keys_of_pem
from streamer.auth.jwks import Jwks, fetcher
from streamer.auth.kept_keys import KeptKeys
from streamer.settings import Settings

__all__ = ["AuthUnusable", "OutsideAuth", "open_outside_auth"]

logger = logging.getLogger("seans.auth")

MAX_KEY_FILE = 64 * 1024
"""Longest file of keys, bytes."""


class AuthUnusable(Exception):
    """Why the settings of the outside Auth service make no sense, in one line."""


@dataclass(frozen=True, slots=True)
class OutsideAuth:
    """What is known of the outside Auth service."""

    passports: OutsidePassports | None
    """Reads its passports; None: there is no such service."""

    jwks: Jwks | None
    """Its keys where they are fetched."""


@asynccontextmanager
async def open_outside_auth(
    settings: Settings, clock: Callable[[], float]
) -> AsyncIterator[OutsideAuth]:
    """Have the keys of the Auth service for as long as the block runs. Raises AuthUnusable."""
    _check(settings)
    if settings.passport_key is not None:
        yield OutsideAuth(_passports(settings, _keys_in(settings.passport_key), clock), None)
    elif settings.jwks is not None:
        # No cookies, no proxy from the environment: this address and nothing else is asked.
        kept = KeptKeys(settings.data, settings.jwks, clock)
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            Jwks(fetcher(session, settings.jwks), clock, kept) as jwks,
        ):
            yield OutsideAuth(_passports(settings, jwks, clock), jwks)
    else:
        if not settings.guests:
            logger.warning("Guests are off and no --jwks or --passport-key is set: nobody comes in")
        yield OutsideAuth(None, None)


def _check(settings: Settings) -> None:
    """Raise AuthUnusable where settings do not fit together."""
    has_keys = settings.jwks is not None or settings.passport_key is not None
    if settings.jwks is not None and settings.passport_key is not None:
        raise AuthUnusable("--jwks and --passport-key exclude each other")
    for name in ("passport_issuer", "passport_audience"):
        flag = f"--{name.replace('_', '-')}"
        if has_keys and getattr(settings, name) is None:
            raise AuthUnusable(f"--jwks and --passport-key need {flag} as well")
        if not has_keys and getattr(settings, name) is not None:
            raise AuthUnusable(f"{flag} needs --jwks or --passport-key as well")
    if settings.hosts == "users" and not has_keys:
        raise AuthUnusable("--hosts users needs --jwks or --passport-key: nobody could host")
    if settings.sign_in_url is not None and not has_keys:
        raise AuthUnusable("--sign-in-url needs --jwks or --passport-key as well")


def _passports(
    settings: Settings, keys: KeySet | Jwks, clock: Callable[[], float]
) -> OutsidePassports:
    # Both are there: _check has looked.
    issuer, audience = settings.passport_issuer or "", settings.passport_audience or ""
    return OutsidePassports(issuer, audience, keys, clock)


def _keys_in(path: Path) -> KeySet:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_KEY_FILE + 1)
    except OSError as error:
        raise AuthUnusable(f"--passport-key {path}: {error.strerror}") from error
    if len(text) > MAX_KEY_FILE:
        raise AuthUnusable(f"--passport-key {path}: it has more than {MAX_KEY_FILE} bytes")
    try:
        return keys_of_pem(text)
    except BadKeys as error:
        raise AuthUnusable(f"--passport-key {path}: {error}") from error
