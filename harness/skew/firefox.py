"""A viewer with Firefox: driven over WebDriver BiDi, for Playwright drives only its own build.

https://www.w3.org/TR/webdriver-bidi/: JSON messages over one WebSocket, which Firefox offers by
itself. Its command line is all that is needed.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from harness.skew.line import Line
from harness.skew.metered_server import MeteredServer, Showing
from harness.skew.viewers import ClockFault, Viewer, meter_script

__all__ = ["FIREFOX", "FirefoxViewer"]

FIREFOX = Path("/usr/bin/firefox-esr")
"""Where Debian installs it."""

_PREFERENCES = {
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "intl.accept_languages": "en",
}
_SAYS = "WebDriver BiDi listening on "
_WITHIN = 30.0
_LOOK_EVERY = 0.1


@dataclass(slots=True)
class _Bidi:
    """The wire: commands by number, and the answers to them."""

    socket: aiohttp.ClientWebSocketResponse
    asked: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)

    async def call(self, method: str, **params: object) -> dict[str, Any]:
        number = len(self.asked) + 1
        self.asked[number] = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": number, "method": method, "params": params})
        return await asyncio.wait_for(self.asked[number], _WITHIN)

    async def listen(self) -> None:
        async for message in self.socket:
            said = json.loads(message.data)
            asked = self.asked.get(said.get("id") or 0)
            if asked is None or asked.done():
                continue
            if said["type"] == "error":
                asked.set_exception(RuntimeError(said["message"]))
            else:
                asked.set_result(said["result"])


@dataclass(frozen=True, slots=True)
class _Page:
    """A tab, as far as a viewer needs it."""

    bidi: _Bidi
    context: str

    async def evaluate(self, expression: str) -> Any:  # noqa: ANN401 -- any JSON
        answer = await self.bidi.call(
            "script.evaluate",
            expression=f"JSON.stringify({expression})",
            target={"context": self.context},
            awaitPromise=False,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        text = answer["result"].get("value")
        return None if text is None else json.loads(text)

    async def node(self, role: str, name: str) -> dict[str, str] | None:
        """Return a reference to the element of a role and name."""
        found = await self.bidi.call(
            "browsingContext.locateNodes",
            context=self.context,
            locator={"type": "accessibility", "value": {"role": role, "name": name}},
        )
        nodes = found["nodes"]
        return {"sharedId": nodes[0]["sharedId"]} if nodes else None

    async def act(self, kind: str, *actions: dict[str, object]) -> None:
        """Move, click or type, as a person does."""
        source = {"type": kind, "id": kind, "actions": list(actions)}
        await self.bidi.call("input.performActions", context=self.context, actions=[source])

    async def click(self, node: dict[str, str]) -> None:
        """Click in the middle of an element."""
        origin = {"type": "element", "element": node}
        await self.act(
            "pointer",
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        )

    async def write(self, text: str) -> None:
        """Type where the focus is."""
        keys: list[dict[str, object]] = [
            {"type": kind, "value": c} for c in text for kind in ("keyDown", "keyUp")
        ]
        await self.act("key", *keys)


class FirefoxViewer(Viewer):
    """Somebody with a page of a show in Firefox."""

    def __init__(self, metered: MeteredServer, page: _Page, line: Line | None) -> None:
        super().__init__(metered, page, line)  # type: ignore[arg-type]  # it evaluates; no more is asked
        self._tab = page

    @classmethod
    @asynccontextmanager
    async def with_firefox(
        cls,
        metered: MeteredServer,
        showing: Showing,
        *,
        clock_fault: ClockFault | None = None,
        line: Line | None = None,
        source: str = "",
    ) -> AsyncIterator[FirefoxViewer]:
        """Run a Firefox with a new profile, and open the show's page."""
        address = metered.server.address if line is None else line.address
        async with _firefox() as bidi:
            await bidi.call("session.new", capabilities={})
            script = f"() => {{ {meter_script(clock_fault)} }}"
            await bidi.call("script.addPreloadScript", functionDeclaration=script)
            opened = await bidi.call("browsingContext.create", type="tab")
            page = _Page(bidi, opened["context"])
            query = f"?source={source}" if source else ""
            url = showing.link.replace(metered.server.address, address) + query
            await bidi.call(
                "browsingContext.navigate", context=page.context, url=url, wait="complete"
            )
            yield cls(metered, page, line)

    async def enter(self, name: str = "Boris") -> float:
        """Name oneself and click "Enter the hall"; return when, server time."""
        async with asyncio.timeout(_WITHIN):
            while (button := await self._tab.node("button", "Enter the hall")) is None:  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_EVERY)
        named = await self._tab.node("textbox", "Your name")
        if named is not None:
            await self._tab.click(named)
            await self._tab.write(name)
        clicked = self._metered.now()
        await self._tab.click(button)
        return clicked


@asynccontextmanager
async def _firefox() -> AsyncIterator[_Bidi]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in _PREFERENCES.items()]
        (Path(profile) / "user.js").write_text("\n".join(lines))
        command = [str(FIREFOX), "--headless", "--no-remote", "--profile", profile]
        command += ["--remote-debugging-port", "0", "--width", "1000", "--height", "720"]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(_WITHIN):
                address = await _address(process)
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(f"{address}/session", max_msg_size=0) as socket,
            ):
                bidi = _Bidi(socket)
                listening = asyncio.create_task(bidi.listen())
                yield bidi
                listening.cancel()
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        _, says, address = line.decode(errors="replace").partition(_SAYS)
        if says:
            return address.strip()
    raise RuntimeError("Firefox ended")
