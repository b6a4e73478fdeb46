"""Consent freshness: whether a viewer still wants to be sent to (RFC 7675). Pure."""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["ASK_EVERY_S", "LASTS_S", "Consent"]

ASK_EVERY_S, LASTS_S = 5.0, 30.0
"""How often a viewer is asked, and how long its answer holds, seconds (section 5.1)."""


class Consent:
    """The consent of one viewer; the checks that made its connection are consent for a start."""

    def __init__(self, ask: Callable[[], None]) -> None:
        """``ask`` sends a question; call ``given`` when it is answered."""
        self._ask = ask
        self._asked_at: float | None = None
        self._ask_at = 0.0
        self._given_at = 0.0

    def holds(self, now: float) -> bool:
        """Return whether it holds at ``now``, seconds, and ask again if it is time to.

        Call it once a second.
        """
        if self._asked_at is None:
            self._given_at = now
        if self._asked_at is None or now >= self._ask_at:
            self._asked_at = now
            self._ask_at = now + ASK_EVERY_S * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
            self._ask()
        return now - self._given_at <= LASTS_S

    def given(self) -> None:
        """Note that the last question was answered."""
        self._given_at = self._asked_at or 0.0
