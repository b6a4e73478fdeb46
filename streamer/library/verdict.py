"""Whether browsers play a file as it is, judged from its facts alone.

A player gives no answer to this: with HEVC it plays the sound without the picture, with AC-3 the
picture without the sound, and raises no error. The tables are what Chromium and Firefox play.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from streamer.library.facts import AudioFacts, Facts, VideoFacts

__all__ = [
    "FAILURES",
    "MAX_FILM_S",
    "PLAYABLE",
    "Verdict",
    "content_type",
    "judge",
    "judge_failure",
    "length_of",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Playable, or why not."""

    code: str | None
    """Stable name of the reason, None where the file plays: ``not_a_film``, ``no_verdict``,
    ``empty``, ``unreadable``, ``too_costly``, ``no_picture``, ``protected``, ``container``,
    ``video_codec``, ``video_format``, ``audio_codec``, ``length``."""

    reason: str | None
    """The reason in English words, None where the file plays."""

    subject: str | None = None
    """What the reason is about: ``HEVC``, ``MPEG-TS``."""

    @property
    def playable(self) -> bool:
        """Whether browsers play the file as it is."""
        return self.code is None

    def is_shown(self, facts: Facts | None) -> bool:
        """Tell whether the film can be shown: as a file, else as the live rendition made of it."""
        if self.playable:
            return True
        if facts is None or facts.video is None or length_of(facts) is None:
            return False
        return self.code in _SHOWN_LIVE and facts.video.codec != _UNKNOWN


_SHOWN_LIVE = {"container", "video_codec", "video_format", "audio_codec"}
"""Codes of what browsers do not play, and the server decodes."""

_UNKNOWN = "unknown"
"""The codec that libav has no decoder for."""

PLAYABLE: Final = Verdict(None, None)

FAILURES: Final = {
    "empty": "The file is empty.",
    "no_verdict": "The server could not examine the file. It tries again at its next start.",
    "not_a_film": "This is not a film, or it is damaged beyond reading.",
    "too_costly": "Examining the file took more time or memory than a film may take.",
    "unreadable": "The server may not read this file.",
}
"""Why there are no facts, and the words for it."""

MAX_FILM_S = 1e6
"""Longest film, seconds: eleven days. Addresses and positions are made for no more."""

_MIME = {
    "mp4": "video/mp4",
    # QuickTime's is the same family of boxes, and browsers that know `video/mp4` alone play it.
    "mov": "video/mp4",
    "webm": "video/webm",
    "matroska": "video/x-matroska",
}
_OTHER_MIME = {"mpegts": "video/mp2t", "avi": "video/x-msvideo", "ogg": "video/ogg"}

_PLAYED_VIDEO = {
    "mp4": {"h264", "vp9", "av1"},
    "mov": {"h264"},
    "webm": {"vp8", "vp9", "av1"},
    "matroska": {"h264", "vp8", "vp9", "av1"},
}
_PLAYED_AUDIO = {
    "mp4": {"aac", "mp3", "opus", "flac"},
    "mov": {"aac", "mp3"},
    "webm": {"opus", "vorbis"},
    "matroska": {"aac", "mp3", "opus", "vorbis", "flac"},
}
_PLAIN = {"yuv420p", "yuvj420p"}
_SMALLEST_SIDE = 1

_NAMES = {
    "ac3": "AC-3",
    "asf": "Windows Media",
    "avi": "AVI",
    "dts": "DTS",
    "eac3": "E-AC-3",
    "flv": "Flash Video",
    "h264": "H.264",
    "hevc": "HEVC",
    "mov": "QuickTime",
    "mp4": "MP4",
    "mpeg": "MPEG program stream",
    "mpeg1video": "MPEG-1",
    "mpeg2video": "MPEG-2",
    "mpeg4": "MPEG-4 Part 2",
    "mpegts": "MPEG-TS",
    "ogg": "Ogg",
    "prores": "ProRes",
    "truehd": "TrueHD",
    "vc1": "VC-1",
    "webm": "WebM",
}


def judge(facts: Facts) -> Verdict:
    """Return whether browsers play a file with these facts as it is."""
    video = facts.video
    if video is None:
        return Verdict("no_picture", "The file has no picture, only sound or text.")
    if video.encrypted:
        return Verdict("protected", "The film is protected against copying and cannot be shown.")
    if min(video.width, video.height) < _SMALLEST_SIDE:
        return Verdict("not_a_film", FAILURES["not_a_film"])
    return (
        _judge_container(facts)
        or _judge_tracks(facts.container, video, facts.audio)
        or _judge_length(facts)
        or PLAYABLE
    )


def judge_failure(code: str) -> Verdict:
    """Return the verdict where there are no facts; ``code`` is one of :data:`FAILURES`."""
    return Verdict(code, FAILURES[code])


def length_of(facts: Facts | None) -> float | None:
    """Return the length, seconds; None where the file tells none, or one that cannot be true."""
    if facts is None or facts.duration is None or not 0.0 < facts.duration <= MAX_FILM_S:
        return None
    return facts.duration


def content_type(facts: Facts | None) -> str:
    """Return the media type, with ``codecs`` where each track that a player uses tells its own."""
    if facts is None:
        return "application/octet-stream"
    mime = _MIME.get(facts.container)
    if mime is None:
        return _OTHER_MIME.get(facts.container, "application/octet-stream")
    used = [facts.video, *facts.audio[:1]]
    names = [track.codec_string for track in used if track is not None and track.codec_string]
    short_in_mp4 = mime == "video/mp4" and "vp9" in names  # the short name is WebM's alone
    if len(names) < len(used) or short_in_mp4:
        return mime
    return f'{mime}; codecs="{", ".join(names)}"'


def _judge_container(facts: Facts) -> Verdict | None:
    if facts.container in _MIME:
        return None
    name = _name(facts.container)
    return Verdict("container", f"{name} files: browsers do not open them.", name)


def _judge_tracks(
    container: str, video: VideoFacts, audio: tuple[AudioFacts, ...]
) -> Verdict | None:
    """Judge the picture, and of the sounds the first: the one a browser plays by itself.

    (Chromium takes a later sound where it does not know the first of a Matroska file, yet in an
    MP4 it stays silent.)
    """
    picture = _name(video.codec)
    seen = video.codec in _PLAYED_VIDEO[container]
    heard = not audio or audio[0].codec in _PLAYED_AUDIO[container]
    if not seen and not heard:
        words = f"{picture} video and {_name(audio[0].codec)} sound: browsers play neither."
        return Verdict("video_codec", words, picture)
    if not seen:
        effect = "would play the sound without the picture" if audio else "do not show it"
        words = f"{picture} video: browsers {effect}."
        return Verdict("video_codec", words, picture)
    if video.codec == "h264" and video.pixel_format not in _PLAIN:
        form = f"H.264 {video.profile or video.pixel_format}"
        words = f"{form} video ({video.pixel_format}): not every browser shows it."
        return Verdict("video_format", words, form)
    if not heard and audio[0].codec.startswith("pcm_"):
        return Verdict("audio_codec", "PCM sound: not every browser plays it.", "PCM")
    if not heard:
        sound = _name(audio[0].codec)
        words = f"{sound} sound: browsers would show the picture without the sound."
        return Verdict("audio_codec", words, sound)
    return None


def _judge_length(facts: Facts) -> Verdict | None:
    if length_of(facts) is not None:
        return None
    return Verdict("length", "The length of the film cannot be told, or is more than a film has.")


def _name(libav_name: str) -> str:
    return _NAMES.get(libav_name, libav_name.replace("_", " ").upper())
