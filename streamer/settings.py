"""What can be set, each by a flag and an environment variable; ``--help`` is made of these words.

A flag goes before the environment, the environment before the default. An empty variable is none.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal
from urllib.parse import urlsplit

from sessions.services.passports import MIN_SECRET
from streamer import __version__

__all__ = ["BadSetting", "LogFormat", "Settings", "read_settings"]

LogFormat = Literal["text", "json"]

SWITCHES = {"1": True, "on": True, "true": True, "yes": True} | {
    "0": False,
    "off": False,
    "false": False,
    "no": False,
}
LOG_FORMATS: dict[str, LogFormat] = {"text": "text", "json": "json"}
PREFIX = "SEANS_"
_NAME = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)


class BadSetting(ValueError):
    """A value that a setting cannot have, in words."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this server runs."""

    host: str = "127.0.0.1"
    """address to listen on; 0.0.0.0 or :: for all of this machine's"""

    port: int = 8080
    """TCP port to listen on; 0: any that is free"""

    media: Path = Path("media")
    """film folder; where it holds none, a demo film is made"""

    data: Path = Path("data")
    """folder for everything that is kept"""

    secret: str | None = field(default=None, repr=False)
    """what passports and film addresses are signed with, at least 32 bytes;
    made and kept in the data folder where not given"""

    public_url: str | None = None
    """address that people use, such as https://cinema.example; links begin with it, and pages
    may ask from there alone (default: the address asked)"""

    allow_host: tuple[str, ...] = ()
    """further names that the server answers to, with commas between; those of public-url and of
    this machine, localhost and addresses are answered anyway"""

    guests: bool = True
    """whether a name is enough to come in"""

    log_format: LogFormat = "text"
    """how the log is written, text or json (one object a line)"""

    fast_path: bool = True
    """whether films are sent by sendfile below the web framework"""


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= 65535:
        return int(text)
    raise BadSetting("must be a whole number from 0 to 65535")


def _host(text: str) -> str:
    if not text.isprintable() or any(character in text for character in " /"):
        raise BadSetting("must be an address or a name of this machine")
    return text


def _secret(text: str) -> str:
    if len(text.encode(errors="surrogateescape")) < MIN_SECRET:
        raise BadSetting(f"must be at least {MIN_SECRET} bytes long")
    return text


def _public_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        port_is_right, parts = False, urlsplit("")
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme in ("http", "https") and parts.hostname and port_is_right and plain:
        if parts.path in ("", "/"):
            return text.rstrip("/")
        raise BadSetting("must have no path: Seans wants a host name of its own")
    raise BadSetting("must be like https://cinema.example")


def _host_names(text: str) -> tuple[str, ...]:
    names = tuple(part for part in (word.strip() for word in text.split(",")) if part)
    if all(_NAME.fullmatch(name) for name in names):
        return names
    raise BadSetting("must be host names without a port, such as cinema.lan,cinema.example")


def _switch(text: str) -> bool:
    value = SWITCHES.get(text.lower())
    if value is None:
        raise BadSetting("must be on or off")
    return value


def _log_format(text: str) -> LogFormat:
    found = LOG_FORMATS.get(text)
    if found is None:
        raise BadSetting("must be text or json")
    return found


READERS: dict[str, Callable[[str], Any]] = {
    "host": _host,
    "port": _port,
    "media": Path,
    "data": Path,
    "secret": _secret,
    "public_url": _public_url,
    "allow_host": _host_names,
    "guests": _switch,
    "log_format": _log_format,
    "fast_path": _switch,
}
"""From text to each setting's value; raises BadSetting."""


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Return the settings of a start. Exits with 2 and one line where a value makes no sense."""
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    values: dict[str, Any] = {}
    for name, reader in READERS.items():
        flag, variable = f"--{name.replace('_', '-')}", PREFIX + name.upper()
        if given[name] is None:
            where, text = variable, environment.get(variable)
        else:
            where, text = flag, given[name]
        if text in (None, ""):
            continue
        try:
            values[name] = reader(text) if isinstance(text, str) else text
        except BadSetting as error:
            parser.exit(2, f"seans: {where} {error}\n")
    return Settings(**values)


def _parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(
        prog="seans",
        description="Watch a film together: it starts for all at that moment, and stays in step.",
        epilog=f"Each has an environment variable too: --public-url is {PREFIX}PUBLIC_URL.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"seans {__version__}")
    words = _words()
    for setting in fields(Settings):
        name, default = setting.name, setting.default
        flag = f"--{name.replace('_', '-')}"
        if isinstance(default, bool):
            says = "on" if default else "off"
            parser.add_argument(
                flag,
                action=argparse.BooleanOptionalAction,
                default=None,
                help=f"{words[name]} (default: {says})",
            )
            continue
        says = "" if default is None or default == () else f" (default: {default})"
        parser.add_argument(flag, metavar=METAVARS[name], help=words[name] + says)
    return parser


METAVARS = {
    "host": "ADDRESS",
    "port": "PORT",
    "media": "FOLDER",
    "data": "FOLDER",
    "secret": "TEXT",
    "public_url": "URL",
    "allow_host": "NAMES",
    "log_format": "text|json",
}


class _OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage before it."""

    def error(self, message: str) -> Any:  # noqa: ANN401 - NoReturn in all but name
        self.exit(2, f"seans: {message}; --help tells more\n")


def _words() -> dict[str, str]:
    """Return what stands under each field of Settings: said once, for readers and for --help."""
    (tree,) = ast.parse(dedent(inspect.getsource(Settings))).body
    words: dict[str, str] = {}
    name = ""
    for statement in tree.body if isinstance(tree, ast.ClassDef) else ():
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)):
                pass
            case ast.Expr(value=ast.Constant(value=str(text))) if name:
                words[name] = " ".join(text.split()).replace("%", "%%")
    return words
