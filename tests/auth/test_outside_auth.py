"""Settings of an Auth service that make no sense are said in one line at the start."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from harness.auth_service import AUDIENCE, ISSUER, FakeAuth
from harness.rooms import Clock, until
from streamer.outside_auth import AuthUnusable, open_outside_auth
from streamer.settings import Settings

BOTH: dict[str, Any] = {"passport_issuer": ISSUER, "passport_audience": AUDIENCE}
JWKS: dict[str, Any] = {"jwks": "http://127.0.0.1:9/jwks"}


async def opened(**settings: Any) -> None:  # noqa: ANN401 -- any setting
    async with open_outside_auth(Settings(**settings), Clock()):
        pass


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (JWKS, "--passport-issuer"),
        ({**JWKS, "passport_issuer": ISSUER}, "--passport-audience"),
        ({**JWKS, "passport_audience": AUDIENCE}, "--passport-issuer"),
        ({**JWKS, **BOTH, "passport_key": Path("auth.pem")}, "exclude each other"),
        (BOTH, "needs --jwks or --passport-key"),
        ({"passport_key": Path("auth.pem")}, "--passport-issuer"),
        ({"sign_in_url": "https://auth.example/?back={return}"}, "--sign-in-url needs"),
        ({**BOTH, "passport_key": Path("/no/such/file")}, "No such file"),
        ({**BOTH, "passport_key": Path("/")}, "directory"),
    ],
)
async def test_settings_that_do_not_fit_together_are_refused(
    settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(AuthUnusable, match=words):
        await opened(**settings)


@pytest.mark.parametrize("text", [b"", b"x" * (64 * 1024 + 1), b"\xff\xfe"])
async def test_a_file_that_holds_no_keys_is_refused(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "auth.pem"
    file.write_bytes(text)

    with pytest.raises(AuthUnusable, match=r"auth\.pem"):
        await opened(**BOTH, passport_key=file)


async def test_without_a_service_there_are_guests_alone() -> None:
    async with open_outside_auth(Settings(), Clock()) as outside:
        assert (outside.passports, outside.jwks) == (None, None)


async def test_a_start_that_lets_nobody_in_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "seans.auth"):
        await opened(guests=False)

    assert "nobody comes in" in caplog.text


async def test_a_service_that_is_away_at_the_start_does_not_keep_it_up() -> None:
    async with open_outside_auth(Settings(**JWKS, **BOTH), Clock()) as outside:
        jwks = outside.jwks
        assert jwks is not None
        await until(lambda: jwks.counts.failed)


async def test_keys_are_there_soon_after_the_start() -> None:
    async with FakeAuth().running() as auth:
        settings = Settings(**BOTH, jwks=f"{auth.address}/jwks")
        async with open_outside_auth(settings, Clock()) as outside:
            jwks = outside.jwks
            assert jwks is not None
            await until(lambda: jwks.size == 1)
