"""One UDP port for all viewers: its sockets, and to which viewer an incoming datagram belongs.

Media and DTLS are routed by their source address. A STUN request names the receiver's ufrag, and
the answer to a request of ours its transaction. An address is a viewer's only after a request from
there that was made with the viewer's password, so nobody can take another's.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, Self

from streamer.webrtc import stun
from streamer.webrtc.sealing import Run, segmented

__all__ = [
    "Address",
    "CannotBind",
    "Endpoint",
    "Receiver",
    "Route",
    "UdpCounts",
    "UdpPort",
    "family_of",
]

logger = logging.getLogger("seans.webrtc")

Address = tuple[str, int]
"""Host and port of a socket, IPv4 or IPv6."""

BUFFER_BYTES = 4 << 20
"""What the kernel keeps for the sockets in each direction; it may allow less."""

DATAGRAMS_A_TURN = 64
"""Datagrams read before the event loop goes on with other things."""

DATAGRAMS_A_SECOND = 1000
"""Datagrams taken of one viewer in a second; feedback and chat need a hundredth of it."""

MAX_ADDRESSES = 8
"""Source addresses of one viewer; browsers check from each interface."""

_MAX_DATAGRAM = 2048
_PORT_TRIES = 10
_NO_ROOM = (errno.EAGAIN, errno.ENOBUFS)


@dataclass(frozen=True, slots=True)
class Route:
    """The way to an address."""

    socket: socket.socket | None
    """Socket of its family; None where there is none."""

    address: Address
    """The address."""


class CannotBind(Exception):
    """Why no socket could be bound, in one line."""


class Receiver(Protocol):
    """What is behind an endpoint: ICE and DTLS of one viewer."""

    def stun_received(self, data: bytes, address: Address) -> None:
        """Handle a STUN message; must not raise."""
        ...

    def data_received(self, data: bytes) -> None:
        """Handle a DTLS, RTP or RTCP datagram; must not raise."""
        ...


@dataclass(eq=False, slots=True)
class Endpoint:
    """One viewer at the port."""

    ufrag: str
    """ICE username fragment that we gave to this viewer."""

    password: str
    """Password that belongs to it."""

    receiver: Receiver
    """Gets the datagrams."""

    heard_at: float
    """When a datagram of the viewer came last, server time, Unix seconds."""

    addresses: list[Address] = field(default_factory=list)
    """Where its datagrams come from."""

    allowance: int = DATAGRAMS_A_SECOND
    """Datagrams that are still taken in this second."""


@dataclass(slots=True)
class UdpCounts:
    """Counters since the start, for the metrics."""

    sent: int = 0
    """Datagrams sent."""

    dropped: int = 0
    """Datagrams not sent, because the socket's buffer was full."""

    failed: int = 0
    """Datagrams not sent, because the system refused them."""

    plain: int = 0
    """Datagrams sent one by one, because the system can't cut a send (no UDP_SEGMENT)."""

    unknown: int = 0
    """Datagrams of nobody who is known here."""

    excess: int = 0
    """Datagrams beyond what is taken of one viewer."""


class UdpPort:
    """The sockets, IPv4 and IPv6, on one port. An async context manager."""

    def __init__(
        self,
        port: int,
        clock: Callable[[], float],
        hosts: tuple[str, str],
        make_socket: Callable[[socket.AddressFamily], socket.socket] | None = None,
    ) -> None:
        """Bind to ``port`` (0: any that is free) of the addresses ``hosts``: IPv4 and IPv6.

        An empty host: no socket of that family.
        """
        self._make_socket = make_socket or _udp_socket
        self.counts = UdpCounts()
        self.can_segment = True
        """Whether the kernel cuts a send into datagrams; False after it has refused."""
        self.port = port
        self._clock = clock
        self._hosts = hosts
        self._sockets: dict[socket.AddressFamily, socket.socket] = {}
        self._by_address: dict[Address, Endpoint] = {}
        self._by_ufrag: dict[str, Endpoint] = {}
        self._by_transaction: dict[bytes, Callable[[bytes, Address], None]] = {}

    async def __aenter__(self) -> Self:
        """Bind the sockets and read them. Raises CannotBind."""
        self._bind()
        loop = asyncio.get_running_loop()
        for sock in self._sockets.values():
            loop.add_reader(sock.fileno(), self._readable, sock)
        return self

    async def __aexit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        for sock in self._sockets.values():
            loop.remove_reader(sock.fileno())
            sock.close()
        self._sockets.clear()

    @property
    def families(self) -> list[socket.AddressFamily]:
        """The address families that have a socket."""
        return list(self._sockets)

    @property
    def endpoints(self) -> int:
        """How many viewers are registered."""
        return len(self._by_ufrag)

    @property
    def routes(self) -> int:
        """How many source addresses are known."""
        return len(self._by_address)

    def register(self, ufrag: str, password: str, receiver: Receiver) -> Endpoint:
        """Let ``receiver`` have the datagrams of whoever knows ``ufrag`` and ``password``."""
        endpoint = Endpoint(ufrag, password, receiver, self._clock())
        self._by_ufrag[ufrag] = endpoint
        return endpoint

    def unregister(self, endpoint: Endpoint) -> None:
        """Forget an endpoint and its addresses. A second call does nothing."""
        self._by_ufrag.pop(endpoint.ufrag, None)
        for address in endpoint.addresses:
            if self._by_address.get(address) is endpoint:
                del self._by_address[address]
        endpoint.addresses.clear()

    def expect_answer(
        self, transaction: bytes, handle: Callable[[bytes, Address], None]
    ) -> Callable[[], None]:
        """Let ``handle`` have the answer to a STUN request; return what ends the wait for it."""
        self._by_transaction[transaction] = handle

        def forget() -> None:
            self._by_transaction.pop(transaction, None)

        return forget

    def route_to(self, address: Address) -> Route:
        """Return the way to ``address``, for many sends."""
        return Route(self._sockets.get(family_of(address[0])), address)

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        """Send one datagram; return False where it was dropped."""
        return self._send(data, self.route_to(address))

    def send_run(self, run: Run, route: Route) -> bool:
        """Send a run of datagrams by one system call; return False where any was dropped."""
        if run.count == 1 or route.socket is None:
            return self._send(run.data, route)
        if not self.can_segment:
            return self._send_one_by_one(run, route)
        try:
            route.socket.sendmsg((run.data,), run.control, 0, route.address)
        except OSError as error:
            if error.errno in _NO_ROOM:
                self._not_sent(run.count, error)
                return False
            # EINVAL: the datagrams are longer than the path's MTU, or there is no UDP_SEGMENT.
            # EIO: the device computes no checksums.
            return self._send_one_by_one(run, route)
        self.counts.sent += run.count
        return True

    def check_segmentation(self) -> bool:
        """Find out, by a send to itself, whether the kernel knows UDP_SEGMENT (Linux 4.18)."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            probe.settimeout(0.2)
            halves = segmented(memoryview(b"halfhalf"), 4)
            try:
                probe.sendmsg((halves.data,), halves.control, 0, probe.getsockname())
                self.can_segment = probe.recv(16) == b"half"
            except OSError:
                self.can_segment = False
        return self.can_segment

    def renew_allowances(self) -> None:
        """Take datagrams of every viewer again; called once a second."""
        for endpoint in self._by_ufrag.values():
            endpoint.allowance = DATAGRAMS_A_SECOND

    def _bind(self) -> None:
        ipv4, ipv6 = self._hosts
        tries = _PORT_TRIES if self.port == 0 else 1
        while not self._sockets:
            tries -= 1
            try:
                self._bind_both(ipv4, ipv6)
            except OSError as error:
                for sock in self._sockets.values():
                    sock.close()
                self._sockets.clear()
                if tries == 0:
                    reason = f"UDP port {self.port or '(any)'}: {error.strerror}"
                    raise CannotBind(reason) from error

    def _bind_both(self, ipv4: str, ipv6: str) -> None:
        port = self.port
        if ipv4:
            self._sockets[socket.AF_INET] = sock = self._bound(socket.AF_INET, ipv4, port)
            port = sock.getsockname()[1]
        if ipv6 and socket.has_ipv6:
            try:
                self._sockets[socket.AF_INET6] = sock = self._bound(socket.AF_INET6, ipv6, port)
                port = sock.getsockname()[1]
            except OSError as error:
                # A machine may have IPv6 turned off; one that has it may use the port otherwise.
                if error.errno == errno.EADDRINUSE or not ipv4:
                    raise
        self.port = port

    def _bound(self, family: socket.AddressFamily, host: str, port: int) -> socket.socket:
        sock = self._make_socket(family)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((host, port))
        except OSError:
            sock.close()
            raise
        return sock

    def _send(self, data: bytes | memoryview, route: Route) -> bool:
        try:
            if route.socket is None:
                raise OSError(errno.EAFNOSUPPORT, "no socket of that family")
            route.socket.sendto(data, route.address)
        except OSError as error:
            self._not_sent(1, error)
            return False
        self.counts.sent += 1
        return True

    def _send_one_by_one(self, run: Run, route: Route) -> bool:
        whole = True
        for begin in range(0, len(run.data), run.size):
            if self._send(run.data[begin : begin + run.size], route):
                self.counts.plain += 1
            else:
                whole = False
        return whole

    def _not_sent(self, count: int, error: OSError) -> None:
        if error.errno in _NO_ROOM:
            self.counts.dropped += count
        else:
            self.counts.failed += count
            logger.debug("a datagram was not sent: %s", error)

    def _readable(self, sock: socket.socket) -> None:
        for _ in range(DATAGRAMS_A_TURN):
            try:
                data, address = sock.recvfrom(_MAX_DATAGRAM)
            except BlockingIOError:
                return
            except OSError as error:
                logger.debug("reading the UDP port: %s", error)
                return
            if data:
                self._received(data, address[:2])

    def _received(self, data: bytes, address: Address) -> None:
        # The first byte tells the protocols apart (RFC 7983 section 7).
        if data[0] > 3:
            endpoint = self._by_address.get(address)
            if endpoint is None:
                self.counts.unknown += 1
            elif self._take(endpoint):
                endpoint.receiver.data_received(data)
        elif stun.is_request(data):
            self._request_received(data, address)
        elif handle := self._by_transaction.get(stun.transaction_id(data)):
            handle(data, address)
        else:
            self.counts.unknown += 1

    def _request_received(self, data: bytes, address: Address) -> None:
        endpoint = self._by_ufrag.get(stun.username(data))
        if endpoint is None:
            self.counts.unknown += 1
            return
        if self._by_address.get(address) is not endpoint:
            if not stun.is_authentic(data, endpoint.password):
                self.counts.unknown += 1
                return
            self._route(address, endpoint)
        if self._take(endpoint):
            endpoint.receiver.stun_received(data, address)

    def _route(self, address: Address, endpoint: Endpoint) -> None:
        if len(endpoint.addresses) >= MAX_ADDRESSES:
            oldest = endpoint.addresses.pop(0)
            if self._by_address.get(oldest) is endpoint:
                del self._by_address[oldest]
        endpoint.addresses.append(address)
        self._by_address[address] = endpoint

    def _take(self, endpoint: Endpoint) -> bool:
        endpoint.heard_at = self._clock()
        endpoint.allowance -= 1
        if endpoint.allowance >= 0:
            return True
        self.counts.excess += 1
        return False


def family_of(host: str) -> socket.AddressFamily:
    """Return the family of an IP address."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _udp_socket(family: socket.AddressFamily) -> socket.socket:
    return socket.socket(family, socket.SOCK_DGRAM)
