"""The servers to compare: nginx, aiohttp's ``FileResponse``, and this project's.

As a module it serves one film with the film server alone, or with ``FileResponse``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop
from aiohttp import web

from bench._machine import free_port, pin, segment_like_ethernet
from streamer.delivery.access_log import AccessLog
from streamer.delivery.film_files import ServedFile
from streamer.delivery.runner import make_runner
from streamer.delivery.serving import FilmServer
from streamer.delivery.signatures import Signer
from streamer.logs import LogWriter

__all__ = ["SERVER_CORE", "Target", "aiohttp_server", "nginx", "ours"]

SERVER_CORE = 0
_READY_WITHIN = 20.0
_FILM_ID = "3c7c1f0e-53f4-4d52-9f43-7a4f0f1b2c3d"
_NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; {user}
events {{ worker_connections 4096; }}
http {{
  types {{ video/mp4 mp4; }}
  access_log {folder}/access.log; sendfile on; tcp_nopush on; aio off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A running server."""

    name: str
    """What to call it."""

    pid: int
    """Its first process; its descendants count too."""

    port: int
    """Where it listens on 127.0.0.1."""

    path: str
    """Path and query of the film."""


@contextmanager
def nginx(film: Path, folder: Path) -> Iterator[Target]:
    """Run Debian's nginx: one worker, sendfile, an access log."""
    port = free_port()
    config = folder / "nginx.conf"
    user = "user root;" if Path("/proc/self").stat().st_uid == 0 else ""
    config.write_text(_NGINX.format(folder=folder, root=film.parent, port=port, user=user))
    command = ["/usr/sbin/nginx", "-c", str(config), "-e", str(folder / "error.log")]
    with _running("nginx", command, port, f"/{film.name}", folder) as target:
        yield target


@contextmanager
def aiohttp_server(film: Path, folder: Path) -> Iterator[Target]:
    """Run an aiohttp application that answers with ``FileResponse``."""
    port = free_port()
    command = [sys.executable, "-m", "bench._serve", "aiohttp", str(film), str(port)]
    with _running("aiohttp", command, port, "/film", folder) as target:
        yield target


@contextmanager
def ours(film: Path, folder: Path, *, alone: bool = False) -> Iterator[Target]:
    """Run the project as it is shipped, or its film server ``alone``, to tell the two apart."""
    port = free_port()
    if alone:
        command = [sys.executable, "-m", "bench._serve", "ours", str(film), str(port)]
        with _running("seans", command, port, "/where", folder) as target:
            yield Target(target.name, target.pid, port, _get(port, "/where"))
        return
    command = [sys.executable, "-m", "streamer", "--media", str(film.parent)]
    command += ["--data", str(folder / "data"), "--host", "127.0.0.1", "--port", str(port)]
    with _running("seans", command, port, "/healthz", folder) as target:
        yield Target(target.name, target.pid, port, _first_film(port))


@contextmanager
def _running(name: str, command: list[str], port: int, path: str, folder: Path) -> Iterator[Target]:
    log = (folder / f"{name}.log").open("wb")
    with log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _wait(lambda: _get(port, path, head=True))
            pin(SERVER_CORE, process.pid)
            segment_like_ethernet(process.pid, port)
            yield Target(name, process.pid, port, path)
        finally:
            process.terminate()


def _wait(what: object) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while True:
        try:
            assert callable(what)
            what()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _get(port: int, path: str, *, head: bool = False) -> str:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", method="HEAD" if head else "GET"
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        text: str = response.read().decode()
        return text


def _first_film(port: int) -> str:
    """Return the signed address of the only film, as soon as the catalogue knows it."""
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        for row in json.loads(_get(port, "/api/titles?type=movie"))["items"]:
            if row["state"] == "ready":
                title = json.loads(_get(port, f"/api/titles/{row['id']}"))
                url: str = title["sources"][0]["url"]
                return url
        time.sleep(0.1)
    raise TimeoutError("the film never became ready")


async def _serve(kind: str, film: Path, port: int) -> None:
    app = web.Application()
    signer = Signer(b"bench", clock=time.time)
    if kind == "ours":
        catalogue = {(_FILM_ID, "file"): ServedFile(str(film), "video/mp4", "bench")}
        log = LogWriter(film.with_suffix(".access.log").open("a"))
        films = FilmServer(
            lambda *place: catalogue.get(place),
            signer,
            clock=time.time,
            access_log=AccessLog(log.add, clock=time.time),
        )

        async def where(_request: web.Request) -> web.Response:
            return web.Response(text=signer.sign(_FILM_ID, "file", length=60.0))

        app.router.add_route("*", "/media/{id}/file", films.handler)
        app.router.add_get("/where", where)
        runner = make_runner(app, films)
    else:

        async def file(_request: web.Request) -> web.FileResponse:
            return web.FileResponse(film)

        app.router.add_get("/film", file)
        runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("ours", "aiohttp"))
    parser.add_argument("film", type=Path)
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    uvloop.run(_serve(options.kind, options.film, options.port))
