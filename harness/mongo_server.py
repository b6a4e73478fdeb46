"""A MongoDB server for tests: that of SEANS_TEST_MONGO, a mongod on PATH, else SecantusDB.

SecantusDB speaks MongoDB's protocol over MongoDB's storage engine. It runs as a process of its own,
on the loopback address alone, and nothing of it is imported: its licence is the GPL.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pymongo

__all__ = [
    "MongoServer",
    "address_of",
    "drop_database",
    "given_server",
    "mongo_server",
    "new_database",
]

MAX_START_S = 30.0


def given_server() -> str | None:
    """Return the address of a server to test on, without a database; None: one is started."""
    return os.environ.get("SEANS_TEST_MONGO") or None


def address_of(server: str, database: str) -> str:
    """Return the address of a database on a server."""
    place, _, options = server.partition("?")
    # Else the driver opens a line of its own to measure the server's distance, and leaves its
    # socket unclosed where a client is closed in that very moment.
    return f"{place.rstrip('/')}/{database}?{options and options + '&'}serverMonitoringMode=poll"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def mongo_server(folder: Path) -> Iterator[str]:
    """Yield the address of a server, the given one or one of its own in ``folder``."""
    if given := given_server():
        yield given
        return
    server = MongoServer(folder)
    server.start()
    try:
        yield f"mongodb://127.0.0.1:{server.port}"
    finally:
        server.close()


class MongoServer:
    """A server of one's own, which may be killed, stopped and started again on the same files."""

    def __init__(self, folder: Path, *, transactions: bool = True) -> None:
        """``transactions``: a replica set of one, else a single server without them."""
        self.port = free_port()
        self._folder = folder
        self._transactions = transactions
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address with a database of its own each time."""
        return address_of(f"mongodb://127.0.0.1:{self.port}", new_database())

    def start(self) -> None:
        """Start it, and wait until it takes writes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), stdout=log, stderr=log, cwd=self._folder
            )
        client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(
            "127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=500
        )
        with client:
            until = time.monotonic() + MAX_START_S
            while not self._is_ready(client):
                assert self._process.poll() is None, (self._folder / "log").read_text()
                assert time.monotonic() < until, (self._folder / "log").read_text()
                time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, with nothing written that it has not written yet."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """Let it stand still, holding its connections."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        # The signal takes a moment, in which it might still answer.
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End it, in whatever state it is."""
        if self._process is not None:
            self.kill()

    def _is_ready(self, client: pymongo.MongoClient[dict[str, object]]) -> bool:
        try:
            hello = client.admin.command("hello")
            if hello.get("isreplicaset"):
                member = {"_id": 0, "host": f"127.0.0.1:{self.port}"}
                client.admin.command("replSetInitiate", {"_id": "seans", "members": [member]})
                return False
        except pymongo.errors.PyMongoError:
            return False
        return bool(hello.get("isWritablePrimary"))

    def _command(self) -> list[str]:
        data = self._folder / "data"
        data.mkdir(exist_ok=True)
        place = ["--port", str(self.port)]
        if mongod := shutil.which("mongod"):
            one = ["--replSet", "seans"] if self._transactions else []
            return [mongod, *place, "--bind_ip", "127.0.0.1", "--dbpath", str(data), *one]
        secantus = Path(sys.executable).with_name("secantusd-py")
        alone = [] if self._transactions else ["--standalone"]
        # Without --sync-on-commit a write is acknowledged before it is on disk.
        disk = ["--storage-path", str(data), "--sync-on-commit", "--cache-size", "64M"]
        return [str(secantus), *place, "--host", "127.0.0.1", *disk, *alone]


def drop_database(server: str, database: str) -> None:
    """Take a database off a server."""
    client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(server)
    with client:
        client.drop_database(database)


def new_database() -> str:
    """Return the name of a database that nobody has used."""
    return f"seans_test_{uuid4().hex}"
