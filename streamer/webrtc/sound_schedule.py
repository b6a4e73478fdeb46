"""Which sound the pump sends when: a pure function, like ``pump_schedule``.

Sound never pauses: where none is due, silence is sent. So receivers keep their buffer and their
measure of the line, and picture and sound are in sync from the first packet after a pause.
"""

from __future__ import annotations

from dataclasses import dataclass

from sessions.core.timeline import Chain
from streamer.webrtc.loaded_film import LoadedFilm
from streamer.webrtc.pump_schedule import stretch_at

__all__ = ["PACKET_S", "SILENCE", "SoundPacket", "sound_until"]

PACKET_S = 0.02
"""Length of an Opus packet, seconds."""

SILENCE = b"\xfc\xff\xfe"
"""An Opus packet of 20 ms of silence, stereo, full band (RFC 6716 section 3.1: code 31)."""

MAX_LATE_S = 0.5
"""Sound that is later than this is left out, seconds."""


@dataclass(frozen=True, slots=True)
class SoundPacket:
    """A packet to send."""

    data: bytes
    """An Opus packet."""

    shown_at: float
    """When it is to be heard, Unix seconds."""


def sound_until(
    horizon: float, settled: float, chain: Chain, film: LoadedFilm
) -> tuple[list[SoundPacket], float]:
    """Return what is to be heard up to ``horizon``, and the end of the last packet, Unix seconds.

    ``settled`` is the end of the packet before.
    """
    packets: list[SoundPacket] = []
    time = settled if horizon - settled <= MAX_LATE_S else horizon
    while time <= horizon:
        stretch = stretch_at(chain, time, film.duration)
        found = film.sound_from(stretch.position_at(time)) if stretch.rate == 1.0 else None
        begin = time if found is None else stretch.time_of(found[0])
        if found is not None and begin - time < PACKET_S:
            # After a seek a gap may remain that is shorter than a packet; the receiver fills it.
            packets.append(SoundPacket(found[1], begin))
            time = begin + PACKET_S
        elif stretch.rate == 0.0 and stretch.end - time < PACKET_S:
            # The same gap at a start: better than to lose the first packet.
            time = stretch.end
        else:
            packets.append(SoundPacket(SILENCE, time))
            time += PACKET_S
    return packets, time
