"""A line that datagrams take between a WebRTC peer and the server, as bad as it is asked to be.

A UDP proxy on the loopback device. Both directions have a delay that wanders between two bounds,
and lose a share of the datagrams. Order is kept, as on a network, where a datagram waits in a queue
behind those before it. What the server answers to an offer has to name the line instead of the
server (:func:`reached_by`), and the offer must name no addresses (:func:`without_candidates`),
else the two would find a way around the line.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

__all__ = ["UdpLine", "UdpProfile", "Way", "reached_by", "without_candidates"]

_SWING_S = 0.1
_CLIENTS = 64
_IN_FLIGHT = 20_000
_CANDIDATES = re.compile(r"^a=candidate:.*\r?\n", re.MULTILINE)

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class UdpProfile:
    """How well a line carries datagrams, in each direction."""

    shortest: float = 0.0
    """Least delay, seconds."""

    longest: float = 0.0
    """Largest delay, seconds."""

    loss: float = 0.0
    """Share of the datagrams that are lost, each on its own."""

    @classmethod
    def round_trip(cls, mean: float, jitter: float = 0.0, loss: float = 0.0) -> UdpProfile:
        """Return the profile of a round trip of ``mean`` ± ``jitter`` s, half in each direction."""
        return cls((mean - jitter) / 2, (mean + jitter) / 2, loss)


class Way:
    """One direction: says when a datagram arrives. Pure but for its generator."""

    def __init__(self, profile: UdpProfile, random: Random) -> None:
        self.profile = profile
        self.is_cut = False
        """Whether all are lost."""
        self.carried = 0
        """Datagrams that got through or will."""
        self.lost = 0
        """Datagrams that did not."""
        self._random = random
        self._from: tuple[float, float] = (0.0, 0.0)
        self._to: tuple[float, float] = (0.0, 0.0)
        self._last = 0.0

    def arrival(self, now: float) -> float | None:
        """Return when a datagram sent at ``now``, s, arrives; None where it is lost."""
        if self.is_cut or self._random.random() < self.profile.loss:
            self.lost += 1
            return None
        self.carried += 1
        self._last = max(self._last, now + self._delay(now))
        return self._last

    def _delay(self, now: float) -> float:
        """Return the delay at ``now``: on straight lines between values drawn ten times a second.

        If each datagram had a delay of its own, those that keep their order would all be as late
        as the latest, and the delay would hardly change.
        """
        if now >= self._to[0]:
            begins = self._to if now < self._to[0] + _SWING_S else (now, self._drawn())
            self._from, self._to = begins, (begins[0] + _SWING_S, self._drawn())
        (begin, first), (end, second) = self._from, self._to
        return first + (second - first) * (now - begin) / (end - begin)

    def _drawn(self) -> float:
        return self._random.uniform(self.profile.shortest, self.profile.longest)


class UdpLine:
    """What one or several peers reach the server by; to be changed while in use."""

    def __init__(self, target: Address, profile: UdpProfile, seed: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._target = target
        self.to_server = Way(profile, Random(seed))
        """From the peers."""
        self.from_server = Way(profile, Random(seed + 1))
        """To the peers."""
        self.address: Address = ("", 0)
        """Where the server seems to be."""
        self._clients: dict[Address, _Upstream] = {}
        self._front: asyncio.DatagramTransport
        self._in_flight = 0

    @classmethod
    @asynccontextmanager
    async def to(
        cls,
        host: str,
        port: int,
        profile: UdpProfile | None = None,
        *,
        seed: int = 1,
    ) -> AsyncIterator[UdpLine]:
        """Open a line to a UDP port; ``seed`` decides its delays and losses."""
        line = cls((host, port), profile or UdpProfile(), seed)
        await line._open()
        try:
            yield line
        finally:
            line._close()

    def become(self, profile: UdpProfile) -> None:
        """Be better or worse from the next datagram on."""
        self._loop.call_soon_threadsafe(self._become, profile)

    def cut(self) -> None:
        """Lose everything, in both directions, until restored."""
        self._loop.call_soon_threadsafe(self._set_cut, True)

    def restore(self) -> None:
        """Carry again what is sent from now on."""
        self._loop.call_soon_threadsafe(self._set_cut, False)

    async def _open(self) -> None:
        self._front, _ = await self._loop.create_datagram_endpoint(
            lambda: _Front(self), ("127.0.0.1", 0)
        )
        self.address = self._front.get_extra_info("sockname")

    def _close(self) -> None:
        self._front.close()
        for upstream in self._clients.values():
            upstream.close()

    def _become(self, profile: UdpProfile) -> None:
        self.to_server.profile = self.from_server.profile = profile

    def _set_cut(self, is_cut: bool) -> None:
        self.to_server.is_cut = self.from_server.is_cut = is_cut

    def received(self, data: bytes, client: Address) -> None:
        """Carry a datagram of a peer to the server, by a socket of that peer's own."""
        upstream = self._clients.get(client)
        if upstream is None:
            if len(self._clients) >= _CLIENTS:
                return
            upstream = self._clients[client] = _Upstream(self, client)
            upstream.connecting = self._loop.create_task(self._connect(upstream))
        self._carry(self.to_server, upstream.send, data)

    def answered(self, data: bytes, client: Address) -> None:
        """Carry a datagram of the server to a peer."""
        self._carry(self.from_server, self._front.sendto, data, client)

    def _carry(self, way: Way, give: object, *what: object) -> None:
        assert callable(give)
        due = way.arrival(self._loop.time())
        if due is None or self._in_flight >= _IN_FLIGHT:
            return
        self._in_flight += 1

        def arrive() -> None:
            self._in_flight -= 1
            if not self._front.is_closing():
                give(*what)

        self._loop.call_at(due, arrive)

    async def _connect(self, upstream: _Upstream) -> None:
        await self._loop.create_datagram_endpoint(lambda: upstream, remote_addr=self._target)


class _Front(asyncio.DatagramProtocol):
    def __init__(self, line: UdpLine) -> None:
        self._line = line

    def datagram_received(self, data: bytes, addr: tuple[object, ...]) -> None:
        self._line.received(data, (str(addr[0]), int(str(addr[1]))))


@dataclass(eq=False)
class _Upstream(asyncio.DatagramProtocol):
    """The socket by which the server sees one peer."""

    line: UdpLine
    client: Address
    connecting: asyncio.Task[None] | None = None
    _transport: asyncio.DatagramTransport | None = None
    _early: list[bytes] = field(default_factory=list)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        for data in self._early:
            self.send(data)

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.line.answered(data, self.client)

    def error_received(self, exc: Exception) -> None:
        """Nobody is at the target: that is a loss, as on a network."""

    def send(self, data: bytes) -> None:
        if self._transport is None:
            self._early.append(data)
        elif not self._transport.is_closing():
            self._transport.sendto(data)

    def close(self) -> None:
        if self.connecting is not None:
            self.connecting.cancel()
        if self._transport is not None:
            self._transport.close()


def without_candidates(description: str) -> str:
    """Return an offer or answer that names no address of the peer: checks come from it alone."""
    return _CANDIDATES.sub("", description)


def reached_by(description: str, address: Address) -> str:
    """Return an answer whose only candidate, in each section, is ``address``."""
    host, port = address
    only = f"a=candidate:1 1 udp 2130706431 {host} {port} typ host"
    bare = without_candidates(description)
    return re.sub(r"^(a=ice-pwd:.*?)(\r?\n)", rf"\1\2{only}\2", bare, flags=re.MULTILINE)
