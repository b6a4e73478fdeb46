"""What somebody has watched; the room itself writes it (sessions.live.view_log)."""

from __future__ import annotations

from sessions.live.registry import Registry
from sessions.stores.personal import ViewPage, ViewStore

__all__ = ["History"]


class History:
    """The histories of people; each sees their own."""

    def __init__(self, store: ViewStore, registry: Registry) -> None:
        self._store = store
        self._registry = registry

    async def list(self, user_id: str, limit: int, cursor: str | None) -> ViewPage:
        """Return a page of one's history, the newest first. Raises Invalid."""
        return await self._store.views_of(user_id, limit, cursor)

    async def delete(self, user_id: str, view_id: str) -> None:
        """Forget an entry; who watches on begins a new one.

        Raises UnknownView, RateLimited, StoreUnavailable.
        """
        self._registry.changes.take(user_id)
        view = await self._store.delete_view(user_id, view_id)
        self._forget(user_id, view.session_id)

    async def clear(self, user_id: str) -> None:
        """Forget a whole history. Raises RateLimited, StoreUnavailable."""
        self._registry.changes.take(user_id)
        await self._store.delete_views(user_id)
        self._forget(user_id, None)

    def _forget(self, user_id: str, session_id: str | None) -> None:
        for live in self._registry.open_sessions():
            if session_id in (None, live.session.id):
                live.view_log.forget(user_id)
