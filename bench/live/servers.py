"""The servers that are compared, each with the way a viewer comes in."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench._machine import free_port, pin
from bench.live.film import to_transport_stream
from harness.webrtc.viewer import Viewer, own_addresses

__all__ = ["SERVER_CORE", "LiveServer", "aiortc_server", "call", "janus"]

SERVER_CORE = 0
_READY_WITHIN_S = 20.0
_CONFIG = {
    "janus.jcfg": """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{library}/plugins"
  transports_folder = "{library}/transports"
  debug_level = 3
  session_timeout = 0
}}
nat: {{ ice_enforce_list = "lo" }}
plugins: {{ disable = "{others}" }}
transports: {{ disable = "libjanus_pfunix.so,libjanus_websockets.so,libjanus_mqtt.so,\
libjanus_rabbitmq.so,libjanus_nanomsg.so" }}
""",
    "janus.transport.http.jcfg": """
general: {{ json = "compact" base_path = "/janus" http = true port = {port} ip = "127.0.0.1" \
https = false }}
admin: {{ admin_http = false }}
""",
    "janus.plugin.streaming.jcfg": """
film: {{
  type = "rtp"
  id = 1
  audio = true
  audioport = {audio_port}
  audiopt = 111
  audiocodec = "opus"
  video = true
  videoport = {video_port}
  videopt = 102
  videocodec = "h264"
  videofmtp = "profile-level-id=42e01f;packetization-mode=1"
}}
""",
}


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A running server, the way into it, and what it costs."""

    name: str
    """What to call it."""

    pid: int
    """Its first process; its descendants count too."""

    join: Callable[[Viewer], None]
    """Exchanges offer and answer for a viewer."""

    hosts: tuple[str, ...] = field(default_factory=own_addresses)
    """Addresses by which its viewers are to be reached."""


def call(method: str, url: str, body: object = None, token: str = "") -> Any:  # noqa: ANN401 -- any JSON
    """Return the JSON answer of one call; raises HTTPError."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@contextmanager
def aiortc_server(film: Path, folder: Path) -> Iterator[LiveServer]:
    """Run aiortc's example."""
    port = free_port()
    copy = folder / "film.ts"
    to_transport_stream(film, copy)
    command = [sys.executable, "-m", "bench.live.aiortc_example", str(copy), str(port)]
    with _running("aiortc", command, folder) as process:
        _wait_for(port)
        pin(SERVER_CORE, process.pid)

        def join(viewer: Viewer) -> None:
            answer = call(
                "POST", f"http://127.0.0.1:{port}/offer", {"sdp": viewer.offer(), "type": "offer"}
            )
            viewer.accept(answer["sdp"])

        yield LiveServer("aiortc", process.pid, join)


@contextmanager
def janus(film: Path, folder: Path) -> Iterator[LiveServer]:
    """Run Debian's Janus with one mountpoint, and send the film to it."""
    program = shutil.which("janus")
    if program is None:
        raise FileNotFoundError("janus is missing: apt-get install janus")
    [library] = Path("/usr/lib").glob("*/janus")
    others = [one.name for one in (library / "plugins").glob("*.so") if "streaming" not in one.name]
    port, video_port, audio_port = free_port(), _free_udp_port(), _free_udp_port()
    configuration = folder / "janus"
    configuration.mkdir()
    for name, text in _CONFIG.items():
        (configuration / name).write_text(
            text.format(
                folder=configuration,
                library=library,
                others=",".join(others),
                port=port,
                video_port=video_port,
                audio_port=audio_port,
            )
        )
    command = [program, "--configs-folder", str(configuration), "--disable-colors"]
    sender = [sys.executable, "-m", "bench.live.rtp_sender", str(film)]
    sender += [str(video_port), str(audio_port)]
    with _running("janus", command, folder) as process:
        _wait_for(port)
        pin(SERVER_CORE, process.pid)
        with _running("rtp_sender", sender, folder) as feeding:
            pin(SERVER_CORE + 1, feeding.pid)
            base = f"http://127.0.0.1:{port}/janus"
            yield LiveServer(
                "janus", process.pid, lambda viewer: _watch(base, viewer), ("127.0.0.1",)
            )


def _watch(base: str, viewer: Viewer) -> None:
    """Subscribe a viewer by Janus's REST interface."""
    session = f"{base}/{_janus(base, 'create')['data']['id']}"
    handle = _janus(session, "attach", plugin="janus.plugin.streaming")["data"]["id"]
    plugin = f"{session}/{handle}"
    _janus(plugin, "message", body={"request": "watch", "id": 1})
    offered = _event(session)["jsep"]["sdp"]
    answer = {"type": "answer", "sdp": viewer.answer(offered)}
    _janus(plugin, "message", body={"request": "start"}, jsep=answer)


def _janus(url: str, verb: str, **more: object) -> Any:  # noqa: ANN401 -- any JSON
    answer = call("POST", url, {"janus": verb, "transaction": "bench", **more})
    if answer["janus"] not in ("success", "ack"):
        raise ConnectionError(f"janus said {answer}")
    return answer


def _event(session: str) -> Any:  # noqa: ANN401 -- any JSON
    """Return the next event that carries a description."""
    while True:
        event = call("GET", f"{session}?maxev=1")
        if event["janus"] == "event":
            if "jsep" in event:
                return event
            if "error" in event["plugindata"]["data"]:
                raise ConnectionError(f"janus said {event}")


@contextmanager
def _running(name: str, command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (
        (folder / f"{name}.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(5.0)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(port: int) -> None:
    """Wait until something listens on a TCP port."""
    deadline = time.monotonic() + _READY_WITHIN_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
