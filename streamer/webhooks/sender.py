"""Sends webhooks to one receiver, beside everything else: nobody waits for it.

One task takes what is due from a bounded outbox. A receiver that is slow, or away, fills that; then
what comes is dropped and counted.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

import aiohttp

from sessions.background import log_failure
from sessions.core.show_events import ShowEvent
from streamer import __version__
from streamer.webhooks.outbox import Message, Outbox, read_kept, write_kept
from streamer.webhooks.payloads import body_of, id_of
from streamer.webhooks.retries import RETRY_DELAYS_S, delay_after
from streamer.webhooks.signing import signature

__all__ = ["Dropped", "Receiver", "WebhookCounts", "WebhookSender"]

logger = logging.getLogger("seans.webhooks")

Dropped = Literal["overflow", "exhausted", "gone", "failed"]
"""Why a webhook is not sent: the outbox is full, all attempts failed, the receiver wants no more
(410), or something here is broken."""

MAX_WAITING = 1000
"""Webhooks that may wait or be on their way."""

MAX_IN_FLIGHT = 4
"""Webhooks on their way at the same time."""

MAX_ANSWER_WAIT_S = 15.0
"""How long a receiver may take, from connecting to its answer's head, seconds."""

MAX_FLUSH_S = 1.0
"""How long the server's end waits for what is due then, seconds."""

FILE_NAME = "webhooks.json"
"""Name of the file in the data folder that keeps what was not taken when the server ended."""

GONE = 410


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where webhooks go."""

    url: str = field(repr=False)
    """Its address, which may hold a token of its own."""

    secret: bytes = field(repr=False)
    """What they are signed with."""

    @property
    def host(self) -> str:
        """Return what may be logged of the address."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why an attempt failed."""

    reason: str
    """In words, without the address."""

    retry_after: float = 0.0
    """How long the receiver wants to be let alone, seconds."""

    gone: bool = False
    """Whether it wants no more webhooks at all."""


@dataclass(slots=True)
class WebhookCounts:
    """Counters since the start, for the metrics."""

    delivered: int = 0
    """Webhooks that the receiver took."""

    failures: int = 0
    """Attempts that failed."""

    dropped: dict[Dropped, int] = field(
        default_factory=lambda: {"overflow": 0, "exhausted": 0, "gone": 0, "failed": 0}
    )
    """Webhooks that are not sent any more, by why."""


class WebhookSender:
    """The outbox and the task that empties it."""

    def __init__(
        self,
        receiver: Receiver,
        wall: Callable[[], float],
        folder: Path,
        *,
        delays: Sequence[float] = RETRY_DELAYS_S,
        answer_wait: float = MAX_ANSWER_WAIT_S,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        """Sign with times of the ``wall`` clock; keep in ``folder`` what is left at the end."""
        self.counts = WebhookCounts()
        self._receiver = receiver
        self._wall = wall
        self._kept = folder / FILE_NAME
        self._delays = delays
        self._answer_wait = answer_wait
        self._max_waiting = max_waiting
        self._outbox = Outbox()
        self._in_flight: set[Message] = set()
        self._changed = asyncio.Event()
        self._attempted = asyncio.Event()
        self._slots = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._full = False
        self._gone = False
        self._http: aiohttp.ClientSession | None = None
        self._sending: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Return how many webhooks wait or are on their way."""
        return len(self._outbox) + len(self._in_flight)

    def tell(self, event: ShowEvent) -> None:
        """Send a webhook of ``event`` soon; nothing is waited for, and nothing raised."""
        if self._gone:
            self.counts.dropped["gone"] += 1
        elif self.waiting >= self._max_waiting:
            self.counts.dropped["overflow"] += 1
            if not self._full:
                logger.warning("webhooks are dropped: %d wait already", self.waiting)
            self._full = True
        else:
            self._full = False
            try:
                self._put(Message(id_of(event), event.type, body_of(event).decode()), 0.0)
            except Exception:
                # Whoever tells of it has done it already, and answers for it next.
                self.counts.dropped["failed"] += 1
                logger.exception("%s is not told", event.type)

    async def __aenter__(self) -> Self:
        try:
            for message in await asyncio.to_thread(read_kept, self._kept):
                self._put(message, 0.0)
        except (OSError, ValueError) as error:
            logger.warning("the webhooks kept in %s can't be read: %s", self._kept, error)
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._answer_wait),
            connector=aiohttp.TCPConnector(limit=MAX_IN_FLIGHT),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": f"seans/{__version__}", "Content-Type": "application/json"},
        )
        self._sending = asyncio.create_task(self._send(self._http))
        log_failure(self._sending, logger, "sending webhooks")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._sending is None or self._http is None:
            return
        try:
            async with asyncio.timeout(MAX_FLUSH_S):
                await self._settle()
        except TimeoutError:
            logger.info("webhooks left for the next start: %d", self.waiting)
        self._sending.cancel()
        await asyncio.gather(self._sending, return_exceptions=True)
        await self._http.close()
        await self._keep([*self._in_flight, *self._outbox.take_all()])

    async def _settle(self) -> None:
        """Wait until nothing is on its way and nothing is due now."""
        while self._in_flight or self._is_due():
            self._attempted.clear()
            await self._attempted.wait()

    def _is_due(self) -> bool:
        at = self._outbox.next_at()
        return at is not None and at <= asyncio.get_running_loop().time()

    async def _keep(self, messages: Sequence[Message]) -> None:
        if not messages or self._gone:
            return
        try:
            await asyncio.to_thread(write_kept, self._kept, messages)
        except OSError as error:
            logger.warning("webhooks are lost, %d: %s", len(messages), error.strerror)

    async def _send(self, http: aiohttp.ClientSession) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                await self._slots.acquire()
                message = await self._next()
                group.create_task(self._attempt(http, message))

    async def _next(self) -> Message:
        """Return the next message once it is due."""
        loop = asyncio.get_running_loop()
        while True:
            at, now = self._outbox.next_at(), loop.time()
            if at is not None and at <= now:
                message = self._outbox.take()
                self._in_flight.add(message)
                return message
            self._changed.clear()
            try:
                async with asyncio.timeout(None if at is None else at - now):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _attempt(self, http: aiohttp.ClientSession, message: Message) -> None:
        try:
            failure = await self._post(http, message)
            self._in_flight.discard(message)
            self._judge(message, failure)
        except Exception:
            # Raising would end the TaskGroup, and with it all sending.
            self._in_flight.discard(message)
            self.counts.dropped["failed"] += 1
            logger.exception("webhook %s (%s) is dropped", message.id, message.type)
        finally:
            self._slots.release()
            self._attempted.set()

    async def _post(self, http: aiohttp.ClientSession, message: Message) -> _Failure | None:
        """Send a message once; return why it was not taken. A redirect is not followed."""
        now, body = int(self._wall()), message.body.encode()
        headers = {
            "webhook-id": message.id,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(self._receiver.secret, message.id, now, body),
        }
        try:
            async with http.post(
                self._receiver.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                # Its body is not read, however long it is.
                status, wanted = answer.status, answer.headers.get("Retry-After", "")
        except TimeoutError:
            return _Failure(f"no answer within {self._answer_wait:g} s")
        except (aiohttp.ClientError, OSError) as error:
            # Its text may hold the address.
            return _Failure(type(error).__name__)
        if 200 <= status < 300:
            return None
        seconds = float(wanted) if wanted.isdecimal() and len(wanted) < 9 else 0.0
        return _Failure(f"answered {status}", seconds, gone=status == GONE)

    def _judge(self, message: Message, failure: _Failure | None) -> None:
        """Count an attempt, and have the message sent again where it failed."""
        if failure is None:
            self.counts.delivered += 1
            return None
        self.counts.failures += 1
        if failure.gone:
            return self._stop(message)
        failures = message.failures + 1
        delay = delay_after(failures, self._delays, failure.retry_after, random.random())  # noqa: S311
        words = f"webhook {message.id} ({message.type}) to {self._receiver.host}: {failure.reason}"
        if delay is None:
            self.counts.dropped["exhausted"] += 1
            logger.error("%s; given up after %d attempts", words, failures)
            return None
        logger.warning("%s; sent again in %.0f s", words, delay)
        again = Message(message.id, message.type, message.body, failures)
        self._put(again, asyncio.get_running_loop().time() + delay)
        return None

    def _stop(self, message: Message) -> None:
        """Send nothing more until the next start: the receiver wants no webhooks (410)."""
        self._gone = True
        self.counts.dropped["gone"] += 1 + len(self._outbox.take_all())
        logger.error(
            "%s wants no webhooks any more (410, to %s): none is sent until the next start",
            self._receiver.host,
            message.type,
        )

    def _put(self, message: Message, at: float) -> None:
        self._outbox.put(message, at)
        self._changed.set()
