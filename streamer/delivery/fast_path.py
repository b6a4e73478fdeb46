"""The fast path: answers plain requests for films without aiohttp.

A connection looks at the data that arrives while aiohttp is idle. If it is one complete plain GET
for a film with at most one range, the connection sends head and film itself, with ``sendfile``.
aiohttp handles everything else. docs/adr/0001-fast-path-for-ranges.md says why.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import Any

from aiohttp import web

from streamer.delivery.access_log import masked
from streamer.delivery.connection import Connection
from streamer.delivery.connection_limit import ConnectionLimiter
from streamer.delivery.film_files import Busy, OpenFilm
from streamer.delivery.prepared_response import PreparedResponse, head_of
from streamer.delivery.ranges import ByteRange, decide
from streamer.delivery.request_head import read_head
from streamer.delivery.serving import FilmServer
from streamer.delivery.signatures import SignatureError
from streamer.delivery.transfer import FilmChanged, StallWatch, Transfer

__all__ = ["FilmConnection"]

# How long a repeated head is not parsed, and its signature not checked, again; seconds.
_PREPARED_FOR_S = 30.0
# SO_LINGER of 0 s: close() sends RST at once and drops the data in the buffer.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class FilmConnection(Connection):
    """A connection that tries the fast path before aiohttp."""

    __slots__ = (
        "_films",
        "_masked_target",
        "_peer",
        "_peer_has_ended",
        "_pending_data",
        "_prepared",
        "_remote",
        "_stalls",
        "_transfer",
        "_transfer_over",
        "_uses_fast_path",
    )

    def __init__(
        self,
        server: web.Server,
        *,
        films: FilmServer,
        stalls: StallWatch,
        limiter: ConnectionLimiter,
        **options: Any,  # noqa: ANN401 - aiohttp's own
    ) -> None:
        """Create a connection; ``stalls`` ends its transfers if the peer is dead."""
        super().__init__(server, limiter=limiter, patience=2 * films.stall_timeout, **options)
        self._films = films
        self._stalls = stalls
        self._uses_fast_path = False
        self._prepared: PreparedResponse | None = None
        self._masked_target = self._remote = "-"
        self._pending_data = b""
        self._peer: socket.socket | None = None
        self._peer_has_ended = False
        self._transfer: Transfer | None = None
        self._transfer_over: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Decide whether the connection can use the fast path; over TLS it cannot."""
        super().connection_made(transport)
        self._uses_fast_path = (
            self._films.fast_path
            # sendfile writes to the socket below TLS, and would send the film unencrypted.
            and transport.get_extra_info("sslcontext") is None
            and transport.get_extra_info("socket") is not None
        )
        name = transport.get_extra_info("peername")
        self._remote = name[0] if isinstance(name, tuple) else "-"

    @property
    def quiet_since(self) -> float | None:
        """Since when there is no current request, the event loop's time; None: there is one."""
        return None if self._transfer is not None else super().quiet_since

    def data_received(self, data: bytes) -> None:
        """Answer a plain request for a film, or pass the data to aiohttp."""
        if self._transfer is not None:
            self._hold_back(data)
        elif not (self._uses_fast_path and self.is_idle() and self._answer(data)):
            self.delegate(data)

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """Answer the requests that came before the peer closed its half."""
        self._peer_has_ended = True
        if self._transfer is not None:
            # The peer may close its half and still read: True keeps our half open.
            return True
        return self.close_after_pending()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Release the film and the socket."""
        if self._transfer is not None:
            self._films.counters.aborted += 1
            self._end_transfer(self._transfer)
        if self._peer is not None:
            self._peer.close()
            self._peer = None
        super().connection_lost(exc)

    async def shutdown(self, timeout: float | None = 15.0) -> None:  # noqa: ASYNC109
        """Wait up to ``timeout`` seconds for a transfer, then close, as aiohttp does."""
        if self._transfer is not None:
            self.close()
            self._transfer_over = self._loop.create_future()
            try:
                async with asyncio.timeout(timeout):
                    await self._transfer_over
            except TimeoutError:
                self._abort()
        await super().shutdown(timeout)

    def end_if_stalled_since(self, limit: float) -> None:
        """Drop a peer that has taken nothing since ``limit``, the event loop's time, seconds."""
        if self._transfer is not None and self._transfer.last_progress < limit:
            self._films.counters.stalled += 1
            self._abort()

    # aiohttp sees no request during a transfer, and would close the connection as idle.
    def _process_keepalive(self) -> None:
        if self._transfer is None:
            super()._process_keepalive()
        else:
            self._keepalive_handle = self._loop.call_later(
                self._keepalive_timeout, self._process_keepalive
            )

    def _answer(self, data: bytes) -> bool:
        """Answer ``data`` if it is a plain request for a film; return whether it is."""
        prepared = self._prepared
        piece = prepared.range_in(data) if prepared is not None else None
        if prepared is None or piece is None:
            return self._answer_unprepared(data)
        films, now = self._films.films, self._films.clock()
        # The address may have expired, and If-Range may be decided differently at a later time.
        if now >= prepared.until:
            return self._answer_unprepared(data)
        try:
            open_film = films.acquire(prepared.open_film.film)
        except (OSError, Busy):
            return False
        if open_film is not prepared.open_film:
            films.release(open_film)
            return self._answer_unprepared(data)
        self._begin(open_film, piece, prepared.head(piece, now), 206)
        return True

    def _answer_unprepared(self, data: bytes) -> bool:
        request = read_head(data)
        if request is None or not self._films.host_names.answers(request.host):
            return False
        open_film = self._open(request.target)
        if open_film is None:
            return False
        films, now = self._films, self._films.clock()
        decision = decide(
            "GET",
            request.fields,
            size=open_film.size,
            etag=open_film.etag,
            modified=open_film.modified,
            now=now,
        )
        # No content, several ranges, or no descriptor left: the ordinary handler answers.
        if len(decision.ranges) != 1 or self._own_socket() is None:
            films.films.release(open_film)
            return False
        fields = films.fields(open_film.film, request.host.decode("ascii"))
        self._prepared = None
        # If the film's modification lies in the future (a clock was set), Last-Modified changes
        # with Date, so the response cannot be prepared.
        if decision.status == 206 and open_film.modified <= now:
            until = min(now + _PREPARED_FOR_S, films.signer.verify(request.target).expires)
            self._prepared = PreparedResponse(request, open_film, decision, fields, until=until)
        self._masked_target = masked(request.target)
        head = head_of(decision, fields, now)
        self._begin(open_film, decision.ranges[0], head, decision.status)
        return True

    def _open(self, target: str) -> OpenFilm | None:
        try:
            return self._films.open(target)
        except (SignatureError, OSError, Busy):
            return None

    def _own_socket(self) -> socket.socket | None:
        """Return the connection's socket with a descriptor of its own; None if none is left.

        The event loop forbids to wait on a transport's descriptor, and once the transport has
        closed it, the same number may belong to another connection.
        """
        if self._peer is None and self.transport is not None:
            descriptor = self.transport.get_extra_info("socket").fileno()
            try:
                self._peer = socket.socket(fileno=os.dup(descriptor))
            except OSError:
                return None
            self.head_arrived()
        return self._peer

    def _begin(self, open_film: OpenFilm, piece: ByteRange, head: bytes, status: int) -> None:
        self.server.requests_count += 1
        self._films.counters.fast += 1
        transfer = Transfer(open_film, piece, head, status=status, began_at=self._loop.time())
        self._transfer = transfer
        self._advance()
        # It may have ended already, because most small ranges fit into the socket's buffer.
        if self._transfer is transfer and self._peer is not None:
            self._loop.add_writer(self._peer.fileno(), self._advance)
            self._stalls.watch(self)

    def _advance(self) -> None:
        transfer, peer = self._transfer, self._peer
        if transfer is None or peer is None:
            return
        try:
            complete = transfer.advance(peer)
        except FilmChanged:
            self._films.counters.changed += 1
            self._abort()
        except OSError:
            self._abort()
        else:
            if complete:
                self._end_transfer(transfer)
                self._take_pending_data()
            else:
                transfer.note_progress(self._loop.time())

    def _end_transfer(self, transfer: Transfer) -> None:
        """Release what the transfer used, and log it."""
        self._transfer = None
        films = self._films
        if self._stalls.forget(self) and self._peer is not None:
            self._loop.remove_writer(self._peer.fileno())
        films.films.release(transfer.open_film)
        films.counters.sent += transfer.sent
        ended = self._loop.time()
        films.access_log.add(
            films.access_log.clock(),
            self._remote,
            "GET",
            self._masked_target,
            transfer.status,
            transfer.written,
            ended - transfer.began_at,
        )
        self._next_keepalive_close_time = ended + self._keepalive_timeout
        if self._transfer_over is not None and not self._transfer_over.done():
            self._transfer_over.set_result(None)

    def _abort(self) -> None:
        """Reset the connection, so that the peer knows that the answer is incomplete."""
        if self._peer is not None:
            self._peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        if self._transfer is not None:
            self._films.counters.aborted += 1
            self._end_transfer(self._transfer)
        if self.transport is not None:
            self.transport.abort()

    def _hold_back(self, data: bytes) -> None:
        """Store data that came during a transfer, and stop reading until it is over."""
        if not self._pending_data and self.transport is not None:
            self.transport.pause_reading()
        self._pending_data += data

    def _take_pending_data(self) -> None:
        """Handle the data that came during the transfer."""
        if self.transport is None:
            return
        if self._close or self._force_close:
            self.transport.close()
            return
        if self._pending_data:
            pending, self._pending_data = self._pending_data, b""
            if not self._peer_has_ended:
                self.transport.resume_reading()
            self.data_received(pending)
        if self._peer_has_ended and self._transfer is None and not self.close_after_pending():
            self.transport.close()
