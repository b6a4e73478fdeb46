"""Processes are told of as they are, also while some of them end."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.processes import ended, family

LOOKS = 2000
CHILDREN_THAT_END = "while :; do /bin/true & /bin/true & wait; done"
CHILD_THAT_STAYS = "sleep 60 & echo; wait"


@contextmanager
def shell(script: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(  # noqa: S603 -- a script of this file
        ["/bin/sh", "-c", script], stdout=subprocess.PIPE
    )
    try:
        yield process
    finally:
        for member in family(process.pid):
            with ended:
                os.kill(member, signal.SIGKILL)
        process.communicate()


def test_a_family_is_a_process_and_its_children() -> None:
    with shell(CHILD_THAT_STAYS) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()

        first, second = family(parent.pid)

    assert first == parent.pid
    assert second != first


def test_children_that_end_meanwhile_are_left_out() -> None:
    with shell(CHILDREN_THAT_END) as parent:
        for _ in range(LOOKS):
            assert family(parent.pid)[0] == parent.pid


def test_a_process_that_is_no_more_has_no_family() -> None:
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()

    assert not Path(f"/proc/{gone.pid}").exists()
    with pytest.raises(ProcessLookupError):
        family(gone.pid)
