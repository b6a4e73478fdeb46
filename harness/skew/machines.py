"""The machines of the viewers: a headless Chromium each, whose processes can be stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Playwright

from harness.processes import ended, family

__all__ = ["CHROMIUM", "Machine", "chromium", "hogs"]

CHROMIUM = Path("/usr/bin/chromium")
"""Where Debian installs it."""

_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=Translate,MediaRouter,OptimizationHints",
]
_UNWANTED = ["--mute-audio", "--headless"]
_WINDOW = ["--window-size=1000,720", "--lang=en"]
_READY_WITHIN = 20.0
_LOOK_EVERY = 0.05
_HOG = "while True: pass"


@asynccontextmanager
async def chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    """Run a Chromium with sound, and with the rule that sound needs a click."""
    browser = await playwright.chromium.launch(
        executable_path=CHROMIUM,
        headless=True,
        args=_ARGUMENTS,
        ignore_default_args=_UNWANTED,
    )
    try:
        yield browser
    finally:
        await browser.close()


@dataclass(frozen=True, slots=True)
class Machine:
    """One viewer's computer: a Chromium as a person has it, with a profile that is new.

    It is started here and not by Playwright, which makes every page believe that it is seen.
    """

    context: BrowserContext
    """Its only window."""

    process: subprocess.Popen[bytes]
    """The first of its processes."""

    @classmethod
    @asynccontextmanager
    async def on(cls, playwright: Playwright, *options: str) -> AsyncIterator[Machine]:
        """Switch one on; ``options`` are further ones of Chromium's command line."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            command = [str(CHROMIUM), *_ARGUMENTS, *_WINDOW, *options, f"--user-data-dir={profile}"]
            command += ["--remote-debugging-port=0", "about:blank"]
            quiet = subprocess.DEVNULL
            process = subprocess.Popen(command, stdout=quiet, stderr=quiet)  # noqa: ASYNC220
            try:
                port = await _port(Path(profile) / "DevToolsActivePort")
                browser = await playwright.chromium.connect_over_cdp(
                    f"http://127.0.0.1:{port}", no_defaults=True
                )
                yield cls(browser.contexts[0], process)
                await browser.close()
            finally:
                _send(process, signal.SIGCONT)
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                process.kill()
                process.wait()

    async def stop_for(self, seconds: float) -> None:
        """Stop all its processes for so long: it is frozen, or asleep."""
        _send(self.process, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            _send(self.process, signal.SIGCONT)


async def _port(file: Path) -> int:
    async with asyncio.timeout(_READY_WITHIN):
        while not file.exists() or "\n" not in file.read_text():  # noqa: ASYNC110 -- a file
            await asyncio.sleep(_LOOK_EVERY)
    return int(file.read_text().split()[0])


def _send(process: subprocess.Popen[bytes], what: signal.Signals) -> None:
    if process.poll() is None:
        for member in family(process.pid):
            with ended:
                os.kill(member, what)


@contextmanager
def hogs(count: int) -> Iterator[None]:
    """Run so many processes that take all the processor they can get."""
    running = [subprocess.Popen([sys.executable, "-c", _HOG]) for _ in range(count)]
    try:
        yield
    finally:
        for hog in running:
            hog.kill()
            hog.wait()
