"""Scripts that pages of tests and benches run, with the reader of drawn numbers in them."""

from __future__ import annotations

from pathlib import Path

__all__ = ["READER", "function_in"]


def function_in(path: Path) -> str:
    """Return the function that a script consists of, as an expression to call."""
    return f"({path.read_text().rstrip().rstrip(';')})"


READER = function_in(Path(__file__).with_name("drawn_number.js"))
"""Makes a function that reads the number in the frame that a video shows."""
