"""What planning and delivery ask of the library, which knows neither of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from sessions.services.shows import Film
from streamer.delivery.film_files import ServedFile
from streamer.library.catalogue import Catalogue
from streamer.library.titles import Title

__all__ = ["film_files", "planned_films"]


def planned_films(catalogue: Catalogue) -> Callable[[str], Film | None]:
    """Return what planning a show asks: from a film's id to its name, length and refusal."""

    def find(film_id: str) -> Film | None:
        title = catalogue.get(UUID(film_id))
        if title is None:
            return None
        refusal = None if title.state == "ready" else title.reason or "it is not ready"
        return Film(title=title.title, duration=title.duration, refusal=refusal)

    return find


def film_files(catalogue: Catalogue, folder: Path) -> Callable[[str], ServedFile | None]:
    """Return what the film server asks: from a film's id to its file in ``folder``."""
    known: dict[UUID, tuple[Title, ServedFile]] = {}

    def find(film_id: str) -> ServedFile | None:
        try:
            title = catalogue.get(UUID(film_id))
        except ValueError:
            return None
        if title is None or title.state != "ready":
            return None
        remembered = known.get(title.id)
        if remembered is None or remembered[0] is not title:
            file = ServedFile(
                path=str(title.path),
                content_type=title.content_type,
                content=title.etag,
                folder=str(folder.resolve()),
            )
            remembered = known[title.id] = (title, file)
        return remembered[1]

    return find
