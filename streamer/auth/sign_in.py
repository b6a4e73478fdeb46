"""The way to the sign-in of an outside Auth service and back, safe against forged returns.

Who leaves takes a random ``state`` along, and keeps the same in a cookie: a return that this
browser did not begin is refused (RFC 6749 section 10.12), so nobody is signed in under a stranger's
name. Where one goes afterwards is a path of this site, whatever was asked for.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import quote

__all__ = [
    "RETURN_PATH",
    "SIGN_IN_LIFETIME_S",
    "Departure",
    "depart",
    "path_kept",
    "path_of_return",
    "safe_path",
]

RETURN_PATH = "/sign-in/return"
"""The page to which the Auth service leads back."""

SIGN_IN_LIFETIME_S = 900.0
"""How long somebody may take to sign in, seconds."""

STATE_BYTES = 24
"""Random bytes of a state: 192 bits."""

MAX_PATH = 1024
"""Longest path that is come back to, characters."""

HOME = "/"

PATH = re.compile(r"/(?:[^/\\\s\x00-\x20\x7f][^\\\s\x00-\x20\x7f]*)?")
"""A path of this site. A second slash would name another host, and so would a backslash, which
browsers read as one (WHATWG URL, special schemes); they leave out tabs and line feeds."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody's way to the sign-in."""

    location: str
    """Where to go: the sign-in's address."""

    cookie: str
    """What the browser keeps until the return."""


def safe_path(wanted: str) -> str:
    """Return ``wanted`` where it is a path of this site that people see, else that of the home."""
    if len(wanted) > MAX_PATH or not PATH.fullmatch(wanted):
        return HOME
    # Back to the sign-in would be a circle; the other is no page.
    return HOME if re.match(r"/(sign-in|api|media|static)(/|\?|$)", wanted) else wanted


def depart(template: str, site: str, wanted: str) -> Departure:
    """Return the way to the sign-in at ``template`` and back to the path ``wanted`` of ``site``.

    ``{return}`` becomes the address of the return page. Where ``{state}`` stands as well, the Auth
    service is to bring it back; else it is part of that address.
    """
    state = secrets.token_urlsafe(STATE_BYTES)
    back = site + RETURN_PATH
    if "{state}" not in template:
        back += f"?state={state}"
    location = template.replace("{state}", state).replace("{return}", quote(back, safe=""))
    path = urlsafe_b64encode(safe_path(wanted).encode()).rstrip(b"=").decode()
    return Departure(location, f"{state}.{path}")


def path_of_return(cookie: str, state: str) -> str | None:
    """Return where a return with ``state`` leads; None where this browser did not begin it."""
    kept = cookie.partition(".")[0]
    # A cookie may hold any bytes, which come as surrogates.
    known, given = (text.encode(errors="surrogateescape") for text in (kept, state))
    if not kept or not hmac.compare_digest(known, given):
        return None
    return path_kept(cookie)


def path_kept(cookie: str) -> str:
    """Return where somebody wanted to go who left with ``cookie``, to try it again."""
    path = cookie.partition(".")[2]
    try:
        wanted = urlsafe_b64decode(path + "=" * (-len(path) % 4)).decode()
    except ValueError:
        return HOME
    # Once more: a cookie is what the browser says it is.
    return safe_path(wanted)
