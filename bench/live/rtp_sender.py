"""Sends a film as RTP in real time: what Janus's streaming plugin is fed by.

libav's own packetizer (RFC 6184, RFC 7587). Runs as a process of its own, on the viewers' core, and
does not count as Janus's.
"""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import av
from av.bitstream import BitStreamFilterContext
from av.container import OutputContainer
from av.packet import Packet

__all__ = ["PACKET_BYTES", "main"]

PACKET_BYTES = 1200
"""RTP header and payload: what fits every path that WebRTC is made for."""


def send(film: Path, video_port: int, audio_port: int) -> None:
    """Send the film once, at the pace it is played."""
    with ExitStack() as stack:
        source = stack.enter_context(av.open(str(film)))
        video, audio = source.streams.video[0], source.streams.audio[0]
        annex_b = BitStreamFilterContext("h264_mp4toannexb", video)
        outputs = {
            video.index: stack.enter_context(_output(video_port, 102)),
            audio.index: stack.enter_context(_output(audio_port, 111)),
        }
        streams = {
            stream.index: outputs[stream.index].add_stream_from_template(stream)
            for stream in (video, audio)
        }
        begun = time.monotonic()
        for packet in source.demux(video, audio):
            if packet.dts is None or packet.time_base is None:
                continue
            wait = begun + float(packet.dts * packet.time_base) - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            parts: list[Packet[Any]] = (
                annex_b.filter(packet) if packet.stream is video else [packet]
            )
            track = packet.stream.index
            for part in parts:
                part.stream = streams[track]
                outputs[track].mux(part)


def _output(port: int, payload_type: int) -> OutputContainer:
    address = f"rtp://127.0.0.1:{port}?pkt_size={PACKET_BYTES}"
    return av.open(address, "w", format="rtp", options={"payload_type": str(payload_type)})


def main() -> None:
    """Send the film named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("film", type=Path)
    parser.add_argument("video_port", type=int)
    parser.add_argument("audio_port", type=int)
    options = parser.parse_args()
    send(options.film, options.video_port, options.audio_port)


if __name__ == "__main__":
    main()
