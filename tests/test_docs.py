"""What the docs show is tried: the client of the protocol, the proxy in front of the server."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from harness.films import made, put_film
from harness.needs import lacking
from harness.server import Server, running_server
from sessions.schema import protocol_schema

DOCS = Path(__file__).parents[1] / "docs"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


def block(page: str, language: str) -> str:
    """The only code block of that language on a page."""
    (found,) = re.findall(
        rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE
    )
    return str(found)


@asynccontextmanager
async def cinema(folder: Path, *options: str) -> AsyncIterator[Server]:
    media = folder / "media"
    media.mkdir()
    put_film(made("plain.mp4"), media / "Plain.mp4")
    async with running_server(media, folder / "data", *options) as server:
        yield server


async def test_the_receiver_of_the_webhooks_page_takes_what_is_genuine_alone(
    tmp_path: Path,
) -> None:
    program, port = tmp_path / "receiver.py", unused_port()
    program.write_text(block("06-webhooks.md", "python"))
    secret, url = "whsec_" + "s" * 32, f"http://127.0.0.1:{port}/webhooks"
    receiver = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        str(port),
        env={**os.environ, "WEBHOOK_SECRET": secret},
        stdout=asyncio.subprocess.PIPE,
    )
    assert receiver.stdout is not None
    try:
        options = ("--webhook-url", url, "--webhook-secret", secret)
        async with asyncio.timeout(60), cinema(tmp_path, *options) as server:
            host = await asyncio.to_thread(server.passport, "Anna")
            show = await asyncio.to_thread(server.show, host, 60.0)
            told = (await receiver.stdout.readline()).decode().split()
        async with aiohttp.ClientSession() as http, http.post(url, json={}) as refused:
            status = refused.status
    finally:
        receiver.kill()
        await receiver.wait()

    assert told == ["show.scheduled", show["id"]]
    assert status == 401


async def test_the_client_of_the_protocol_page_joins_says_hello_and_leaves(tmp_path: Path) -> None:
    program = tmp_path / "client.py"
    program.write_text(block("02-protocol.md", "python"))
    async with cinema(tmp_path) as server:
        host = await asyncio.to_thread(server.passport, "Anna")
        show = await asyncio.to_thread(server.show, host, 60.0)

        client = await asyncio.create_subprocess_exec(
            sys.executable,
            str(program),
            show["link"],
            "Boris",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(30):
            said, _ = await client.communicate()
        kept = server.call("GET", f"/api/shows/{show['id']}/messages", token=host)["items"]

    lines = said.decode().splitlines()
    begins = re.fullmatch(r"Plain begins in (\d+\.\d) s", lines[0])
    assert client.returncode == 0
    assert begins
    assert 30.0 < float(begins[1]) < 60.0
    assert [f"{m['seq']} {m['name']}: {m['text']}" for m in kept] == lines[-1:]
    assert lines[-1].endswith(" Boris: Hello!")


def test_the_protocol_page_names_every_message_there_is() -> None:
    page = (DOCS / "02-protocol.md").read_text()
    named = {
        name
        for cell in re.findall(r"^\| (`[a-z`, ]+`) \|", page, re.MULTILINE)
        for name in re.findall(r"`([a-z]+)`", cell)
    }
    schemas = protocol_schema()["$defs"]
    types = {
        name
        for union in ("ClientMessage", "ServerMessage")
        for name in schemas[union]["discriminator"]["mapping"]
    }

    assert named == types


def test_the_protocol_page_names_every_call_there_is() -> None:
    page = (DOCS / "02-protocol.md").read_text()
    rows = "\n".join(re.findall(r"^\| (`[A-Z].*?) \|", page, re.MULTILINE))
    named = {
        (method, re.sub(r"{\w+}", "{}", path))
        for methods, path in re.findall(r"`([A-Z ]+) (/[^`]+)`", rows)
        for method in methods.split()
    }
    document = json.loads((Path(__file__).parent / "golden" / "openapi.json").read_text())

    assert named == {
        (method.upper(), re.sub(r"{\w+}", "{}", path))
        for path, operations in document["paths"].items()
        for method in operations
    }


@asynccontextmanager
async def nginx_in_front(folder: Path, server: Server, port: int) -> AsyncIterator[str]:
    """Debian's nginx with the page's configuration, but for TLS and its port."""
    said = block("01-running.md", "nginx")
    said = re.sub(r"^ *(?:ssl_certificate\w*|http2) .*\n", "", said, flags=re.MULTILINE)
    said = said.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    said = said.replace("http://127.0.0.1:8080", server.address)
    own = "".join(
        f"{name} {folder}/{name};"
        for name in (
            "client_body_temp_path",
            "proxy_temp_path",
            "fastcgi_temp_path",
            "uwsgi_temp_path",
            "scgi_temp_path",
        )
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;"
        f"events {{}} http {{ access_log off; {own}\n{said}\n}}"
    )
    process = await asyncio.create_subprocess_exec(str(NGINX), "-c", str(config), "-e", "stderr")
    try:
        await _listens(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                await writer.wait_closed()
                return


@pytest.mark.nginx
async def test_behind_the_proxy_of_the_page_people_watch_and_others_are_kept_out(
    tmp_path: Path,
) -> None:
    if NGINX is None:
        lacking("nginx: apt-get install nginx-light")
    port = unused_port()
    own = f"http://127.0.0.1:{port}"
    async with (
        cinema(tmp_path, "--public-url", own) as server,
        nginx_in_front(tmp_path, server, port) as base,
        aiohttp.ClientSession(base, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http,
    ):
        async with http.post("/api/passport", json={"name": "Anna"}) as answer:
            token = (await answer.json())["token"]
        show = await asyncio.to_thread(server.show, token, 60.0)
        socket = f"/api/sessions/{show['sessions'][0]['id']}/socket"

        async with http.ws_connect(socket, headers={"Origin": own}) as room:
            await room.send_json({"type": "hello", "protocol": 1})
            welcome: dict[str, Any] = await room.receive_json(timeout=10)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(socket, headers={"Origin": "https://elsewhere.example"})
        async with http.get(f"/api/titles/{show['target_id']}") as answer:
            film = (await answer.json())["sources"][0]["url"]
        async with http.get(film, headers={"Range": "bytes=0-99"}) as answer:
            piece = (answer.status, answer.headers["Content-Range"].split("/")[0])

    assert welcome["type"] == "welcome"
    assert welcome["show"]["link"].startswith(f"{own}/w/")
    assert refused.value.status == 403
    assert piece == (206, "bytes 0-99")
