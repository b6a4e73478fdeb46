"""One opened film: decoded frames and packets from any position on, at times that do not lie.

A demuxer's seek is only a proposal, and timestamps begin anywhere. So each start is tried ever
earlier until a frame at or before the wanted time comes, and all times count from the container's
first timestamp.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, cast

import av
from av.stream import Disposition

from streamer.library.probe_worker import DEMUXERS
from streamer.preparation.errors import Unmakeable

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

__all__ = ["UNREFERENCED_UNTIL_S", "Source", "TimedFrame"]

TimedFrame = tuple[Fraction, "VideoFrame | AudioFrame"]
"""When a frame is shown or heard, seconds of the film, and the frame."""

SEEK_BACK_S = (0, 1, 4, 16, 64, 256, 1024, 4096, None)
"""How much before the wanted time a seek is tried, seconds; None: from the beginning."""

UNREFERENCED_UNTIL_S = 1
"""Until so long before the wanted time pictures that no other needs are not decoded, seconds."""

DEFAULT_RATE = 25
"""Frames per second where the file's word cannot be true."""

_MICROSECONDS = 1_000_000


class Source:
    """A film that is held open. Only ever used by one thread."""

    def __init__(
        self, path: str, *, threads: int, check: Callable[[], None] = lambda: None
    ) -> None:
        """Open the film at ``path``; ``check`` is called for each packet and may raise.

        Raises what libav raises, and Unmakeable where there is no picture.
        """
        self.path = path
        self.threads = threads
        self.check = check
        """To be called for each packet that is read."""
        self.sound_grids: dict[int, int] = {}
        """Where the frames of each sound track lie, samples; see sample_clock."""
        self._open()
        video = self.video
        rate = Fraction(video.guessed_rate or video.average_rate or DEFAULT_RATE)
        self.rate = rate if 4 < rate < 130 else Fraction(DEFAULT_RATE)
        """Frames per second."""
        average, base = video.average_rate, video.base_rate
        self.is_steady = bool(average and base and abs(average / base - 1) < Fraction(1, 100))
        """Whether no picture stays for long: then those before a wanted time that no other needs
        are not decoded. The file's word may not be true."""
        self.duration = Fraction(self.container.duration or 0, _MICROSECONDS)
        """Length by the container, seconds; 0 where it does not say."""

    def _open(self) -> None:
        options = {"protocol_whitelist": "file", "format_whitelist": DEMUXERS}
        self.container: InputContainer = av.open(
            self.path, options=options, metadata_errors="replace"
        )
        self.video = _first_picture(self.container)
        self.video.thread_type = "AUTO"
        self.video.codec_context.thread_count = self.threads
        # One origin for picture and sound, or they part.
        self.origin = Fraction(self.container.start_time or 0, _MICROSECONDS)

    @property
    def sound(self) -> AudioStream | None:
        """The first sound track that can be decoded."""
        for stream in self.container.streams.audio:
            if stream.codec_context is not None and stream.codec_context.sample_rate:
                return stream
        return None

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    def time_of(self, ticks: int, time_base: Fraction) -> Fraction:
        """Return a timestamp as seconds of the film."""
        return ticks * time_base - self.origin

    def packets_from(
        self, stream: VideoStream | AudioStream, at: Fraction | None
    ) -> Iterator[Packet[Stream]]:
        """Yield a stream's packets from about ``at`` on; None: from the very first."""
        try:
            if at is None:
                self._open()
            else:
                # Never by the sound: Matroska's index is of the picture alone.
                offset = int((at + self.origin) / (self.video.time_base or 1))
                self.container.seek(offset, stream=self.video)
        except OSError:
            self._open()
        wanted = self.container.streams[stream.index]
        for packet in self.container.demux(wanted):
            self.check()
            yield packet

    def decoded(
        self, stream: VideoStream | AudioStream, start: Fraction, tolerance: Fraction
    ) -> Iterator[TimedFrame]:
        """Yield frames from one at or before ``start`` on, or from the very first."""
        for back in SEEK_BACK_S:
            at = None if back is None or start - back <= 0 else start - back
            frames = self._decoded_about(stream, at, start - UNREFERENCED_UNTIL_S)
            first = next(frames, None)
            if at is None or (first is not None and first[0] <= start + tolerance):
                yield from frames if first is None else chain([first], frames)
                return

    def _decoded_about(
        self, stream: VideoStream | AudioStream, at: Fraction | None, wanted: Fraction
    ) -> Iterator[TimedFrame]:
        for packet in self.packets_from(stream, at):
            if self.is_steady and packet.stream.type == "video":
                base = packet.time_base
                early = packet.pts is not None and self.time_of(packet.pts, base) < wanted
                packet.stream.codec_context.skip_frame = "NONREF" if early else "DEFAULT"
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                continue
            for frame in cast("list[VideoFrame | AudioFrame]", frames):
                # AVI knows no presentation times: libav's guess is the decode time.
                ticks = frame.pts if frame.pts is not None else frame.dts
                if ticks is None or frame.time_base is None or frame.is_corrupt:
                    continue
                yield self.time_of(ticks, frame.time_base), frame


def _first_picture(container: InputContainer) -> VideoStream:
    for stream in container.streams.video:
        # A cover picture is a video stream of one frame.
        if not stream.disposition & Disposition.attached_pic:
            if stream.codec_tag in ("encv", "drmi"):
                raise Unmakeable("protected")
            return stream
    raise Unmakeable("no_picture")
