"""How the process's descriptors are shared out: to films, to connections, and to all the rest."""

from __future__ import annotations

import resource
from dataclasses import dataclass

__all__ = ["MOST_CONNECTIONS", "Shares", "claim_shares", "shares_of"]

RESERVED_DESCRIPTORS = 64
"""What the store, the log, the film folder, its probes and the loop need, with some to spare."""

MAX_OPEN_FILMS = 256
"""Films open at once: more are never watched at once from one disk."""

MOST_CONNECTIONS = 16_384
"""Connections at once: beyond this memory is what runs out."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Who may have how many descriptors."""

    films: int
    """Film files open at once."""

    connections: int
    """Connections at once; each may take two: the fast path has one of its own."""


def claim_shares() -> Shares:
    """Raise the process's limit as far as it may itself and is of use, and share it out."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    enough = RESERVED_DESCRIPTORS + MAX_OPEN_FILMS + 2 * MOST_CONNECTIONS
    if soft != unlimited and soft < enough:
        soft = enough if hard == unlimited else min(enough, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return shares_of(enough if soft == unlimited else soft)


def shares_of(limit: int) -> Shares:
    """Share out ``limit`` descriptors."""
    left = max(limit - RESERVED_DESCRIPTORS, 12)
    films = min(MAX_OPEN_FILMS, left // 4)
    return Shares(films=films, connections=min(MOST_CONNECTIONS, (left - films) // 2))
