"""aiortc as its examples use it: a player that does not decode, relayed to every viewer.

After ``examples/webcam`` with ``--play-without-decoding``: one ``MediaPlayer(decode=False)``, a
``MediaRelay``, and a preference for the film's codecs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from aiohttp import web
from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer, MediaRelay

__all__ = ["main"]

_CODECS = {"video": "video/H264", "audio": "audio/opus"}


class Example:
    """The handlers of the example, and what they share."""

    def __init__(self, film: Path) -> None:
        self._player = MediaPlayer(str(film), decode=False)
        self._relay = MediaRelay()
        self._peers: set[RTCPeerConnection] = set()

    async def offer(self, request: web.Request) -> web.Response:
        """Answer an offer with the film's tracks."""
        asked = await request.json()
        peer = RTCPeerConnection()
        self._peers.add(peer)

        @peer.on("connectionstatechange")
        async def changed() -> None:
            if peer.connectionState == "failed":
                await peer.close()
                self._peers.discard(peer)

        for track in (self._player.video, self._player.audio):
            assert track is not None
            sender = peer.addTrack(self._relay.subscribe(track))
            self._prefer(peer, sender)
        await peer.setRemoteDescription(RTCSessionDescription(asked["sdp"], asked["type"]))
        answer = await peer.createAnswer()
        assert answer is not None
        await peer.setLocalDescription(answer)
        said = peer.localDescription
        return web.json_response({"sdp": said.sdp, "type": said.type})

    @staticmethod
    def _prefer(peer: RTCPeerConnection, sender: RTCRtpSender) -> None:
        codecs = RTCRtpSender.getCapabilities(sender.kind).codecs
        [transceiver] = [one for one in peer.getTransceivers() if one.sender == sender]
        transceiver.setCodecPreferences(
            [codec for codec in codecs if codec.mimeType == _CODECS[sender.kind]]
        )


def main() -> None:
    """Serve the film named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("film", type=Path)
    parser.add_argument("port", type=int)
    options = parser.parse_args()

    async def application() -> web.Application:
        app = web.Application()
        app.router.add_post("/offer", Example(options.film).offer)
        return app

    web.run_app(application(), host="127.0.0.1", port=options.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
