"""Several ranges in one body: ``multipart/byteranges`` (RFC 9110 section 14.6)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from streamer.delivery.ranges import ByteRange

__all__ = ["Multipart", "Part", "lay_out"]


@dataclass(frozen=True, slots=True)
class Part:
    """One range and the lines before it."""

    head: bytes
    """The boundary and the part's own fields, up to the first byte of the film."""

    content: ByteRange
    """The range of the film that follows."""


@dataclass(frozen=True, slots=True)
class Multipart:
    """A whole multipart body, without the film's bytes."""

    content_type: str
    """Value of the response's ``Content-Type``, with the boundary."""

    parts: tuple[Part, ...]
    """The parts in the order of sending."""

    tail: bytes
    """The closing boundary."""

    @property
    def length(self) -> int:
        """Bytes of the whole body."""
        return sum(len(part.head) + part.content.length for part in self.parts) + len(self.tail)


def lay_out(ranges: tuple[ByteRange, ...], *, size: int, etag: str, content_type: str) -> Multipart:
    """Return the body for ``ranges`` of a film of ``size`` bytes.

    The boundary is a digest of the version and the ranges: the same request gets the same bytes,
    and no film holds a digest of itself.
    """
    seed = " ".join((etag, *(piece.content_range(size) for piece in ranges)))
    boundary = blake2b(seed.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
    parts = tuple(
        Part(
            (
                f"\r\n--{boundary}\r\n"
                f"Content-Type: {content_type}\r\n"
                f"Content-Range: {piece.content_range(size)}\r\n\r\n"
            ).encode("ascii"),
            piece,
        )
        for piece in ranges
    )
    tail = f"\r\n--{boundary}--\r\n".encode("ascii")
    return Multipart(f"multipart/byteranges; boundary={boundary}", parts, tail)
