"""What a viewer can answer to our connectivity checks, other than what ICE expects."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from aioice import stun

from harness.rooms import until
from harness.webrtc.sdp import LocalPeer, offer
from streamer.webrtc.peer import Peer
from streamer.webrtc.shared_protocol import MAX_CONFLICTS
from tests.webrtc.conftest import LiveRoom

PASSWORD = "p" * 22
FINGERPRINT = ":".join(["AA"] * 32)

Answers = Callable[[stun.Message], Iterable[bytes]]


class Answering(asyncio.DatagramProtocol):
    """Answers each check as a test says."""

    def __init__(self, answers: Answers) -> None:
        self.checks = 0
        self.peer: Peer
        self._answers = answers
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.checks += 1
        assert self._transport is not None
        for answer in self._answers(stun.parse_message(data)):
            self._transport.sendto(answer, addr)


@asynccontextmanager
async def answering(room: LiveRoom, answers: Answers) -> AsyncIterator[Answering]:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: Answering(answers), local_addr=("127.0.0.1", 0)
    )
    local = LocalPeer("ufrag", PASSWORD, FINGERPRINT, (transport.get_extra_info("sockname"),))
    protocol.peer = peer = await room.offer(offer(local))
    try:
        yield protocol
    finally:
        peer.end("the viewer left")
        await peer.closed()
        transport.close()


def malformed(check: stun.Message) -> Iterable[bytes]:
    for kind, value in ((0x20, b"abcd"), (0x09, b"abcd"), (0x8029, b"abcd"), (0x24, b"")):
        attribute = struct.pack("!HH", kind, len(value)) + value
        header = struct.pack("!HHI12s", 0x0101, len(attribute), stun.COOKIE, check.transaction_id)
        yield header + attribute


def in_conflict(check: stun.Message) -> Iterable[bytes]:
    message = stun.Message(
        stun.Method.BINDING, stun.Class.ERROR, transaction_id=check.transaction_id
    )
    message.attributes["ERROR-CODE"] = (487, "Role Conflict")
    message.add_message_integrity(PASSWORD.encode())
    yield bytes(message)


async def test_a_malformed_answer_is_dropped(room: LiveRoom) -> None:
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    async with answering(room, malformed) as viewer:
        # It is repeated, so the first was not taken for an answer.
        await until(lambda: viewer.checks >= 2)

        # Nor is it given to DTLS, which does not read yet.
        transport = viewer.peer._transport  # type: ignore[attr-defined]
        assert transport._connection._queue.qsize() == 0
    assert failures == []


async def test_a_conflict_of_roles_has_an_end(room: LiveRoom) -> None:
    async with answering(room, in_conflict) as viewer:
        await until(lambda: viewer.checks > 0)
        await asyncio.sleep(0.3)

        assert viewer.checks <= MAX_CONFLICTS + 1
