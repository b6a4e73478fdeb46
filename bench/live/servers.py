"""The servers that are compared, each with the way a viewer comes in."""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench._machine import cpu_seconds, free_port, pin
from bench.live.film import to_transport_stream
from harness.processes import family
from harness.server import Api
from harness.webrtc.viewer import Viewer

__all__ = ["SERVER_CORE", "LiveServer", "aiortc_server", "janus", "seans", "workers_idle"]

SERVER_CORE = 0
_WITHIN_S = 60.0
_IDLE_S = 0.02
_STREAMS_OF_A_PERSON = 4
_CONFIG = {
    "janus.jcfg": """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{library}/plugins"
  transports_folder = "{library}/transports"
  debug_level = 3
  session_timeout = 0
}}
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

    settle: Callable[[], None] = lambda: None
    """Returns when what it does once, at the first viewer, is done."""


@contextmanager
def seans(film: Path, folder: Path) -> Iterator[LiveServer]:
    """Run the project as it is shipped, with one show that has begun; its viewers have no link."""
    port = free_port()
    command = [sys.executable, "-m", "streamer", "--media", str(film.parent)]
    command += ["--data", str(folder / "data"), "--host", "127.0.0.1", "--port", str(port)]
    with _running("seans", command, folder) as process:
        _wait_for(port)
        pin(SERVER_CORE, process.pid)
        api = Api(f"http://127.0.0.1:{port}")
        host = api.passport("Host")
        _wait_until(lambda: bool(api.ready_films(host)), "the film never became ready")
        show = api.show(host, begins_in=0.0)
        session, invite = show["sessions"][0]["id"], show["link"].rpartition("/")[2]
        people = _members(api, invite)

        def join(viewer: Viewer) -> None:
            viewer.accept(api.watch(session, viewer.offer(), next(people)).sdp)

        yield LiveServer("seans", process.pid, join, settle=lambda: workers_idle(process.pid))


def _members(api: Api, invite: str) -> Iterator[str]:
    """Yield passports of members, each as often as one person may watch a session."""
    for number in itertools.count():
        token = api.passport(f"Viewer {number}")
        api.call("POST", f"/api/invites/{invite}/accept", {}, token)
        yield from (token,) * _STREAMS_OF_A_PERSON


def workers_idle(pid: int) -> None:
    """Wait until the rendition is made: it is made once, and what is measured is watching it."""

    def idle() -> bool:
        _, *workers = family(pid)
        before = sum(map(cpu_seconds, workers))
        time.sleep(1.0)
        return sum(map(cpu_seconds, workers)) - before < _IDLE_S

    _wait_until(idle, "the rendition was never made")


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
        api = Api(f"http://127.0.0.1:{port}")

        def join(viewer: Viewer) -> None:
            answer = api.call("POST", "/offer", {"sdp": viewer.offer(), "type": "offer"})
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
            api = Api(f"http://127.0.0.1:{port}/janus")
            yield LiveServer("janus", process.pid, lambda viewer: _watch(api, viewer))


def _watch(api: Api, viewer: Viewer) -> None:
    """Subscribe a viewer by Janus's REST interface."""
    session = f"/{_janus(api, '', 'create')['data']['id']}"
    handle = _janus(api, session, "attach", plugin="janus.plugin.streaming")["data"]["id"]
    plugin = f"{session}/{handle}"
    _janus(api, plugin, "message", body={"request": "watch", "id": 1})
    answer = {"type": "answer", "sdp": viewer.answer(_offered(api, session))}
    _janus(api, plugin, "message", body={"request": "start"}, jsep=answer)


def _janus(api: Api, path: str, verb: str, **more: object) -> Any:  # noqa: ANN401 -- any JSON
    answer = api.call("POST", path, {"janus": verb, "transaction": "bench", **more})
    if answer["janus"] not in ("success", "ack"):
        raise ConnectionError(f"janus said {answer}")
    return answer


def _offered(api: Api, session: str) -> str:
    """Return the offer in the next event that carries one."""
    while True:
        event = api.call("GET", f"{session}?maxev=1")
        if event["janus"] == "event":
            if "error" in event["plugindata"]["data"]:
                raise ConnectionError(f"janus said {event}")
            if "jsep" in event:
                return str(event["jsep"]["sdp"])


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

    def listens() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            return False
        return True

    _wait_until(listens, f"nothing listens on port {port}")


def _wait_until(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _WITHIN_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(0.05)


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
