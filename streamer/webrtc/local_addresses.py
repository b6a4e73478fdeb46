"""Where viewers may reach the UDP port: this machine's addresses, announced ones, and by STUN."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable, Sequence

import ifaddr

from streamer.webrtc import stun
from streamer.webrtc.answer import LocalCandidate
from streamer.webrtc.udp_port import Address, UdpPort, family_of

__all__ = ["LocalAddresses", "machine_addresses"]

logger = logging.getLogger("seans.webrtc")

LOOK_EVERY_S = 10.0
"""How long the list of this machine's addresses is used, seconds."""

STUN_EVERY_S = 20.0
"""How often a STUN server is asked, seconds; a router forgets an idle UDP mapping after 30."""

STUN_WITHIN_S = 2.0

_HOST_TYPE, _REFLEXIVE_TYPE = 126, 100
"""Type preferences of RFC 8445 section 5.1.2.2."""


def machine_addresses() -> list[str]:
    """Return the addresses of this machine's interfaces; loopback ones where it has no others."""
    found: list[str] = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            if isinstance(ip.ip, str):
                found.append(ip.ip)
            elif ip.ip[2] == 0:
                # An address with a scope is link-local: browsers do not take it.
                found.append(ip.ip[0])
    outside = [host for host in found if not ipaddress.ip_address(host).is_loopback]
    return outside or found


class LocalAddresses:
    """The candidates that answers carry."""

    def __init__(
        self,
        port: UdpPort,
        clock: Callable[[], float],
        *,
        announced: Sequence[str] = (),
        stun_servers: Sequence[Address] = (),
        machine: Callable[[], list[str]] = machine_addresses,
    ) -> None:
        """``announced``: addresses by which the port is reached from elsewhere."""
        self._port = port
        self._clock = clock
        self._announced = list(announced)
        self._stun_servers = list(stun_servers)
        self._machine = machine
        self._hosts: list[str] = []
        self._looked_at = float("-inf")
        self._reflexive: Address | None = None

    def candidates(self) -> list[LocalCandidate]:
        """Return where we may be reached, the best first."""
        now = self._clock()
        if now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at, self._hosts = now, self._machine()
        usable = list(dict.fromkeys([*self._announced, *filter(self._has_socket, self._hosts)]))
        found = [
            LocalCandidate(host, self._port.port, "host", _priority(_HOST_TYPE, number))
            for number, host in enumerate(usable)
        ]
        if self._reflexive and self._reflexive[0] not in usable:
            related = "0.0.0.0", 0  # noqa: S104 - says nothing, as browsers do
            priority = _priority(_REFLEXIVE_TYPE, 0)
            found.append(LocalCandidate(*self._reflexive, "srflx", priority, related))
        return found

    async def keep_mapping(self) -> None:
        """Ask the STUN servers for our outside address again and again, until cancelled."""
        while self._stun_servers:
            for server in self._stun_servers:
                if found := await self._ask(server):
                    self._reflexive = found
                    break
            await asyncio.sleep(STUN_EVERY_S)

    async def _ask(self, server: Address) -> Address | None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(STUN_WITHIN_S):
                resolved = await loop.getaddrinfo(*server, family=socket.AF_INET)
                address: Address = resolved[0][4][:2]  # type: ignore[assignment]
                answer: asyncio.Future[bytes] = loop.create_future()
                request, transaction = stun.binding_request()

                def received(data: bytes, _: Address) -> None:
                    if not answer.done():
                        answer.set_result(data)

                forget = self._port.expect_answer(transaction, received)
                try:
                    self._port.send(request, address)
                    return stun.mapped_address(await answer)
                finally:
                    forget()
        except (OSError, TimeoutError, UnicodeError) as error:
            # The last where the name cannot be one ("stun..example").
            logger.info("the STUN server %s gave no answer: %r", server[0], error)
            return None

    def _has_socket(self, host: str) -> bool:
        return family_of(host) in self._port.families


def _priority(kind: int, number: int) -> int:
    """Return a candidate's priority (RFC 8445 section 5.1.2.1); lower numbers come first."""
    return (kind << 24) + (65535 - number << 8) + 255
