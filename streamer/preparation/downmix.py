"""Sound of any layout as stereo in which the dialogue is as loud as the rest."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from streamer.preparation.graphs import chained

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.filter import Graph

__all__ = ["stereo_graph"]

_GAINS = {
    "FL": (0.6, 0.0),
    "FR": (0.0, 0.6),
    "FC": (0.6, 0.6),
    "LFE": (0.15, 0.15),
    "BL": (0.3, 0.0),
    "SL": (0.3, 0.0),
    "BR": (0.0, 0.3),
    "SR": (0.0, 0.3),
    "BC": (0.2, 0.2),
}
"""How much of each channel goes to the left and to the right.

libav's own downmix scales by the sample's format, and may clip. Nothing with a memory, such as a
compressor, is used: what it gives would depend on where a run began.
"""


def stereo_graph(frame: AudioFrame, rate: int) -> Graph:
    """Return the graph that makes stereo (fltp) of frames such as this."""
    names = [channel.name for channel in frame.layout.channels]
    mixing = []
    if frame.layout.nb_channels > 2 and any(_GAINS.get(name, (0, 0))[0] for name in names):
        sides = (
            "+".join(
                f"{_GAINS[name][side]}*{name}" for name in names if _GAINS.get(name, (0, 0))[side]
            )
            for side in (0, 1)
        )
        mixing = [("pan", "stereo|FL={}|FR={}".format(*sides))]
    return chained(
        lambda graph: graph.add_abuffer(
            sample_rate=rate, format=frame.format, layout=frame.layout, time_base=Fraction(1, rate)
        ),
        [
            *mixing,
            ("aformat", "sample_fmts=fltp:channel_layouts=stereo"),
            ("abuffersink", ""),
        ],
    )
