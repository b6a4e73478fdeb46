"""What processes use is told as it is, also while some of them end."""

from __future__ import annotations

from bench._machine import cpu_seconds, resident_bytes
from tests.harness.test_processes import CHILDREN_THAT_END, LOOKS, shell


def test_what_a_family_uses_is_told_while_children_end() -> None:
    with shell(CHILDREN_THAT_END) as parent:
        for _ in range(LOOKS):
            assert cpu_seconds(parent.pid) >= 0.0
            assert resident_bytes(parent.pid) > 0
