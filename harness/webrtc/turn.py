"""Debian's coturn on the loopback device: a TURN relay (RFC 8656) for one test."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aioice import stun

from harness.needs import lacking

__all__ = ["Relay", "turn_relay"]

_READY_WITHIN_S = 20.0
_ASKED_EACH_S = 0.1
_NAME = "seans"
_RELAYED_PORTS = 64


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay that runs."""

    host: str
    """Where it listens, by UDP and TCP."""

    port: int
    """Its port."""

    secret: str
    """Shared secret that passwords are made from; "" where there is one name with a password."""

    password: str
    """The password of that name."""

    log: Path
    """What it says."""

    @property
    def url(self) -> str:
        """Its URL as in RFC 7065, without credentials."""
        return f"turn:{self.host}:{self.port}?transport=udp"

    @property
    def setting(self) -> str:
        """The value of the server's setting ``ice_servers``."""
        userinfo = quote(self.secret) or f"{_NAME}:{self.password}"
        return f"turn:{userinfo}@{self.host}:{self.port}?transport=udp"

    @property
    def username(self) -> str:
        """The fixed name, where there is one."""
        return "" if self.secret else _NAME

    @property
    def for_browser(self) -> dict[str, str]:
        """The server as an ``RTCIceServer``, where there is a fixed name."""
        return {"urls": self.url, "username": self.username, "credential": self.password}

    def allocations(self) -> int:
        """Return how many relayed addresses it has given out so far."""
        return self.log.read_text(errors="replace").count("ALLOCATE processed, success")


@asynccontextmanager
async def turn_relay(
    folder: Path, *, secret: str = "", host: str = "127.0.0.1"
) -> AsyncIterator[Relay]:
    """Run coturn with its files in ``folder``: long-term credentials, 64 relayed ports, no TLS.

    A peer has to answer from the address that the relay sends to: one that is bound to all of them
    answers 127.0.0.1 from there. So ``host`` is another of this machine's for such a peer. With
    ``secret`` it takes the passwords that are made from it (``use-auth-secret``).
    """
    program = shutil.which("turnserver")
    if program is None:
        lacking("coturn: apt-get install coturn")
    port, first = _free_port(host), _free_port(host)
    first = min(first, 65535 - _RELAYED_PORTS)
    password = "" if secret else secrets.token_urlsafe(16)
    relay = Relay(host, port, secret, password, folder / "coturn.log")
    credentials = (
        ("--use-auth-secret", f"--static-auth-secret={secret}")
        if secret
        else ("--lt-cred-mech", f"--user={_NAME}:{password}")
    )
    command = [
        *(program, "-n", "--listening-ip", host, "--relay-ip", host, "--listening-port", str(port)),
        *("--min-port", str(first), "--max-port", str(first + _RELAYED_PORTS - 1)),
        *("--realm", "seans.test", *credentials, "--allow-loopback-peers"),
        *("--no-cli", "--no-tls", "--no-dtls", "--no-multicast-peers", "--verbose"),
        *("--db", str(folder / "turndb"), "--pidfile", str(folder / "coturn.pid")),
        *("--log-file", "stdout", "--simple-log"),
    ]
    with relay.log.open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        await _answers(relay, process)
        yield relay
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(relay: Relay, process: asyncio.subprocess.Process) -> None:
    """Wait until the relay answers by UDP; it listens by TCP before."""
    loop = asyncio.get_running_loop()
    question = bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.setblocking(False)
        asking.connect((relay.host, relay.port))
        async with asyncio.timeout(_READY_WITHIN_S):
            while process.returncode is None:
                try:
                    await loop.sock_sendall(asking, question)
                    async with asyncio.timeout(_ASKED_EACH_S):
                        await loop.sock_recv(asking, 2048)
                except TimeoutError:
                    continue
                except ConnectionRefusedError:
                    await asyncio.sleep(_ASKED_EACH_S)
                else:
                    return
    raise RuntimeError(f"coturn did not start: {relay.log.read_text(errors='replace')}")


def _free_port(host: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
