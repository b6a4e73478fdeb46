"""The relay of the tests carries what two peers send each other, for who knows the password."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import socket
from pathlib import Path

import aioice
from aioice import stun

from harness.webrtc.turn import Relay, turn_relay

EXPIRES = 2_000_000_000
UDP = 17 << 24


def through(relay: Relay, username: str, password: str) -> aioice.Connection:
    """A peer that reaches others by the relay alone."""
    return aioice.Connection(
        ice_controlling=True,
        turn_server=(relay.host, relay.port),
        turn_username=username,
        turn_password=password,
        transport_policy=aioice.TransportPolicy.RELAY,
    )


async def carries(one: aioice.Connection) -> bytes:
    """Connect a peer to another that has no relay; return what came there."""
    other = aioice.Connection(ice_controlling=False)
    await asyncio.gather(one.gather_candidates(), other.gather_candidates())
    assert {candidate.type for candidate in one.local_candidates} == {"relay"}
    for peer, remote in ((one, other), (other, one)):
        for candidate in remote.local_candidates:
            await peer.add_remote_candidate(candidate)
        await peer.add_remote_candidate(None)
        peer.remote_username, peer.remote_password = remote.local_username, remote.local_password
    try:
        await asyncio.gather(one.connect(), other.connect())
        await one.send(b"by the relay")
        return await other.recv()
    finally:
        await asyncio.gather(one.close(), other.close())


async def test_two_peers_reach_each_other_by_the_relay_alone(tmp_path: Path) -> None:
    async with turn_relay(tmp_path) as relay, asyncio.timeout(20):
        assert await carries(through(relay, relay.username, relay.password)) == b"by the relay"
        assert relay.allocations() == 1


async def test_a_password_made_from_the_secret_is_taken(tmp_path: Path) -> None:
    async with turn_relay(tmp_path, secret="shared") as relay, asyncio.timeout(20):
        username = f"{EXPIRES}:somebody"
        digest = hmac.digest(b"shared", username.encode(), hashlib.sha1)
        password = base64.b64encode(digest).decode()

        assert await carries(through(relay, username, password)) == b"by the relay"


class Asking:
    """A socket that asks the relay, which ties a nonce to it."""

    def __init__(self, relay: Relay) -> None:
        self._peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._peer.settimeout(5.0)
        self._peer.connect((relay.host, relay.port))

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, *_: object) -> None:
        self._peer.close()

    def ask(self, request: stun.Message) -> stun.Message:
        self._peer.send(bytes(request))
        return stun.parse_message(self._peer.recv(2048))


async def test_who_does_not_know_the_password_gets_no_address(tmp_path: Path) -> None:
    async with turn_relay(tmp_path) as relay:
        with Asking(relay) as stranger:
            request = stun.Message(stun.Method.ALLOCATE, stun.Class.REQUEST)
            request.attributes["REQUESTED-TRANSPORT"] = UDP
            first = stranger.ask(request)
            realm, nonce = first.attributes["REALM"], first.attributes["NONCE"]
            request.attributes |= {"USERNAME": relay.username, "REALM": realm, "NONCE": nonce}
            request.add_message_integrity(hashlib.md5(b"wrong", usedforsecurity=False).digest())

            assert stranger.ask(request).error_code == 401
            assert relay.allocations() == 0
