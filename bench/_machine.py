"""What the benches ask of Linux: CPU seconds and memory of processes, cores, sockets of others."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.processes import ended, family

__all__ = [
    "cpu_seconds",
    "free_port",
    "going_first",
    "pin",
    "resident_bytes",
    "segment_like_ethernet",
]

_TICKS = os.sysconf("SC_CLK_TCK")
_PIDFD_GETFD = 438
_LISTENING = "0A"
_AUTOGROUP = Path("/proc/self/autogroup")
_ETHERNET_SEGMENT = 1460


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds, user and system, used so far by a process and its descendants."""
    total = 0
    for member in family(pid):
        with ended:
            after_name = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
            total += int(after_name[11]) + int(after_name[12])
    return total / _TICKS


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process and its descendants, bytes."""
    pages = 0
    for member in family(pid):
        with ended:
            pages += int(Path(f"/proc/{member}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def pin(core: int, pid: int = 0) -> None:
    """Keep a process (0: this one) and its descendants on one core, where there are several."""
    core %= os.cpu_count() or 1
    for member in family(pid) if pid else [0]:
        with ended:
            os.sched_setaffinity(member, {core})


@contextmanager
def going_first(nice: int = -15) -> Iterator[None]:
    """Let this session's processes run before all others, where this is allowed (root).

    Sessions share the processor equally whatever their processes' niceness (``sched_autogroup``),
    so it is the session that is favoured.
    """
    try:
        before = _AUTOGROUP.read_text().split()[-1]
        _AUTOGROUP.write_text(str(nice))
    except OSError:
        yield
        return
    try:
        yield
    finally:
        _AUTOGROUP.write_text(before)


def free_port() -> int:
    """Return a TCP port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def segment_like_ethernet(pid: int, port: int) -> None:
    """Give the socket on which ``pid`` listens reno and segments of 1460 bytes.

    What it accepts inherits both. With the giant segments of the loopback device the cost of a
    byte has little to do with what it is on a network. Raises :class:`OSError` where the
    system does not allow a process to reach into its child.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    process = os.pidfd_open(pid)
    try:
        for descriptor in _listening_descriptors(pid, port):
            taken = libc.syscall(_PIDFD_GETFD, process, descriptor, 0)
            if taken < 0:
                raise OSError(ctypes.get_errno(), "pidfd_getfd")
            with socket.socket(fileno=taken) as listener:
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _ETHERNET_SEGMENT)
    finally:
        os.close(process)


def _listening_descriptors(pid: int, port: int) -> Iterator[int]:
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = {
        f"socket:[{row[9]}]"
        for row in rows
        if row[3] == _LISTENING and int(row[1].rpartition(":")[2], 16) == port
    }
    found = False
    for link in Path(f"/proc/{pid}/fd").iterdir():
        if link.is_symlink() and str(link.readlink()) in inodes:
            found = True
            yield int(link.name)
    if not found:
        raise OSError(f"process {pid} does not listen on port {port}")
