"""Where answers say that viewers may reach us."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import AsyncIterator
from typing import cast

import pytest
from aioice.stun import Class, Message, Method, parse_message

from harness.rooms import until
from streamer.webrtc.local_addresses import LOOK_EVERY_S, LocalAddresses, machine_addresses
from streamer.webrtc.udp_port import UdpPort


class StunServer(asyncio.DatagramProtocol):
    """Answers where a request seems to come from."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self.asked = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = parse_message(data)
        self.asked += 1
        answer = Message(Method.BINDING, Class.RESPONSE, request.transaction_id)
        answer.attributes["XOR-MAPPED-ADDRESS"] = ("203.0.113.9", 4711)
        self.transport.sendto(bytes(answer), addr)


@pytest.fixture
async def port() -> AsyncIterator[UdpPort]:
    async with UdpPort(0, time.time, ("127.0.0.1", "")) as opened:
        yield opened


@pytest.fixture
async def stun_server() -> AsyncIterator[StunServer]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(StunServer, local_addr=("127.0.0.1", 0))
    yield server
    transport.close()


def test_this_machine_has_an_address() -> None:
    found = [ipaddress.ip_address(host) for host in machine_addresses()]

    assert found
    assert not any(address.is_link_local and address.version == 6 for address in found)


async def test_announced_addresses_come_first(port: UdpPort) -> None:
    addresses = LocalAddresses(
        port, lambda: 0.0, announced=["203.0.113.7"], machine=lambda: ["192.0.2.1", "fd00::1"]
    )

    found = addresses.candidates()

    assert [each.host for each in found] == ["203.0.113.7", "192.0.2.1"]
    assert {each.port for each in found} == {port.port}
    assert [each.priority for each in found] == sorted(
        (each.priority for each in found), reverse=True
    )


async def test_the_machine_s_addresses_are_looked_up_now_and_then(port: UdpPort) -> None:
    now, hosts = [100.0], ["192.0.2.1"]
    addresses = LocalAddresses(port, lambda: now[0], machine=lambda: list(hosts))
    addresses.candidates()
    hosts[:] = ["192.0.2.2"]

    assert [each.host for each in addresses.candidates()] == ["192.0.2.1"]
    now[0] += LOOK_EVERY_S
    assert [each.host for each in addresses.candidates()] == ["192.0.2.2"]


async def test_a_stun_server_tells_the_outside_address(
    port: UdpPort, stun_server: StunServer
) -> None:
    server = stun_server.transport.get_extra_info("sockname")[:2]
    addresses = LocalAddresses(port, lambda: 0.0, stun_servers=[server], machine=list)
    asking = asyncio.create_task(addresses.keep_mapping())

    await until(addresses.candidates)
    asking.cancel()

    (found,) = addresses.candidates()
    assert (found.host, found.port, found.kind) == ("203.0.113.9", 4711, "srflx")


async def test_a_stun_server_that_is_not_there_is_passed_over(
    port: UdpPort, stun_server: StunServer
) -> None:
    server = stun_server.transport.get_extra_info("sockname")[:2]
    absent = ("no-such-name.invalid", 3478)
    addresses = LocalAddresses(port, lambda: 0.0, stun_servers=[absent, server], machine=list)
    asking = asyncio.create_task(addresses.keep_mapping())

    await until(addresses.candidates)
    asking.cancel()
    assert stun_server.asked == 1
    assert socket.AF_INET in port.families
