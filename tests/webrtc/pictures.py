"""Pictures to packetise, and what puts them together again."""

from __future__ import annotations

import random

from streamer.webrtc.packets import MediaPackets, Packetizer

__all__ = ["IDR", "PPS", "SLICE", "SPS", "picture", "sent", "unit", "units_of"]

SLICE, IDR, SPS, PPS = 0x41, 0x65, 0x67, 0x68
"""First bytes of NAL units."""


def unit(header: int, size: int, seed: int = 0) -> bytes:
    """Return a NAL unit of ``size`` bytes."""
    return bytes((header,)) + random.Random(seed).randbytes(size - 1)


def picture(*units: bytes) -> bytes:
    """Return a picture of ``units``."""
    return b"".join(len(each).to_bytes(4) + each for each in units)


def sent(
    packetizer: Packetizer, size: int, *, shown_at: float = 0.0, keyframe: bool = False
) -> MediaPackets:
    """Return the packets of a picture that is one NAL unit of ``size`` bytes."""
    header = IDR if keyframe else SLICE
    return packetizer.packets(picture(unit(header, size)), shown_at=shown_at, keyframe=keyframe)


def units_of(payloads: tuple[bytes, ...]) -> list[bytes]:
    """Return the NAL units of RTP payloads (RFC 6184 section 5)."""
    units: list[bytes] = []
    for payload in payloads:
        kind = payload[0] & 0x1F
        if kind == 24:
            at = 1
            while at < len(payload):
                size = int.from_bytes(payload[at : at + 2])
                units.append(payload[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind == 28:
            if payload[1] & 0x80:
                units.append(bytes((payload[0] & 0xE0 | payload[1] & 0x1F,)))
            units[-1] += payload[2:]
        else:
            units.append(payload)
    return units
