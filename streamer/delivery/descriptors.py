"""Divides the process's descriptors between films, connections and everything else."""

from __future__ import annotations

import resource
from dataclasses import dataclass

__all__ = ["MOST_CONNECTIONS", "Shares", "claim_shares", "shares_of"]

RESERVED_DESCRIPTORS = 64
"""Descriptors for the store, the log, the film folder, its probes and the loop, with a margin."""

MAX_OPEN_FILMS = 256
"""Largest number of open films: one disk never serves more at once."""

MOST_CONNECTIONS = 16_384
"""Largest number of connections: with more, memory runs out first."""


@dataclass(frozen=True, slots=True)
class Shares:
    """The numbers of films and connections that the descriptors allow."""

    films: int
    """Film files open at once."""

    connections: int
    """Connections at once; each may take two: the fast path has one of its own."""


def claim_shares() -> Shares:
    """Raise the process's limit as far as allowed and useful, and divide it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    enough = RESERVED_DESCRIPTORS + MAX_OPEN_FILMS + 2 * MOST_CONNECTIONS
    if soft != unlimited and soft < enough:
        soft = enough if hard == unlimited else min(enough, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return shares_of(enough if soft == unlimited else soft)


def shares_of(limit: int) -> Shares:
    """Divide ``limit`` descriptors."""
    left = max(limit - RESERVED_DESCRIPTORS, 12)
    films = min(MAX_OPEN_FILMS, left // 4)
    return Shares(films=films, connections=min(MOST_CONNECTIONS, (left - films) // 2))
