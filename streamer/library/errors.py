"""What can go wrong in the library as a whole; what is wrong with one film is its verdict."""

from __future__ import annotations

__all__ = ["FolderUnusable", "LibraryError"]


class LibraryError(Exception):
    """The root of the library's errors."""


class FolderUnusable(LibraryError):
    """The film folder is missing, is no folder, or may not be read; the text says which."""
