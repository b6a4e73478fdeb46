"""The README keeps to the program: its settings are those of --help, its promises the benches'."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.__main__ import CLAIMS
from streamer.settings import Settings, flag_of, read_settings, variable_of

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SETTING = re.compile(r"^\| `--([a-z-]+)` \| `(\w+)` \| (.*?) \| (.*) \|$", re.MULTILINE)
PROMISE = re.compile(r"(?:≤|≥) ([\d,.]+)(?: %| MB| ms| s| /s)?(?: / ([\d.]+))?")


def shown(default: object) -> str:
    match default:
        case None | () | "":
            return ""
        case bool():
            return "on" if default else "off"
        case _:
            return f"`{default}`"


def test_the_readme_lists_every_setting_in_order_with_its_default() -> None:
    assert [row[:3] for row in SETTING.findall(README)] == [
        (flag_of(name).removeprefix("--"), variable_of(name), shown(setting.default))
        for name, setting in Settings.model_fields.items()
    ]


def test_the_readme_says_of_each_setting_what_help_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    with pytest.raises(SystemExit):
        read_settings(["--help"])
    helped = " ".join(capsys.readouterr().out.split())
    said = [
        (words + (f" (default: {default})" if default.strip() else "")).replace("`", "")
        for _, _, default, words in SETTING.findall(README)
    ]

    assert len(said) == len(Settings.model_fields)
    assert [words for words in said if words not in helped] == []


def test_the_readme_promises_what_the_benches_hold() -> None:
    table = README.partition("## Figures")[2].partition("\n## ")[0]
    promised = {
        float(figure.replace(",", ""))
        for found in PROMISE.findall(table)
        for figure in found
        if figure
    }

    assert promised == {claim.limit for claim in CLAIMS if claim.limit}
