"""Films over HTTP: the checks of a request, and the ordinary handler.

:class:`FilmServer` has what this handler and :mod:`streamer.delivery.fast_path` share.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from sessions.core.errors import UnknownTitle
from streamer.delivery.access_log import AccessLog
from streamer.delivery.film_files import Busy, LookUp, OpenFilm, OpenFilms, ServedFile
from streamer.delivery.host_names import HostNames
from streamer.delivery.message_fields import OWN_FIELDS
from streamer.delivery.multipart import lay_out
from streamer.delivery.ranges import ByteRange, Decision, decide
from streamer.delivery.signatures import SignatureError, Signer
from streamer.problem import problem_document

__all__ = ["ALLOWED_METHODS", "Counters", "FilmServer", "origin_form"]

ALLOWED_METHODS = "GET, HEAD, OPTIONS"
"""The methods of ``/media/{id}/file``."""

_WORDS = {
    "bad_signature": (
        "This address of a film is not valid",
        "The address was not made here, or was changed since.",
    ),
    "film_unavailable": ("The film is not available", "It cannot be opened just now."),
    "method_not_allowed": (
        "This address does not know that method",
        "A film can be read only.",
    ),
    "precondition_failed": (
        "The film is another version",
        "The film is not the version that the request asks for.",
    ),
    "range_not_satisfiable": (
        "The film has no such range",
        "None of the ranges lies within the film.",
    ),
    "unknown_title": (UnknownTitle.title, "There is no such film."),
    "url_expired": (
        "This address of a film has expired",
        "The address was good and has expired: ask for the film's sources again.",
    ),
}
"""Title and detail of each refusal, by its code."""

# Bytes of a film in memory at a time, for each ordinary response.
_CHUNK = 128 * 1024
_CACHING = "private, no-transform, max-age=3600"


@dataclass(slots=True)
class Counters:
    """Counters of the film server since its start, for ``/metrics``."""

    fast: int = 0
    """Responses of the fast path."""

    ordinary: int = 0
    """Responses of the ordinary handler, including refusals."""

    sent: int = 0
    """Bytes of content given to connections."""

    aborted: int = 0
    """Responses that were cut short: the peer left, stopped reading, or the file changed."""

    stalled: int = 0
    """Of these, responses whose peer took nothing for too long."""

    changed: int = 0
    """Of these, responses whose file changed meanwhile."""

    head_timeouts: int = 0
    """Connections closed because a request's head did not arrive in time."""

    evicted: int = 0
    """Quiet connections closed to make room for others."""

    refused: int = 0
    """New connections closed because there was no room."""

    fallbacks: int = 0
    """How often the fast path was disabled because aiohttp was not as expected."""


class FilmServer:
    """Answers requests for ``/media/{id}/file``."""

    def __init__(
        self,
        look_up: LookUp,
        signer: Signer,
        *,
        clock: Callable[[], float],
        access_log: AccessLog,
        fast_path: bool = True,
        headers: Callable[[str], Mapping[str, str]] = lambda _host: {},
        stall_timeout: float = 60.0,
        most_descriptors: int = 256,
        host_names: HostNames | None = None,
    ) -> None:
        """Serve what ``look_up`` finds at addresses that ``signer`` has signed.

        ``clock`` gives Unix seconds, ``headers`` further fields for a ``Host``. A peer that
        takes nothing for ``stall_timeout`` s is dropped. The fast path answers to ``host_names``.
        """
        self.look_up = look_up
        self.signer = signer
        self.clock = clock
        self.access_log = access_log
        self.fast_path = fast_path
        self.stall_timeout = stall_timeout
        self.host_names = host_names or HostNames()
        self.films = OpenFilms(most_descriptors)
        self.counters = Counters()
        self._headers = headers

    @property
    def open_descriptors(self) -> int:
        """How many film files are open."""
        return self.films.descriptors

    def fields(self, film: ServedFile, host: str) -> dict[str, str]:
        """Return the header fields of every response with the film's content."""
        described = {"Content-Type": film.content_type, "Cache-Control": _CACHING}
        return {**described, **OWN_FIELDS, **self._headers(host)}

    def open(self, target: str) -> OpenFilm:
        """Open the film of a request target; the caller must release it.

        The signature is verified before anything is opened. Raises
        :class:`~streamer.delivery.signatures.SignatureError`, :class:`FileNotFoundError` where
        there is no such film, and what :meth:`OpenFilms.acquire` raises.
        """
        address = self.signer.verify(target)
        film = self.look_up(address.film_id, address.resource)
        if film is None:
            raise FileNotFoundError(target)
        return self.films.acquire(film)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the films that no transfer uses."""
        self.films.close()

    async def handler(self, request: web.Request) -> web.StreamResponse:
        """Answer a request with any method: GET and HEAD with the film, others by RFC 9110."""
        self.counters.ordinary += 1
        if request.method == "OPTIONS":
            return web.Response(status=204, headers={"Allow": ALLOWED_METHODS})
        if request.method not in ("GET", "HEAD"):
            return _problem(405, "method_not_allowed", headers=[("Allow", ALLOWED_METHODS)])
        try:
            opened = self.open(origin_form(request.raw_path))
        except SignatureError as refusal:
            return _problem(403, refusal.code)
        except FileNotFoundError:
            return _problem(404, "unknown_title")
        except (Busy, OSError):
            return _problem(503, "film_unavailable", headers=[("Retry-After", "5")])
        try:
            return await self._answer(request, opened)
        finally:
            self.films.release(opened)

    async def _answer(self, request: web.Request, opened: OpenFilm) -> web.StreamResponse:
        decision = decide(
            request.method,
            _joined_fields(request),
            size=opened.size,
            etag=opened.etag,
            modified=opened.modified,
            now=self.clock(),
        )
        if decision.status == 412:
            return _problem(412, "precondition_failed", headers=decision.headers)
        if decision.status == 416:
            return _problem(416, "range_not_satisfiable", headers=decision.headers)
        fields = self.fields(opened.film, request.host) | dict(decision.headers)
        response = web.StreamResponse(status=decision.status, headers=fields)
        if decision.status == 304:
            # RFC 9110 section 15.4.5: a 304 describes no content.
            del response.headers["Content-Type"]
            await response.prepare(request)
            return response
        await self._send(request, response, opened, decision)
        return response

    async def _send(
        self,
        request: web.Request,
        response: web.StreamResponse,
        opened: OpenFilm,
        decision: Decision,
    ) -> None:
        pieces: list[bytes | ByteRange] = list(decision.ranges)
        if len(decision.ranges) > 1:
            body = lay_out(
                decision.ranges,
                size=opened.size,
                etag=opened.etag,
                content_type=opened.film.content_type,
            )
            response.headers["Content-Type"] = body.content_type
            response.content_length = body.length
            pieces = [piece for part in body.parts for piece in (part.head, part.content)]
            pieces.append(body.tail)
        try:
            await response.prepare(request)
            for piece in pieces if request.method == "GET" else ():
                if isinstance(piece, bytes):
                    await self._write(response, piece)
                else:
                    await self._copy(response, opened, piece)
        except _FilmHasChanged:
            self._abort(request)
        except TimeoutError:
            self.counters.stalled += 1
            self._abort(request)
        except ConnectionError:
            self.counters.aborted += 1
        except asyncio.CancelledError:
            self.counters.aborted += 1
            raise

    async def _copy(self, response: web.StreamResponse, opened: OpenFilm, piece: ByteRange) -> None:
        offset = piece.start
        while offset < piece.stop:
            wanted = min(_CHUNK, piece.stop - offset)
            # In a thread, because a slow disk would block the event loop; pread, because the
            # descriptor is shared.
            chunk = await asyncio.to_thread(os.pread, opened.descriptor, wanted, offset)
            # Do not continue with bytes of another version (RFC 9110 section 13.1.5).
            if not chunk or not opened.unchanged():
                self.counters.changed += 1
                raise _FilmHasChanged
            await self._write(response, chunk)
            self.counters.sent += len(chunk)
            offset += len(chunk)

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        async with asyncio.timeout(self.stall_timeout):
            await response.write(data)

    def _abort(self, request: web.Request) -> None:
        self.counters.aborted += 1
        if request.transport is not None:
            # The status is sent already; only a reset shows that the response is incomplete.
            request.transport.abort()


class _FilmHasChanged(Exception):
    """The film has changed since its response began."""


def origin_form(target: str) -> str:
    """Return a request target as path and query, also if it came in absolute form."""
    scheme, separator, rest = target.partition("://")
    if separator and scheme.lower() in ("http", "https"):
        _, slash, path = rest.partition("/")
        return slash + path
    return target


def _joined_fields(request: web.Request) -> dict[str, str]:
    """Return the fields by lower-case name; several lines are joined (RFC 9110 section 5.3)."""
    joined: dict[str, str] = {}
    for name, value in request.headers.items():
        name = name.lower()
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _problem(status: int, code: str, *, headers: Iterable[tuple[str, str]] = ()) -> web.Response:
    title, detail = _WORDS[code]
    return problem_document(status, code, title, detail, headers=[*OWN_FIELDS.items(), *headers])
