"""Flags, variables and defaults become settings, or one clear line."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from streamer.settings import Settings, read_settings


def test_without_anything_the_defaults_hold() -> None:
    assert read_settings([], {}) == Settings()
    assert Settings().port == 8080
    assert Settings().data == Path("data")


def test_a_flag_goes_before_a_variable_and_a_variable_before_the_default() -> None:
    environment = {"SEANS_PORT": "81", "SEANS_HOST": "::1"}

    settings = read_settings(["--port", "82"], environment)

    assert (settings.port, settings.host) == (82, "::1")


def test_an_empty_variable_is_none() -> None:
    assert read_settings([], {"SEANS_PORT": "", "SEANS_PUBLIC_URL": ""}) == Settings()


def test_every_setting_has_a_flag_and_a_variable() -> None:
    examples = {
        "host": "::",
        "port": "0",
        "media": "films",
        "data": "kept",
        "secret": "s" * 32,
        "public_url": "https://cinema.example",
        "allow_host": "a.example, b.example",
        "guests": "off",
        "log_format": "json",
        "fast_path": "no",
    }
    assert examples.keys() == {setting.name for setting in fields(Settings)}

    by_variable = read_settings([], {f"SEANS_{name.upper()}": v for name, v in examples.items()})
    switches = ["--no-guests", "--no-fast-path"]
    others = [
        part
        for name, value in examples.items()
        if name not in ("guests", "fast_path")
        for part in (f"--{name.replace('_', '-')}", value)
    ]

    assert by_variable == read_settings([*others, *switches], {})
    assert by_variable == Settings(
        host="::",
        port=0,
        media=Path("films"),
        data=Path("kept"),
        secret="s" * 32,
        public_url="https://cinema.example",
        allow_host=("a.example", "b.example"),
        guests=False,
        log_format="json",
        fast_path=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "8e3"),
        ("PORT", "٨"),
        ("HOST", "a b"),
        ("HOST", "http://x"),
        ("SECRET", "short"),
        ("PUBLIC_URL", "cinema.example"),
        ("PUBLIC_URL", "ftp://cinema.example"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://cinema.example/films"),
        ("PUBLIC_URL", "https://cinema.example?x"),
        ("PUBLIC_URL", "https://me:you@cinema.example"),
        ("PUBLIC_URL", "https://cinema.example:0x"),
        ("PUBLIC_URL", "https://["),
        ("GUESTS", "maybe"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_value_that_makes_no_sense_is_said_in_one_line(
    name: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        read_settings([], {f"SEANS_{name}": value})

    said = capsys.readouterr()
    assert ended.value.code == 2
    assert said.out == ""
    assert said.err.startswith(f"seans: SEANS_{name} must ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["--unknown"], ["--port"], ["prepare"], ["--por", "1"], ["--guests=off"]]
)
def test_a_flag_that_is_none_is_said_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        read_settings(arguments, {})

    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("url", ["https://cinema.example", "http://[::1]:8080", "https://x:8443/"])
def test_a_public_address_ends_without_a_slash(url: str) -> None:
    assert read_settings(["--public-url", url], {}).public_url == url.rstrip("/")


def test_help_tells_of_every_setting_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_settings(["--help"], {})

    told = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    for setting in fields(Settings):
        assert f"--{setting.name.replace('_', '-')}" in told
    assert "(default: 8080)" in told
    assert "SEANS_PUBLIC_URL" in told


def test_a_secret_is_not_shown_by_chance() -> None:
    assert "hush" not in repr(Settings(secret="hush" * 8))
