"""The few fields of H.264 (ITU-T H.264) that a stream cut together from pieces needs changed. Pure.

The pump leaves a group of pictures in the middle, enters another, and repeats a picture. Each
picture's ``frame_num`` must follow that of the one before it (section 7.4.3), else decoders take
pictures for lost. It has a fixed number of bits near the beginning of each slice, so it is changed
in place; nothing is decoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from streamer.preparation.nal_units import joined, nal_type, split
from streamer.preparation.stream_layout import (
    NotLaidOut,
    SliceBits,
    StreamLayout,
    stream_layout,
)

__all__ = ["NumberedPayloads", "NumberedPictures"]

_SLICE = 1
_HEADER_BYTES = 40
"""More than the fields at the beginning of a slice take: three codes and two numbers."""

_IMPORTANCE, _P_ONLY = 0x60, 5
_STAP_A, _FU_A, _FU_START = 24, 28, 0x80
_EMULATED = re.compile(rb"\0\0(?=[\0-\3])")
"""Two zero bytes that need a third byte after them (section 7.4.1)."""


@dataclass(frozen=True, slots=True)
class _Number:
    """Where a picture stands after a keyframe."""

    decoded: int
    """How many references come before it."""

    shown: int
    """How many pictures come before it."""

    def bits(self, layout: StreamLayout) -> str:
        """Return ``frame_num`` and ``pic_order_cnt_lsb``, which counts fields."""
        text = _fixed(self.decoded, layout.frame_num_bits)
        return text + _fixed(2 * self.shown, layout.order_bits) if layout.order_bits else text


class NumberedPictures:
    """Numbers the pictures of one stream in the order in which they are sent.

    A stream that is not laid out as this expects is left as it is.
    """

    def __init__(self) -> None:
        self.layout: StreamLayout | None = None
        """How the stream is laid out; None before a keyframe, and where it is another kind."""
        self._references = 0
        self._pictures = 0
        self._is_reference = True

    def next(self, picture: bytes, *, keyframe: bool) -> bytes:
        """Return ``picture`` as the next one; it has 4 bytes of length before each NAL unit."""
        units = split(picture, 4)
        if keyframe:
            self.layout = stream_layout(units)
            self._references, self._pictures, self._is_reference = 0, 0, True
            return picture
        if self.layout is None:
            return picture
        self._is_reference = any(unit[0] & _IMPORTANCE for unit in units)
        number = self._next_number()
        return joined([_numbered(unit, number, self.layout) for unit in units])

    def repetition(self) -> bytes | None:
        """Return a picture of some bytes that shows the one before it again; None: impossible."""
        if self.layout is None or not self._is_reference:
            return None
        return joined([_skipped(self._next_number(), self.layout)])

    def _next_number(self) -> _Number:
        """Return the number after that of the last reference, and count where this is one."""
        number = _Number(self._references + 1, self._pictures + 1)
        self._references += self._is_reference
        self._pictures += 1
        return number


class NumberedPayloads:
    """Numbers pictures anew that are packets already, for one viewer who began elsewhere."""

    def __init__(self, layout: StreamLayout) -> None:
        """Begin after a keyframe of a stream of this ``layout``."""
        self._layout = layout
        self._number = _Number(0, 0)

    def next_picture(self) -> None:
        """Go on with the next picture; each is a reference."""
        self._number = _Number(self._number.decoded + 1, self._number.shown + 1)

    def numbered(self, payload: bytes) -> bytes:
        """Return an RTP payload (RFC 6184) of the picture, numbered."""
        kind = payload[0] & 0x1F
        if kind == _FU_A and payload[1] & _FU_START:
            unit = bytes((payload[0] & ~0x1F | payload[1] & 0x1F,)) + payload[2:]
            return payload[:2] + _numbered(unit, self._number, self._layout)[1:]
        if kind == _STAP_A:
            units = (_numbered(u, self._number, self._layout) for u in split(payload[1:], 2))
            sized = (len(unit).to_bytes(2) + unit for unit in units)
            return payload[:1] + b"".join(sized)
        return _numbered(payload, self._number, self._layout)


def _numbered(unit: bytes, number: _Number, layout: StreamLayout) -> bytes:
    """Return ``unit`` with ``number`` in its header (section 7.3.3), if it is a slice."""
    if nal_type(unit) != _SLICE:
        return unit
    bits, text = SliceBits(unit[:_HEADER_BYTES]), number.bits(layout)
    try:
        for _ in range(3):
            bits.coded()
        begin, size = bits.at, len(text)
        if bits.fixed(size) == int(text, 2):
            return unit
    except (IndexError, NotLaidOut):
        # A damaged film: decoders can do more with it than a room whose pump has failed.
        return unit
    body = bytearray(unit[1:].replace(b"\0\0\3", b"\0\0"))
    for place, bit in enumerate(text, begin):
        mask = 0x80 >> (place & 7)
        body[place >> 3] = body[place >> 3] | mask if bit == "1" else body[place >> 3] & ~mask
    # The first packet of a large slice may end in an escape: what it escapes is in the next packet.
    end = b"\3" if unit.endswith(b"\0\0\3") else b""
    return unit[:1] + _EMULATED.sub(b"\0\0\3", bytes(body)) + end


def _skipped(number: _Number, layout: StreamLayout) -> bytes:
    """Return a slice of which each macroblock is that of the picture before (section 7.3.4)."""
    fields = [_code(0), _code(_P_ONLY), _code(0), number.bits(layout)]
    fields += [_code(0)] if layout.has_redundant_count else []
    # No other number of references, no other order of them, none marked; the same quantizer.
    fields += ["0", "0", "0", _code(0)]
    # 1: not deblocked.
    fields += [_code(1)] if layout.has_deblocking else []
    fields += [_code(layout.columns * layout.rows), "1"]
    text = "".join(fields)
    text += "0" * (-len(text) % 8)
    body = int(text, 2).to_bytes(len(text) // 8)
    return bytes((_IMPORTANCE | _SLICE,)) + _EMULATED.sub(b"\0\0\3", body)


def _fixed(value: int, size: int) -> str:
    """Return the lower ``size`` bits of ``value``, u(n)."""
    return f"{value % (1 << size):0{size}b}"


def _code(value: int) -> str:
    """Return ``value`` as an Exp-Golomb code (section 9.1)."""
    text = f"{value + 1:b}"
    return "0" * (len(text) - 1) + text
