"""What planning, delivery and preparation ask of the library, which knows none of them."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from sessions.services.planning import Film, Titles
from streamer.delivery.film_files import LookUp, ServedFile
from streamer.library.catalogue import Catalogue
from streamer.library.titles import MediaFile, Title
from streamer.preparation.films import FilmFile, FilmLookUp, PreparableFilm

__all__ = ["film_files", "planned_titles", "preparable_films"]


def planned_titles(catalogue: Catalogue) -> Titles:
    """Return what planning a show asks: films with their lengths and refusals, and series."""

    def find_film(film_id: str) -> Film | None:
        title = catalogue.get(UUID(film_id))
        if title is None:
            return None
        refusal = None if title.state == "ready" else title.reason or "it is not ready"
        return Film(
            title=title.title,
            duration=title.duration,
            refusal=refusal,
            type=title.type,
            series_id=str(title.episode.series_id) if title.episode else None,
        )

    def find_series(series_id: str) -> str | None:
        series = catalogue.series(UUID(series_id))
        return None if series is None else series.title

    return Titles(find_film, find_series)


def film_files(catalogue: Catalogue, folder: Path) -> LookUp:
    """Return what the film server asks: from a film and a resource to its file in ``folder``."""
    known: dict[tuple[UUID, str], tuple[Title, ServedFile]] = {}

    def find(film_id: str, resource: str) -> ServedFile | None:
        try:
            title = catalogue.get(UUID(film_id))
        except ValueError:
            return None
        if title is None:
            return None
        place = title.id, resource
        remembered = known.get(place)
        if remembered is not None and remembered[0] is title:
            return remembered[1]
        for rendition in title.renditions:
            if rendition.resource == resource:
                served = _served(rendition.file, folder)
                known[place] = title, served
                return served
        return None

    return find


def preparable_films(catalogue: Catalogue) -> FilmLookUp:
    """Return what making a rendition asks: from a film's id to its file and length."""

    def find(film_id: UUID) -> PreparableFilm | None:
        title = catalogue.get(film_id)
        if title is None:
            return None
        source = title.source
        return PreparableFilm(
            FilmFile(str(source.path), source.size, source.modified), source.content, title.duration
        )

    return find


def _served(file: MediaFile, folder: Path) -> ServedFile:
    return ServedFile(
        path=str(file.path),
        content_type=file.content_type,
        content=file.etag,
        folder=str(folder.resolve()),
    )
