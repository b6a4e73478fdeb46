"""Draws the frames of a film to measure by: a number for machines, a clock and a dusk for people.

The number of the frame stands in 16 cells of 40x40 pixels along the upper edge, the highest bit
first, white for 1; a second row below holds the complement. A reading counts where each pair
differs. Colours are Y, Cb, Cr of ITU-R BT.601: luma 16 to 235, chroma 128 is none.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt, pi, sin

__all__ = ["FRAME_RATE", "HEIGHT", "WIDTH", "Painter", "drawn_number"]

WIDTH, HEIGHT = 640, 360
"""Size of the picture, pixels."""

FRAME_RATE = 25
"""Frames per second."""

_Colour = tuple[int, int, int]

_CELL, _BITS = 40, 16
_BLACK, _MIDDLE, _WHITE = 16, 128, 235
_ZENITH, _HORIZON = (44, 152, 120), (158, 108, 152)
_SUN, _BOX = (208, 78, 152), (190, 112, 140)
_SKY_TOP, _SKY_BOTTOM = 2 * _CELL, 300

_HILLS = (
    (264, 16, 1.3, 0.4, (92, 134, 134)),
    (292, 14, 2.1, 2.0, (66, 136, 128)),
    (322, 10, 3.2, 4.1, (44, 134, 124)),
)
"""Of each, the nearest last: mean height, swing, waves in the picture, phase, colour."""

_BOX_SIZE, _BOX_TOP, _BOX_STEP = 28, 316, 7
_SUN_RADIUS, _SUN_HIGH, _SUN_LOW = 20, 210, 238

_DIGITS = {
    "0": (0b111, 0b101, 0b101, 0b101, 0b111),
    "1": (0b010, 0b110, 0b010, 0b010, 0b111),
    "2": (0b111, 0b001, 0b111, 0b100, 0b111),
    "3": (0b111, 0b001, 0b111, 0b001, 0b111),
    "4": (0b101, 0b101, 0b111, 0b001, 0b001),
    "5": (0b111, 0b100, 0b111, 0b001, 0b111),
    "6": (0b111, 0b100, 0b111, 0b101, 0b111),
    "7": (0b111, 0b001, 0b010, 0b010, 0b010),
    "8": (0b111, 0b101, 0b111, 0b101, 0b111),
    "9": (0b111, 0b101, 0b111, 0b001, 0b111),
    ":": (0b000, 0b010, 0b000, 0b010, 0b000),
}
"""Each digit five rows of three dots, the leftmost dot the highest bit."""


def drawn_number(luma_at: Callable[[int, int], int]) -> int | None:
    """Return the number that a frame shows; None where none can be read.

    ``luma_at`` returns the luma at (x, y) of the frame as it was drawn, WIDTH pixels wide.
    """
    number = 0
    for cell in range(_BITS):
        x = _CELL * cell + _CELL // 2
        bit, complement = (luma_at(x, row + _CELL // 2) > _MIDDLE for row in (0, _CELL))
        if bit == complement:
            return None
        number = number << 1 | bit
    return number


class Painter:
    """Draws any frame of a film of so many frames."""

    def __init__(self, frames: int) -> None:
        """Draw what stands still; the sun takes ``frames`` from the left to the right."""
        self._frames = frames
        self._still = _Canvas(*(bytearray((128,)) * size for size in _PLANES))
        _draw_landscape(self._still)

    def planes(self, n: int) -> tuple[bytes, bytes, bytes]:
        """Return the planes Y, Cb and Cr (4:2:0, rows without padding) of frame ``n``."""
        canvas = _Canvas(self._still.y[:], self._still.cb[:], self._still.cr[:])
        _draw_sun(canvas, n / max(self._frames - 1, 1))
        left = n * _BOX_STEP % (WIDTH - _BOX_SIZE)
        canvas.fill(left, _BOX_TOP, _BOX_SIZE, _BOX_SIZE, _BOX)
        seconds, rest = divmod(n, FRAME_RATE)
        _write(canvas, f"{seconds // 60:02d}:{seconds % 60:02d}:{rest:02d}", 160, 92, 10)
        _write(canvas, f"{n:05d}", 270, 154, 5)
        _draw_number(canvas, n)
        return bytes(canvas.y), bytes(canvas.cb), bytes(canvas.cr)


_PLANES = (WIDTH * HEIGHT, WIDTH * HEIGHT // 4, WIDTH * HEIGHT // 4)


class _Canvas:
    """A picture that can be drawn on: three planes, the two of colour at half the size."""

    def __init__(self, y: bytearray, cb: bytearray, cr: bytearray) -> None:
        self.y, self.cb, self.cr = y, cb, cr

    def fill(self, left: int, top: int, width: int, height: int, colour: _Colour) -> None:
        """Fill a rectangle; what is odd is rounded for the planes of colour."""
        luma, *chroma = colour
        self.light(left, top, width, height, luma)
        half = (left + width + 1) // 2 - left // 2
        for plane, value in zip((self.cb, self.cr), chroma, strict=True):
            for row in range(top // 2, (top + height + 1) // 2):
                start = row * (WIDTH // 2) + left // 2
                plane[start : start + half] = bytes((value,)) * half

    def light(self, left: int, top: int, width: int, height: int, luma: int) -> None:
        """Fill a rectangle with another lightness, its colour as it was."""
        line = bytes((luma,)) * width
        for start in range(top * WIDTH + left, (top + height) * WIDTH + left, WIDTH):
            self.y[start : start + width] = line


def _draw_landscape(canvas: _Canvas) -> None:
    for row in range(_SKY_TOP, HEIGHT, 2):
        share = min((row - _SKY_TOP) / (_SKY_BOTTOM - _SKY_TOP), 1.0)
        a, b, c = (round(z + share * (h - z)) for z, h in zip(_ZENITH, _HORIZON, strict=True))
        canvas.fill(0, row, WIDTH, 2, (a, b, c))
    for height, swing, waves, phase, colour in _HILLS:
        for column in range(0, WIDTH, 2):
            top = round(height + swing * sin(waves * 2 * pi * column / WIDTH + phase))
            canvas.fill(column, top, 2, HEIGHT - top, colour)


def _draw_sun(canvas: _Canvas, way: float) -> None:
    """Draw the sun where it stands after a share ``way`` (0-1) of its path."""
    x = 2 * _SUN_RADIUS + round(way * (WIDTH - 4 * _SUN_RADIUS))
    y = round(_SUN_LOW - (_SUN_LOW - _SUN_HIGH) * sin(way * pi))
    for row in range(-_SUN_RADIUS, _SUN_RADIUS + 1):
        half = isqrt(_SUN_RADIUS**2 - row**2)
        canvas.fill(x - half, y + row, 2 * half + 1, 1, _SUN)


def _draw_number(canvas: _Canvas, n: int) -> None:
    """Fill the two rows of cells, whole lines at a time; what is below them is without colour."""
    bits = [n >> place & 1 for place in reversed(range(_BITS))]
    white, black = bytes((_WHITE,)) * _CELL, bytes((_BLACK,)) * _CELL
    number = b"".join(white if bit else black for bit in bits)
    complement = b"".join(black if bit else white for bit in bits)
    canvas.y[: 2 * _CELL * WIDTH] = number * _CELL + complement * _CELL


def _write(canvas: _Canvas, text: str, left: int, top: int, dot: int) -> None:
    """Write digits and colons, each dot of a digit a square of ``dot`` pixels."""
    for place, sign in enumerate(text):
        for row, dots in enumerate(_DIGITS[sign]):
            for column in range(3):
                if dots >> (2 - column) & 1:
                    x = left + (place * 4 + column) * dot
                    canvas.light(x, top + row * dot, dot, dot, _WHITE)
