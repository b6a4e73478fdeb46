"""Who belongs to a show, and how somebody who does not is refused: the only place for both.

A show hides from those outside it, so that ids tell nothing: no such show, or no such session.
Its room is different. Who asks for a socket holds a session's id already, and is told why the
room stays closed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from sessions.core.errors import InviteGone, NotFound, NotMember, Removed, UnknownShow
from sessions.core.records import Entry, Invite, Member
from sessions.core.roles import at_least

__all__ = ["accept", "belongs", "merge", "presence_after", "require_may_enter", "require_member"]


def belongs(member: Member | None) -> TypeGuard[Member]:
    """Tell whether somebody belongs to a show; ``member`` is their place in it, where known."""
    return member is not None and not member.removed


def require_member(member: Member | None, refusal: type[NotFound] = UnknownShow) -> Member:
    """Return ``member``. Raises ``refusal`` for who does not belong to the show."""
    if not belongs(member):
        raise refusal
    return member


def accept(
    invite: Invite, known: Member | None, newcomer: Member, *, judged: bool, now: float
) -> Member:
    """Return the member that ``newcomer`` is by ``invite`` at ``now``, Unix seconds.

    ``known`` is their row where they have one; it is returned itself where the invite changes
    nothing, and then nothing of it is used up. ``judged`` says whether they were given a role, or
    removed, by hand since the invite was made. Raises InviteGone, Removed.
    """
    if invite.gone(now):
        # Who is a member comes in by any link that once led here.
        if belongs(known):
            return known
        raise InviteGone
    if known is not None:
        if known.removed:
            raise Removed
        # A link made before somebody was made a guest by hand must not raise them once more.
        if judged or at_least(known.role, invite.role):
            return known
    # Only now: who is a member already uses nothing, and still comes in.
    if invite.used_up():
        raise InviteGone
    return replace(known or newcomer, role=invite.role, show_id=invite.show_id)


def merge(guest: Member, known: Member | None, user_id: str, name: str) -> Member:
    """Return the place of ``user_id``, who was ``guest`` in a show before they had an account.

    ``known`` is their own place in it, where they have one. No role is lowered, and nobody who was
    muted or removed, under either id, is let off by it. Only a show's host, who may pardon
    anybody, comes back under an id that was removed: else the show would be without one.
    """
    if known is None:
        return replace(guest, user_id=user_id, name=name)
    if guest.removed or (known.removed and guest.role != "host"):
        return known
    role = known.role if at_least(known.role, guest.role) else guest.role
    # Nobody could unmute a host.
    muted = (known.muted or guest.muted) and role != "host"
    return replace(known, role=role, muted=muted, removed=False)


def presence_after(entry: Entry) -> tuple[str, bool] | None:
    """Return whom ``entry`` of the log says to be here, or no longer here; None: nobody."""
    match entry.kind:
        case "joined":
            return entry.user_id, True
        case "left":
            return entry.user_id, False
        case "removed" if entry.subject is not None:
            return entry.subject, False
        case _:
            return None


def require_may_enter(member: Member | None) -> Member:
    """Return ``member``, who enters the room. Raises NotMember, Removed."""
    if member is None:
        raise NotMember
    if member.removed:
        raise Removed
    return member
