"""The picture has a panel for every scenario, a line for every viewer, a mark for every command."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from bench.skew.picture import draw
from bench.skew.scenarios import Take
from harness.skew.figures import FRAME_RATE, Frame, RoomTimeline, TimelineHistory
from harness.skew.viewers import Record
from harness.skew.viewing import Observation

SVG = "{http://www.w3.org/2000/svg}"


def take(*late: float) -> Take:
    timeline = RoomTimeline(0.0, 1.0, 1000.0, 1)
    records = [Record([Frame(1000.0 + n / FRAME_RATE + by, n) for n in range(100)]) for by in late]
    return Take(
        {}, Observation(TimelineHistory((timeline,)), tuple(records)), [(1002.0, "pause & more")]
    )


def drawn(takes: dict[str, Take]) -> ET.Element:
    return ET.fromstring(draw(takes))  # noqa: S314 -- our own


def test_a_panel_a_scenario_a_line_a_viewer_a_mark_a_command() -> None:
    picture = drawn({"one": take(0.0, 0.02), "other": take(0.0)})

    assert len(picture.findall(f"{SVG}g")) == 2
    assert len(picture.findall(f".//{SVG}path")) == 3
    assert len(picture.findall(f".//{SVG}line")) == 2
    assert "pause & more" in [text.text for text in picture.iter(f"{SVG}text")]


def test_a_viewer_who_is_far_off_runs_along_the_edge_and_never_out_of_the_panel() -> None:
    path = drawn({"one": take(9.0)}).find(f".//{SVG}path")
    assert path is not None
    heights = {
        float(point.split()[-1]) for point in path.attrib["d"].replace("L", "M").split("M")[1:]
    }

    assert heights == {170.0}
