"""The key set of an outside Auth service, fetched in the background and kept while it is away.

A request waits for a fetch only where its token names a key that is not known yet, and only for a
moment. However many such tokens come, there is one fetch at a time and one in MIN_INTERVAL_S.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import aiohttp

from sessions.background import log_failure
from sessions.core.errors import AuthUnavailable
from sessions.services.verification_keys import (
    Algorithm,
    BadKeys,
    KeySet,
    VerificationKey,
    keys_of_jwks,
)
from streamer.auth.kept_keys import KeptKeys

__all__ = ["Counts", "FetchFailed", "Jwks", "fetcher"]

logger = logging.getLogger("seans.auth")

REFRESH_S = 300.0
"""How old a key set gets before it is fetched again, seconds: so long a key that was taken back
still counts."""

MIN_INTERVAL_S = 30.0
"""How long after an unknown key has caused a fetch no other does, seconds."""

RETRY_S = 10.0
"""How long after a failed fetch began it is tried again, seconds."""

TICK_S = 1.0
"""How often it is looked whether a fetch is due, seconds."""

MAX_WAIT_S = 3.0
"""How long a request waits for a fetch, seconds."""

MAX_WAITING = 64
"""Most requests that wait for a fetch; others are answered by the keys that are known."""

FETCH_TIMEOUT_S = 5.0
"""How long a fetch may take, seconds."""

KEEP_TIMEOUT_S = 2.0
"""How long a key set may take to be written to disk, seconds."""

MAX_SIZE = 256 * 1024
"""Longest key set, bytes."""

Fetch = Callable[[], Awaitable[bytes]]
"""Returns the text of a key set; raises FetchFailed."""


class FetchFailed(Exception):
    """Why a key set could not be had, in words."""


@dataclass(slots=True)
class Counts:
    """What was fetched since the start."""

    fetched: int = 0
    """Key sets that could be used."""

    failed: int = 0
    """Fetches that gave none."""

    unusable: int = 0
    """Keys of the newest set that are none for signatures of passports."""


class Jwks:
    """The keys behind a JWKS address: a KeySource that keeps itself fresh."""

    def __init__(
        self, fetch: Fetch, clock: Callable[[], float], kept: KeptKeys | None = None
    ) -> None:
        """Have key sets from ``fetch``; ``kept`` holds the last good one over a restart.

        ``clock`` gives seconds.
        """
        self.counts = Counts()
        self._kept = kept
        self._fetch = fetch
        self._clock = clock
        self._keys: KeySet | None = None
        self._fresh_at = float("-inf")
        self._began_at = float("-inf")
        self._looked_at = float("-inf")
        self._failing = False
        self._flight: asyncio.Task[None] | None = None
        self._waiting = 0
        self._ticking: asyncio.Task[None] | None = None

    @property
    def size(self) -> int:
        """How many keys are known."""
        return 0 if self._keys is None else self._keys.size

    @property
    def age(self) -> float:
        """How long ago the key set was last had, seconds; infinite: never."""
        return self._clock() - self._fresh_at

    async def __aenter__(self) -> Self:
        await self._recall()
        self._ticking = asyncio.create_task(self._tick_forever())
        log_failure(self._ticking, logger, "keeping the Auth service's keys fresh")
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [task for task in (self._ticking, self._flight) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def candidates(self, algorithm: Algorithm, kid: str | None) -> Sequence[VerificationKey]:
        """Return the keys that a token may be of.

        Where it names one that is not known, a fetch begins if none did lately, and is waited for.
        Raises AuthUnavailable where no keys are known at all.
        """
        found = self._known(algorithm, kid)
        if not found and self._may_be_new(kid) and self._waiting < MAX_WAITING:
            self._look_for_unknown()
            await self._wait()
            found = self._known(algorithm, kid)
        if self._keys is None:
            raise AuthUnavailable
        return found

    def tick(self) -> None:
        """Begin a fetch where one is due."""
        if self.age >= REFRESH_S and self._clock() - self._began_at >= RETRY_S:
            self._begin()

    def _known(self, algorithm: Algorithm, kid: str | None) -> Sequence[VerificationKey]:
        return () if self._keys is None else self._keys.of(algorithm, kid)

    def _may_be_new(self, kid: str | None) -> bool:
        """Tell whether a fetch may bring a key that a token names and nobody knows."""
        return self._keys is None or (kid is not None and not self._keys.knows(kid))

    def _look_for_unknown(self) -> None:
        """Begin a fetch for a key that is not known, unless that was done lately."""
        now = self._clock()
        if self._keys is None:
            if now - self._began_at >= RETRY_S:
                self._begin()
        elif self._flight is None and now - self._looked_at >= MIN_INTERVAL_S:
            self._looked_at = now
            self._begin()

    def _begin(self) -> None:
        """Begin a fetch, unless one is in flight."""
        if self._flight is None:
            self._began_at = self._clock()
            self._flight = asyncio.create_task(self._refresh())
            log_failure(self._flight, logger, "fetching the Auth service's keys")
            self._flight.add_done_callback(self._landed)

    def _landed(self, _flight: asyncio.Task[None]) -> None:
        self._flight = None

    async def _wait(self) -> None:
        """Wait for the fetch that is in flight, if there is one."""
        if self._flight is None:
            return
        self._waiting += 1
        try:
            # Not cancelled with who waits: others wait for it too.
            await asyncio.wait([self._flight], timeout=MAX_WAIT_S)
        finally:
            self._waiting -= 1

    async def _refresh(self) -> None:
        try:
            text = await self._fetch()
            keys, unusable = keys_of_jwks(text)
        except (FetchFailed, BadKeys) as error:
            self.counts.failed += 1
            # Once, not every few seconds while the service is away.
            if not self._failing:
                self._failing = True
                kept = "the known ones are kept" if self.size else "and none are known"
                logger.warning("The Auth service's keys can't be had, %s: %s", kept, error)
            return
        if self._failing or self._keys is None:
            logger.info("The Auth service's keys are here: %d", keys.size)
        if unusable and unusable != self.counts.unusable:
            # Services publish keys for encryption beside those for signatures.
            logger.info("Keys of the Auth service that are not for passports: %d", unusable)
        self._failing = False
        self._keys, self._fresh_at = keys, self._clock()
        self.counts.fetched += 1
        self.counts.unusable = unusable
        await self._keep(text)

    async def _recall(self) -> None:
        """Have the keys of an earlier run until a fetch brings newer ones."""
        if self._kept is None:
            return
        try:
            text = await asyncio.to_thread(self._kept.read)
            if text is not None:
                self._keys, _ = keys_of_jwks(text)
        except (OSError, BadKeys) as error:
            logger.warning("The kept keys of the Auth service can't be read: %s", error)

    async def _keep(self, text: bytes) -> None:
        if self._kept is None:
            return
        try:
            # A disk that hangs must not keep later fetches from beginning.
            async with asyncio.timeout(KEEP_TIMEOUT_S):
                await asyncio.to_thread(self._kept.write, text)
        except OSError as error:
            words = error.strerror or "the disk does not answer"
            logger.warning("The Auth service's keys can't be kept: %s", words)

    async def _tick_forever(self) -> None:
        while True:
            self.tick()
            await asyncio.sleep(TICK_S)


def fetcher(session: aiohttp.ClientSession, url: str) -> Fetch:
    """Return what fetches the key set at ``url`` by ``session``.

    No redirect is followed: the keys are of the address that was set, and of no other.
    """
    host = urlsplit(url).hostname
    timeout = aiohttp.ClientTimeout(total=FETCH_TIMEOUT_S)
    headers = {
        "Accept": "application/jwk-set+json, application/json",
        "Accept-Encoding": "identity",
    }

    async def fetch() -> bytes:
        try:
            async with session.get(
                url, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                if answer.status != 200:
                    raise FetchFailed(f"{host} answers {answer.status}")
                return await _bounded(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            words = str(error) or type(error).__name__
            raise FetchFailed(f"{host} can't be asked: {words}") from error

    return fetch


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    text = bytearray()
    async for chunk in answer.content.iter_any():
        text += chunk
        if len(text) > MAX_SIZE:
            raise FetchFailed(f"the key set has more than {MAX_SIZE} bytes")
    return bytes(text)
