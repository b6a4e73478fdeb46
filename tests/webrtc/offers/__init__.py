"""Offers of browsers, as they are."""

from __future__ import annotations

from pathlib import Path

__all__ = ["offer_of"]


def offer_of(browser: str) -> str:
    """Return an offer of ``browser``, to receive picture and sound."""
    return (Path(__file__).parent / f"{browser}.sdp").read_text().replace("\n", "\r\n")
