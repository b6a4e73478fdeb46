"""STUN of one viewer over the shared UDP port: takes the place of aioice's sockets.

Used of aioice: ``StunProtocol`` is subclassed, with its ``receiver`` and ``transactions``.
"""

from __future__ import annotations

import logging
import socket
from typing import Any, cast

from aioice.candidate import Candidate as IceCandidate
from aioice.ice import Connection, StunProtocol
from aioice.stun import Class, Message, TransactionFailed, TransactionTimeout, parse_message

from streamer.webrtc.udp_port import Address, UdpPort

__all__ = ["SharedProtocol"]

logger = logging.getLogger("seans.webrtc")

MAX_CONFLICTS = 4
"""Answers of one viewer that ask us to change the ICE role; one is enough in earnest."""

_ROLE_CONFLICT = 487


class SharedProtocol(StunProtocol):
    """One for each address family of the UDP port."""

    def __init__(self, receiver: Connection, port: UdpPort, family: socket.AddressFamily) -> None:
        super().__init__(receiver)
        self._port = port
        self._conflicts = 0
        self._unanswered: dict[Address, Message] = {}
        host = "0.0.0.0" if family == socket.AF_INET else "::"  # noqa: S104 - only a name
        self.local_candidate = IceCandidate(
            foundation=str(int(family)),
            component=1,
            transport="udp",
            priority=(126 << 24) + (int(family == socket.AF_INET6) << 8) + 255,
            host=host,
            port=port.port,
            type="host",
        )

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        """Take a check, or the answer to one of ours.

        aioice would queue for DTLS, without a bound, what it cannot read.
        """
        try:
            message = parse_message(cast("bytes", data))
            transaction = self.transactions.get(message.transaction_id)
            if message.message_class is Class.REQUEST:
                self.receiver.request_received(message, addr[:2], self)
            elif transaction is not None and message.message_class is not Class.INDICATION:
                transaction.response_received(message, addr[:2])
        except Exception as error:
            # It takes for granted what an authentic check has to carry, such as PRIORITY.
            logger.debug("a STUN message was dropped: %r", error)

    async def close(self) -> None:
        """Do nothing: the port goes on."""

    async def send_data(self, data: bytes, addr: tuple[str, int]) -> None:
        """Send DTLS."""
        self._port.send(data, addr)

    def send_stun(self, message: Message, addr: tuple[str, int]) -> None:
        """Send a check, or the answer to one; then our own check once more, if it is unanswered.

        It may be lost. aioice would wait for half a second (RFC 8445 section 7.3.1.4).
        """
        self._port.send(bytes(message), addr)
        if message.message_class is Class.RESPONSE and addr in self._unanswered:
            self._port.send(bytes(self._unanswered[addr]), addr)

    async def request(
        self,
        request: Message,
        addr: tuple[str, int],
        integrity_key: bytes | None = None,
        retransmissions: int | None = None,
    ) -> tuple[Message, tuple[str, int]]:
        """Send a check and wait for its answer."""
        forget = self._port.expect_answer(request.transaction_id, self.datagram_received)
        self._unanswered[addr] = request
        try:
            return await super().request(request, addr, integrity_key, retransmissions)
        except TransactionFailed as failed:
            # aioice changes its role and asks again, for as long as a viewer says that it should.
            self._conflicts += failed.response.error_code == _ROLE_CONFLICT
            if self._conflicts > MAX_CONFLICTS:
                raise TransactionTimeout from failed
            raise
        finally:
            forget()
            if self._unanswered.get(addr) is request:
                del self._unanswered[addr]
