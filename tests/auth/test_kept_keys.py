"""A server that starts while the Auth service is away knows its last keys, for a day."""

from __future__ import annotations

import json
import logging
import stat
import threading
from pathlib import Path

import pytest

from harness.auth_service import Key
from harness.rooms import Clock, until
from sessions.core.errors import AuthUnavailable
from streamer.auth.jwks import FetchFailed, Jwks
from streamer.auth.kept_keys import FILE_NAME, MAX_KEPT_S, KeptKeys

URL = "https://auth.example/keys"
KEY = Key.new("ES256", "old")


async def answers() -> bytes:
    return json.dumps({"keys": [KEY.jwk()]}).encode()


async def is_away() -> bytes:
    raise FetchFailed("auth.example answers 502")


def names_in(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def fetch_once(folder: Path, clock: Clock) -> None:
    async with Jwks(answers, clock, KeptKeys(folder, URL, clock)):
        await until((folder / FILE_NAME).exists)


async def knows(folder: Path, clock: Clock, url: str = URL) -> bool:
    """Tell whether a server that starts while the service is away knows its key."""
    async with Jwks(is_away, clock, KeptKeys(folder, url, clock)) as jwks:
        try:
            return bool(await jwks.candidates("ES256", "old"))
        except AuthUnavailable:
            return False


async def test_the_last_keys_outlive_a_restart_for_a_day(tmp_path: Path, clock: Clock) -> None:
    await fetch_once(tmp_path, clock)

    clock.advance(MAX_KEPT_S)
    assert await knows(tmp_path, clock)

    clock.advance(1.0)
    assert not await knows(tmp_path, clock)


async def test_keys_of_the_future_and_of_another_address_are_none(
    tmp_path: Path, clock: Clock
) -> None:
    await fetch_once(tmp_path, clock)

    assert not await knows(tmp_path, clock, "https://other.example/keys")
    clock.advance(-60.0)
    assert not await knows(tmp_path, clock)


async def test_the_file_is_its_owners_alone(tmp_path: Path, clock: Clock) -> None:
    await fetch_once(tmp_path, clock)

    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert names_in(tmp_path) == [FILE_NAME]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b'{"url": "https://auth.example/keys"}',
        b'{"url": "https://auth.example/keys", "fetched_at": "now", "jwks": "{}"}',
        b'{"url": "https://auth.example/keys", "fetched_at": 1799999940.0, "jwks": "{}"}',
    ],
)
async def test_a_damaged_file_is_none_and_is_replaced(
    tmp_path: Path, clock: Clock, text: bytes
) -> None:
    (tmp_path / FILE_NAME).write_bytes(text)
    assert not await knows(tmp_path, clock)

    async with Jwks(answers, clock, KeptKeys(tmp_path, URL, clock)) as jwks:
        await until(lambda: jwks.counts.fetched)
        await until(lambda: (tmp_path / FILE_NAME).read_bytes() != text)

    assert await knows(tmp_path, clock)


async def test_a_disk_that_takes_nothing_is_told_of_and_no_matter(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    gone = tmp_path / "gone"
    with caplog.at_level(logging.WARNING, "seans.auth"):
        async with Jwks(answers, clock, KeptKeys(gone, URL, clock)) as jwks:
            assert await jwks.candidates("ES256", "old")
            await until(lambda: caplog.records)

    assert "can't be kept: No such file" in caplog.text


class HangingDisk(KeptKeys):
    """A disk that takes nothing until it is back."""

    is_back = threading.Event()

    def write(self, text: bytes) -> None:
        self.is_back.wait(30.0)


async def test_a_disk_that_hangs_keeps_no_later_fetch_from_beginning(
    tmp_path: Path,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("streamer.auth.jwks.KEEP_TIMEOUT_S", 0.02)
    async with Jwks(answers, clock, HangingDisk(tmp_path, URL, clock)) as jwks:
        await until(lambda: caplog.records)
        clock.advance(300.0)
        await until(lambda: jwks.counts.fetched == 2)
        assert not HangingDisk.is_back.is_set()
        HangingDisk.is_back.set()

    assert "the disk does not answer" in caplog.text


def test_the_same_keys_are_written_once_an_hour(tmp_path: Path, clock: Clock) -> None:
    kept = KeptKeys(tmp_path, URL, clock)
    kept.write(b"{}")
    first = (tmp_path / FILE_NAME).read_bytes()

    clock.advance(3599.0)
    kept.write(b"{}")
    assert (tmp_path / FILE_NAME).read_bytes() == first

    clock.advance(1.0)
    kept.write(b"{}")
    assert (tmp_path / FILE_NAME).read_bytes() != first
    kept.write(b'{"keys": []}')
    assert b"keys" in (tmp_path / FILE_NAME).read_bytes()
