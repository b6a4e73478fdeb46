"""The command line: ``python -m streamer`` serves, unless its first word is another."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Sequence
from threading import Timer
from urllib.parse import urlsplit

import uvloop

from streamer.app import CannotStart, real_clocks
from streamer.logs import LogWriter, begin_logging
from streamer.owner import print_owner_address
from streamer.secret import SecretUnusable
from streamer.serve import serve
from streamer.settings import OWNER, Settings, read_settings
from streamer.transfer import WORDS, run_word

__all__ = ["main"]

WANTED_DESCRIPTORS = 65_536
"""Files and connections that may be open at once, where the system allows it."""

MAX_STOP_S = 4.0
"""How long after the signal the process ends at the latest, seconds."""

MAX_THREADS_S = 0.5
"""How long threads may go on after everything is closed, seconds."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped, or do what the first word says; return the exit code."""
    _occupy_standard_streams()
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["owner"]:
        return _print_owner_address(arguments[1:])
    if arguments and arguments[0] in WORDS:
        names, flags = _names(arguments[1:])
        return run_word(arguments[0], names, read_settings(flags))
    settings = read_settings(arguments)
    signal.signal(signal.SIGTERM, _leave)
    _allow_many_connections()
    try:
        _serve(settings)
    except CannotStart as error:
        print(f"seans: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _names(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return the names that stand before the first flag, and the rest."""
    count = 0
    while count < len(arguments) and not arguments[count].startswith("--"):
        count += 1
    return arguments[:count], arguments[count:]


def _occupy_standard_streams() -> None:
    """Open the null device in place of standard streams that are closed.

    Else the event loop gets one of their numbers, which uvloop refuses to close, and a probe's
    worker loses its pipe to it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is taken, which is this one.
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - open until the end


def _serve(settings: Settings) -> None:
    log = begin_logging(settings.log_format)
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)

    def stopping() -> None:
        _leave_after(MAX_STOP_S, log, code=0)

    def announce(address: str) -> None:
        print(address, flush=True)
        if settings.who_may_host == "owner":
            print_owner_address(settings, urlsplit(address).port or 0, sys.stdout)

    code = 1
    try:
        runner.run(serve(settings, real_clocks(), log, announce, stopping))
        code = 0
    finally:
        # The runner and the interpreter wait for every thread, and one that reads from a dead disk
        # never ends.
        _leave_after(MAX_THREADS_S, log, code)
        runner.close()
        log.close()


def _leave_after(seconds: float, log: LogWriter, code: int) -> None:
    """End the process in ``seconds`` with ``code``, unless it has ended by itself."""

    def leave() -> None:
        log.close()
        os._exit(code)

    timer = Timer(seconds, leave)
    timer.daemon = True
    timer.start()


def _allow_many_connections() -> None:
    """Take more descriptors where the system gives them: each connection needs one, or two."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = (
        WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(WANTED_DESCRIPTORS, hard)
    )
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def _print_owner_address(arguments: Sequence[str]) -> int:
    settings = read_settings(arguments, OWNER)
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        print_owner_address(settings, settings.port, sys.stdout, renew="--renew" in arguments)
    except (SecretUnusable, OSError) as error:
        print(f"seans: {error}", file=sys.stderr)
        return 1
    return 0


def _leave(_number: int, _frame: object) -> None:
    """Leave as by Ctrl-C, until the server itself listens to signals."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
