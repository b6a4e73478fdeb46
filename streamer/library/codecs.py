"""RFC 6381 names of codecs, read from the configuration records that lie in the container."""

from __future__ import annotations

__all__ = ["audio_codec_string", "video_codec_string"]

_VIDEO = {"vp8": "vp8", "vp9": "vp9"}
_AUDIO = {
    "mp3": "mp3",
    "opus": "opus",
    "vorbis": "vorbis",
    "flac": "flac",
    "ac3": "ac-3",
    "eac3": "ec-3",
}
_AAC_LC = 2
_AAC_ESCAPE = 31


def video_codec_string(codec: str, extradata: bytes, profile: str | None) -> str | None:
    """Return what stands after ``codecs=`` for a picture, or None where it cannot be told.

    ``extradata`` is the avcC record (ISO/IEC 14496-15 5.3.3.1), the av1C record (AV1 in ISOBMFF
    2.3.3) or nothing; VP9 tells its profile only through the decoder's ``profile``.
    """
    if codec == "h264" and len(extradata) >= 4 and extradata[0] == 1:
        return f"avc1.{extradata[1:4].hex()}"
    if codec == "av1" and len(extradata) >= 4 and extradata[0] == 0x81:
        return _av1(extradata)
    if codec == "vp9" and profile not in (None, "Profile 0"):
        return None
    return _VIDEO.get(codec)


def audio_codec_string(codec: str, extradata: bytes) -> str | None:
    """Return what stands after ``codecs=`` for a sound, or None where it cannot be told.

    For AAC ``extradata`` is the AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1); without it the
    plain profile is meant, as players take it.
    """
    if codec != "aac":
        return _AUDIO.get(codec)
    kind = _AAC_LC
    if len(extradata) >= 2:
        kind = extradata[0] >> 3
        if kind == _AAC_ESCAPE:
            kind = 32 + ((extradata[0] & 0x07) << 3 | extradata[1] >> 5)
    return f"mp4a.40.{kind}"


def _av1(record: bytes) -> str:
    profile, level = record[1] >> 5, record[1] & 0x1F
    tier = "H" if record[2] & 0x80 else "M"
    deep, deeper = record[2] & 0x40, record[2] & 0x20
    depth = 12 if deep and deeper else 10 if deep else 8
    return f"av01.{profile}.{level:02d}{tier}.{depth:02d}"
