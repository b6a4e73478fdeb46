"""Cursors: where the next page of a list begins, as opaque text."""

from __future__ import annotations

import base64
import binascii
import json
import math

from sessions.core.errors import Invalid

__all__ = ["cursor_of", "place_of"]


def cursor_of(name: str, place: tuple[float, str]) -> str:
    """Return the cursor of the list ``name`` that goes on behind ``place``: a time and an id."""
    return base64.urlsafe_b64encode(json.dumps([name, *place]).encode()).decode()


def place_of(name: str, cursor: str) -> tuple[float, str]:
    """Return the place that ``cursor`` names. Raises Invalid where it is none of list ``name``."""
    try:
        match json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True)):
            case [str(found), float(time), str(record_id)] if (
                found == name and math.isfinite(time) and record_id.isascii()
            ):
                return time, record_id
    except (binascii.Error, ValueError, RecursionError) as error:
        raise Invalid("that is no cursor of this list", path="cursor") from error
    raise Invalid("that is no cursor of this list", path="cursor")
