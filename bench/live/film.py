"""The film of the comparison: 720p25, H.264 at 2 Mbit/s without B-frames, and Opus at 96 kbit/s.

Ten seconds are encoded and repeated by copying their packets, so that a long film takes no longer.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from streamer.preparation.plan import X264_OPTIONS

__all__ = ["KEYFRAME_S", "TURN_S", "make_live_film", "repeat", "to_transport_stream"]

KEYFRAME_S = 2
"""Between two keyframes, s."""

_WIDTH, _HEIGHT, _RATE = 1280, 720, 25
TURN_S = 10
"""Length of what is repeated, s."""

_VIDEO_BITS, _AUDIO_BITS = 2_000_000, 96_000
_SAMPLE_RATE, _OPUS_SAMPLES = 48_000, 960
_NOISE_ROWS = 48
"""Rows that are new in each picture: as much as motion and grain, so that 2 Mbit/s are needed."""

_X264 = {
    **X264_OPTIONS,
    "g": str(KEYFRAME_S * _RATE),
    "maxrate": str(_VIDEO_BITS),
    "bufsize": str(_VIDEO_BITS // 2),
}
"""As Seans encodes, so that the film is sent as it is: all three servers send the same bytes."""


def make_live_film(path: Path, seconds: int) -> None:
    """Write a film of at least so many seconds, whole turns of ten, to ``path`` (MP4)."""
    turn = path.with_name("turn.mp4")
    _encode(turn)
    repeat(turn, path, -(-seconds // TURN_S), {"movflags": "+faststart"})
    turn.unlink()


def repeat(turn: Path, path: Path, times: int, options: dict[str, str] | None = None) -> None:
    """Write a film that shows a turn, :data:`TURN_S` s long, so many times; packets are copied."""
    with av.open(str(path), "w", options=options or {}) as film, av.open(str(turn)) as first:
        outputs = {
            given.index: film.add_stream_from_template(given)
            for given in (first.streams.video[0], first.streams.audio[0])
        }
        packets = _of_one_turn(first)
        for number in range(times):
            for packet in packets:
                film.mux(_moved(packet, outputs[packet.stream.index], number * TURN_S))


def to_transport_stream(film: Path, path: Path) -> None:
    """Copy a film's packets into MPEG-TS: aiortc sends undecoded pictures only from Annex B."""
    with av.open(str(film)) as source, av.open(str(path), "w", format="mpegts") as container:
        outputs = {
            given.index: container.add_stream_from_template(given)
            for given in (source.streams.video[0], source.streams.audio[0])
        }
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = outputs[packet.stream.index]
                container.mux(packet)


def _of_one_turn(first: InputContainer) -> list[Packet[Any]]:
    """Return as many packets of each track as make a whole turn: encoders may add more."""
    left = {"video": TURN_S * _RATE, "audio": TURN_S * _SAMPLE_RATE // _OPUS_SAMPLES}
    packets: list[Packet[Any]] = []
    for packet in first.demux():
        left[packet.stream.type] -= 1
        if packet.dts is not None and left[packet.stream.type] >= 0:
            packets.append(packet)
    return packets


def _moved(packet: Packet[Any], output: object, seconds: int) -> Packet[Any]:
    """Return a copy of a packet, later by so many seconds."""
    copy = Packet(bytes(packet))
    assert packet.pts is not None
    assert packet.dts is not None
    assert packet.time_base is not None
    later = int(seconds / packet.time_base)
    copy.pts, copy.dts = packet.pts + later, packet.dts + later
    copy.duration, copy.time_base = packet.duration, packet.time_base
    copy.is_keyframe, copy.stream = packet.is_keyframe, output  # type: ignore[assignment]
    return copy


def _encode(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=_RATE, options=_X264)
        assert isinstance(video, VideoStream)
        video.width, video.height, video.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        video.bit_rate = _VIDEO_BITS
        video.thread_type = "FRAME"
        audio = container.add_stream("libopus", rate=_SAMPLE_RATE, layout="stereo")
        assert isinstance(audio, AudioStream)
        audio.bit_rate = _AUDIO_BITS
        audio.options = {"vbr": "off", "frame_duration": "20"}
        random = Random(1)  # noqa: S311 -- noise of the picture
        texture = _texture(random)
        for number in range(TURN_S * _RATE):
            container.mux(video.encode(_picture(texture, number, random)))
        container.mux(video.encode(None))
        for number in range(TURN_S * _SAMPLE_RATE // _OPUS_SAMPLES):
            container.mux(audio.encode(_sound(number, random)))
        container.mux(audio.encode(None))


def _texture(random: Random) -> bytes:
    """Return a pattern larger than the picture, soft enough to be encoded like a film."""
    row = [random.randrange(64, 192) for _ in range(_WIDTH // 32)]
    soft = bytes(value for value in row for _ in range(32))
    return b"".join(soft[n % _WIDTH :] + soft[: n % _WIDTH] for n in range(0, 4 * _HEIGHT * 3, 3))


def _picture(texture: bytes, number: int, random: Random) -> av.VideoFrame:
    frame = av.VideoFrame(_WIDTH, _HEIGHT, "yuv420p")
    luma, *chroma = frame.planes
    start = number * _WIDTH
    noise = random.randbytes(_NOISE_ROWS * _WIDTH)
    top = number * 7 % (_HEIGHT - _NOISE_ROWS) * _WIDTH
    content = bytearray(texture[start : start + luma.buffer_size])
    content[top : top + len(noise)] = noise
    luma.update(bytes(content))
    for plane in chroma:
        plane.update(bytes((128,)) * plane.buffer_size)
    frame.pts, frame.time_base = number, Fraction(1, _RATE)
    return frame


def _sound(number: int, random: Random) -> av.AudioFrame:
    frame = av.AudioFrame("s16", "stereo", samples=_OPUS_SAMPLES)
    frame.planes[0].update(random.randbytes(frame.planes[0].buffer_size))
    frame.sample_rate = _SAMPLE_RATE
    frame.pts, frame.time_base = number * _OPUS_SAMPLES, Fraction(1, _SAMPLE_RATE)
    return frame
