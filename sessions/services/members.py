"""Who belongs to a show: roles, muting, keeping out and pardoning. What one may is in roles.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sessions.core.errors import NeedsHost, Refused, UnknownMember
from sessions.core.records import Entry, EntryKind, Member
from sessions.core.roles import Role, may_edit_show, may_invite_as, may_moderate, require
from sessions.live.registry import Registry
from sessions.services.locks import Locks
from sessions.services.membership import Membership
from sessions.services.shows import ShowInviteStore
from sessions.wire import Presence

__all__ = ["Members", "Row"]

Row = tuple[Member, Presence]
"""Somebody's place in a show, and how they are there."""


class Members:
    """The members of shows."""

    def __init__(self, store: ShowInviteStore, registry: Registry, locks: Locks) -> None:
        self._store = store
        self._membership = Membership(store)
        self._registry = registry
        self._locks = locks

    async def list(
        self, show_id: str, user_id: str, limit: int, cursor: str | None = None
    ) -> tuple[Sequence[Row], str | None]:
        """Return a page of who belongs to a show, the oldest first, and the next one's cursor.

        Raises UnknownShow for who does not, Invalid on a cursor that is none of this list.
        """
        await self._membership.in_show(show_id, user_id)
        page = await self._store.members_of(show_id, limit, cursor, removed=False)
        return [self._row(member) for member in page.items], page.next

    async def change(
        self, show_id: str, user_id: str, target_id: str, role: Role | None, muted: bool | None
    ) -> Row:
        """Give ``target_id`` a role, mute or unmute them; None stays as it is.

        A role for somebody who was removed pardons them. Who is no moderator any more has the links
        revoked that they made. Giving ``host`` away makes the old host
        a moderator. Raises UnknownShow, UnknownMember, NotAllowed, NeedsHost, RateLimited,
        StoreUnavailable.
        """
        async with self._locks.of(show_id):
            asker = await self._membership.in_show(show_id, user_id)
            target = await self._target(show_id, target_id)
            if target.removed and role is None:
                raise UnknownMember
            changed = _changed(asker, target, role, muted)
            if changed == target:
                return self._row(target)
            self._registry.changes.take(user_id)
            if (target.role, changed.role) == ("moderator", "guest"):
                # Their links would go on to let people in.
                await self._revoke_links_of(target)
            members = [changed]
            entries: list[Entry] = []
            if changed.role != target.role:
                entries.append(await self._entry("role", asker, changed, changed.role))
            if changed.role == "host":
                members.append(replace(asker, role="moderator"))
            await self._keep(show_id, members, entries)
            return self._row(changed)

    async def remove(self, show_id: str, user_id: str, target_id: str) -> None:
        """Keep ``target_id`` out until pardoned, and revoke the links they made.

        Once more changes nothing. The show's own link stays, whoever renewed it. Raises
        UnknownShow, UnknownMember, NotAllowed, RateLimited, StoreUnavailable.
        """
        async with self._locks.of(show_id):
            asker = await self._membership.in_show(show_id, user_id)
            target = await self._target(show_id, target_id)
            require(may_moderate(asker.role, target.role))
            if target.removed:
                return
            self._registry.changes.take(user_id)
            # First: a removal that fails is asked for again, one that holds is not.
            await self._revoke_links_of(target)
            removed = replace(target, removed=True)
            entry = await self._entry("removed", asker, removed, None)
            await self._keep(show_id, [removed], [entry])

    async def _revoke_links_of(self, member: Member) -> None:
        made = await self._store.invites_of(member.show_id)
        theirs = [i for i in made if i.user_id == member.user_id and not (i.own or i.revoked)]
        if theirs:
            await self._store.save_invites([replace(invite, revoked=True) for invite in theirs])

    async def _keep(
        self, show_id: str, members: Sequence[Member], entries: Sequence[Entry]
    ) -> None:
        undo = self._registry.expect(show_id, members)
        try:
            kept = await self._store.save_members(show_id, members, entries)
        except Refused:
            undo()
            raise
        self._registry.members_changed(show_id, members, kept)

    async def _entry(
        self, kind: EntryKind, asker: Member, subject: Member, role: Role | None
    ) -> Entry:
        live = await self._registry.live_show(asker.show_id)
        entry = live.entry(kind, asker)
        return replace(entry, subject=subject.user_id, subject_name=subject.name, role=role)

    async def _target(self, show_id: str, target_id: str) -> Member:
        member = await self._store.member(show_id, target_id)
        if member is None:
            raise UnknownMember
        return member

    def _row(self, member: Member) -> Row:
        return member, self._registry.presence(member.show_id, member.user_id)


def _changed(asker: Member, target: Member, role: Role | None, muted: bool | None) -> Member:
    """Return ``target`` as ``asker`` wants it. Raises NotAllowed, NeedsHost."""
    changed = target
    if role is not None:
        if target.removed:
            pardons = may_moderate(asker.role, target.role) and may_invite_as(asker.role, role)
            require(pardons)
        else:
            require(may_edit_show(asker.role))
        if target.role == "host" and role != "host":
            raise NeedsHost
        # Nobody could unmute a host.
        muting = target.muted and role != "host"
        changed = replace(changed, role=role, removed=False, muted=muting)
    if muted is not None:
        require(may_moderate(asker.role, target.role))
        changed = replace(changed, muted=muted)
    if role is None and muted is None:
        require(may_moderate(asker.role, target.role))
    return changed
