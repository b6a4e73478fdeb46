"""Who belongs to a show, and how somebody who does not is refused: the only place for both.

A show hides from those outside it, so that ids tell nothing: no such show, or no such session.
Its room is different. Who asks for a socket holds a session's id already, and is told why the
room stays closed.
"""

from __future__ import annotations

from typing import TypeGuard

from sessions.core.errors import NotFound, NotMember, Removed, UnknownShow
from sessions.core.records import Member

__all__ = ["belongs", "require_may_enter", "require_member"]


def belongs(member: Member | None) -> TypeGuard[Member]:
    """Tell whether somebody belongs to a show; ``member`` is their place in it, where known."""
    return member is not None and not member.removed


def require_member(member: Member | None, refusal: type[NotFound] = UnknownShow) -> Member:
    """Return ``member``. Raises ``refusal`` for who does not belong to the show."""
    if not belongs(member):
        raise refusal
    return member


def require_may_enter(member: Member | None) -> Member:
    """Return ``member``, who enters the room. Raises NotMember, Removed."""
    if member is None:
        raise NotMember
    if member.removed:
        raise Removed
    return member
