"""Many datagrams by one system call (``recvmmsg``), which Python's socket module lacks."""

from __future__ import annotations

import ctypes
import errno
import os

__all__ = ["SLOT", "Datagrams"]

SLOT = 2048
"""Bytes kept for each datagram; larger than any that WebRTC sends."""

_DONTWAIT = 0x40


class _Vector(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Header(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.POINTER(_Vector)),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    _fields_ = (("header", _Header), ("length", ctypes.c_uint))


class Datagrams:
    """Room for some datagrams, filled again by each call."""

    def __init__(self, most: int = 64) -> None:
        self.buffer = bytearray(most * SLOT)
        """The datagrams, one each :data:`SLOT` bytes."""
        self._most = most
        self._libc = ctypes.CDLL(None, use_errno=True)
        base = ctypes.addressof(ctypes.c_char.from_buffer(self.buffer))
        self._vectors = (_Vector * most)(*(_Vector(base + n * SLOT, SLOT) for n in range(most)))
        self._messages = (_Message * most)()
        for message, vector in zip(self._messages, self._vectors, strict=True):
            message.header.vectors = ctypes.pointer(vector)
            message.header.vector_count = 1

    def receive(self, descriptor: int) -> int:
        """Take what has come to a socket without waiting; return how many datagrams."""
        count: int = self._libc.recvmmsg(descriptor, self._messages, self._most, _DONTWAIT, None)
        if count >= 0:
            return count
        # A port that is closed on the other side is reported once (RFC 1122 section 4.1.3.3).
        if (code := ctypes.get_errno()) in (errno.EAGAIN, errno.EINTR, errno.ECONNREFUSED):
            return 0
        raise OSError(code, os.strerror(code))

    def length(self, number: int) -> int:
        """Return the bytes of a datagram of the last call."""
        size: int = self._messages[number].length
        return size

    def content(self, number: int) -> bytes:
        """Return a copy of a datagram of the last call."""
        return bytes(self.buffer[number * SLOT : number * SLOT + self.length(number)])
