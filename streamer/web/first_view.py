"""What a link shows before the page's script has come: the title, and the countdown.

The script takes a far viewer two more round trips. It replaces this by the lobby, which looks the
same (static/js/ui/room/lobby.js) and runs on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape

from streamer.web.api.invites import Preview

__all__ = ["first_view"]

DAY_S = 86_400

LOBBY = """<div id="moment" class="lobby" style="--hue: {hue}">
          <div class="backdrop" aria-hidden="true"></div>
          <div class="inner">
            <h1>{title}</h1>
            <p class="moment">&nbsp;</p>
            {countdown}
            <div class="join" style="visibility: hidden" inert>
              {field}<button class="main">&nbsp;</button>{account}
            </div>
          </div>
        </div>"""

COUNTDOWN = """<section class="countdown" aria-label="{label}">
              <p class="time-left" role="timer">{left}</p>
              <p class="note">{note}</p>
            </section>"""

NAME_FIELD = '<label class="field"><span>&nbsp;</span><input /></label>'
"""Keeps the place of the field for who has no name yet, so that nothing moves."""


ACCOUNT_LINE = '<p class="account"><a class="button quiet">&nbsp;</a></p>'
"""Keeps the place of the way to the sign-in."""


def first_view(
    invitation: Preview, words: Mapping[str, str], *, nameless: bool, sign_in: bool
) -> str:
    """Return the HTML of the lobby as far as it is known; a film that runs has no countdown.

    ``words`` are the pages' own, by their keys; ``sign_in``: whether accounts may come in.
    """
    named = nameless and invitation["guests"]
    timeline = invitation["timeline"]
    position = timeline["position"] + (invitation["now"] - timeline["instant"]) * timeline["rate"]
    return LOBBY.format(
        hue=_hue(invitation["target_id"]),
        title=escape(invitation["title"]),
        # Days have plurals, which the page's script knows.
        countdown=_countdown(-position, timeline["rate"], words) if -DAY_S < position < 0 else "",
        field=NAME_FIELD if named else "",
        account=ACCOUNT_LINE if named and sign_in else "",
    )


def _countdown(left: float, rate: float, words: Mapping[str, str]) -> str:
    return COUNTDOWN.format(
        label=escape(words["lobby.countdown"]),
        left=_clock(math.ceil(left - 0.001)),
        note=escape(words["lobby.begins" if rate else "lobby.held"]),
    )


def _clock(seconds: int) -> str:
    """Return seconds as ``4:05`` or ``1:04:05``."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _hue(name: str) -> int:
    """Return the colour that the page makes of a name, in degrees: FNV-1a, 32 bits."""
    value = 2166136261
    for character in name:
        value = (value ^ ord(character)) * 16777619 % 2**32
    return value % 360
