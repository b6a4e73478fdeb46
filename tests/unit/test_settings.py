"""Flags, variables and defaults become settings, or one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamer.settings import Settings, flag_of, read_settings, variable_of


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that sets nothing, and what sets a variable in it."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_of(name), raising=False)
    return monkeypatch


def test_without_anything_the_defaults_hold() -> None:
    assert read_settings([]) == Settings()
    assert Settings().port == 8080
    assert Settings().data == Path("data")


def test_a_flag_goes_before_a_variable_and_a_variable_before_the_default(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("SEANS_PORT", "81")
    environment.setenv("SEANS_HOST", "::1")

    settings = read_settings(["--port", "82"])

    assert (settings.port, settings.host) == (82, "::1")


def test_an_empty_variable_is_none(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SEANS_PORT", "")
    environment.setenv("SEANS_PUBLIC_URL", "")

    settings = read_settings([])

    assert (settings.port, settings.public_url) == (8080, None)


def test_every_setting_has_a_flag_and_a_variable(environment: pytest.MonkeyPatch) -> None:
    examples = {
        "host": "::",
        "port": "0",
        "media": "films",
        "data": "kept",
        "store": "mongodb://seans:word@db.example/cinema",
        "mongo_driver": "pymongo",
        "secret": "s" * 32,
        "public_url": "https://cinema.example",
        "allow_host": "a.example, b.example",
        "guests": "off",
        "hosts": "users",
        "jwks": "https://auth.example/keys",
        "passport_key": "auth.pem",
        "passport_issuer": "https://auth.example",
        "passport_audience": "seans",
        "sign_in_url": "https://auth.example/login?back={return}&state={state}",
        "ice_servers": "stun:stun.example, turn:secret@turn.example",
        "rtc_port": "3478",
        "rtc_address": "203.0.113.7, 2001:db8::7",
        "webhook_url": "https://cinema.example/hooks?token=t",
        "webhook_secret": "whsec_" + "s" * 32,
        "log_format": "json",
        "fast_path": "no",
    }
    assert examples.keys() == Settings.model_fields.keys()

    for name, value in examples.items():
        environment.setenv(variable_of(name), value)
    by_variable = read_settings([])
    for name in examples:
        environment.delenv(variable_of(name))
    switches = ["--no-guests", "--no-fast-path"]
    others = [
        part
        for name, value in examples.items()
        if name not in ("guests", "fast_path")
        for part in (flag_of(name), value)
    ]

    assert by_variable == read_settings([*others, *switches])
    assert by_variable == Settings(
        host="::",
        port=0,
        media=Path("films"),
        data=Path("kept"),
        store="mongodb://seans:word@db.example/cinema",
        mongo_driver="pymongo",
        secret="s" * 32,
        public_url="https://cinema.example",
        allow_host=("a.example", "b.example"),
        guests=False,
        hosts="users",
        jwks="https://auth.example/keys",
        passport_key=Path("auth.pem"),
        passport_issuer="https://auth.example",
        passport_audience="seans",
        sign_in_url="https://auth.example/login?back={return}&state={state}",
        ice_servers="stun:stun.example, turn:secret@turn.example",
        rtc_port=3478,
        rtc_address=("203.0.113.7", "2001:db8::7"),
        webhook_url="https://cinema.example/hooks?token=t",
        webhook_secret="whsec_" + "s" * 32,
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
        ("STORE", "mysql://db.example/cinema"),
        ("STORE", "mongodb://seans:word@db.example"),
        ("STORE", "mongodb://seans:word@db.example/"),
        ("STORE", "mongodb://seans:wo/rd@db.example/cinema"),
        ("STORE", "mongodb://db.example/ci.nema"),
        ("STORE", "mongodb://db.example/cinema\n"),
        ("MONGO_DRIVER", "beanie"),
        ("PUBLIC_URL", "cinema.example"),
        ("PUBLIC_URL", "ftp://cinema.example"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://cinema.example/films"),
        ("PUBLIC_URL", "https://cinema.example?x"),
        ("PUBLIC_URL", "https://me:you@cinema.example"),
        ("PUBLIC_URL", "https://cinema.example:0x"),
        ("PUBLIC_URL", "https://["),
        ("ALLOW_HOST", "cinema.lan:80"),
        ("GUESTS", "maybe"),
        ("WEBHOOK_URL", "cinema.example"),
        ("WEBHOOK_URL", "ftp://cinema.example/hooks"),
        ("WEBHOOK_URL", "https://me:you@cinema.example"),
        ("WEBHOOK_URL", "https://cinema.example/#hooks"),
        ("WEBHOOK_URL", "https://cinema.example/a b"),
        ("WEBHOOK_SECRET", "s" * 40),
        ("WEBHOOK_SECRET", "whsec_"),
        ("WEBHOOK_SECRET", "whsec_" + "s" * 28),
        ("WEBHOOK_SECRET", "whsec_" + "s" * 31),
        ("WEBHOOK_SECRET", "whsec_" + "s" * 88),
        ("WEBHOOK_SECRET", "whsec_" + "s!" * 16),
        ("JWKS", "auth.example/keys"),
        ("JWKS", "file:///etc/keys"),
        ("JWKS", "ftp://auth.example/keys"),
        ("JWKS", "https://"),
        ("JWKS", "https://["),
        ("JWKS", "https://me:you@auth.example/keys"),
        ("JWKS", "https://auth.example/keys#1"),
        ("SIGN_IN_URL", "https://auth.example/login"),
        ("SIGN_IN_URL", "https://auth.example/login?back={return}&again={return}"),
        ("SIGN_IN_URL", "https://auth.example/login?back={return}&who={name}"),
        ("SIGN_IN_URL", "https://auth.example/login?back={return}{"),
        ("SIGN_IN_URL", "https://{return}/login"),
        ("SIGN_IN_URL", "javascript:alert({return})"),
        ("SIGN_IN_URL", "/login?back={return}"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_value_that_makes_no_sense_is_said_in_one_line(
    name: str,
    value: str,
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment.setenv(f"SEANS_{name}", value)

    with pytest.raises(SystemExit) as ended:
        read_settings([])

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
        read_settings(arguments)

    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("url", ["https://cinema.example", "http://[::1]:8080", "https://x:8443/"])
def test_a_public_address_ends_without_a_slash(url: str) -> None:
    assert read_settings(["--public-url", url]).public_url == url.rstrip("/")


def test_help_tells_of_every_setting_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_settings(["--help"])

    told = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    for name in Settings.model_fields:
        assert flag_of(name) in told
    assert "(default: 8080)" in told
    assert "SEANS_PUBLIC_URL" in told


def test_a_folder_and_a_secret_may_be_named_in_any_bytes(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SEANS_SECRET", "\udce9" * 32)

    settings = read_settings(["--media", "films\udce9"])

    assert settings.media == Path("films\udce9")
    assert settings.secret == "\udce9" * 32


def test_a_secret_is_not_shown_by_chance() -> None:
    settings = Settings(
        secret="hush" * 8,
        webhook_url="https://x.example/hush",
        webhook_secret="whsec_" + "hush" * 8,
    )

    assert "hush" not in repr(settings)


def test_a_wrong_secret_is_not_repeated(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("SEANS_WEBHOOK_SECRET", "whsec_hush")

    with pytest.raises(SystemExit):
        read_settings([])

    assert "hush" not in capsys.readouterr().err
