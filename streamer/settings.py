"""What can be set, each by a flag and an environment variable; ``--help`` is made of these words.

A flag goes before the environment, the environment before the default. An empty one is none.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sessions.services.hosts import WhoMayHost
from sessions.services.passports import MIN_SECRET
from sessions.stores.mongo.address import parse_address
from streamer import __version__
from streamer.webhooks.signing import secret_bytes
from streamer.webrtc.ice_servers import parse

__all__ = [
    "OWNER",
    "PREFIX",
    "SERVE",
    "Command",
    "LogFormat",
    "MongoDriver",
    "Settings",
    "flag_of",
    "read_settings",
    "variable_of",
]

LogFormat = Literal["text", "json"]

MongoDriver = Literal["motor", "pymongo"]

PREFIX = "SEANS_"
_NAME = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)


def _host(text: str) -> str:
    if not text.isprintable() or any(character in text for character in " /"):
        raise ValueError("must be an address or a name of this machine")
    return text


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(text: str) -> str:
    if len(text.encode(errors="surrogateescape")) < MIN_SECRET:
        raise ValueError(f"must be at least {MIN_SECRET} bytes long")
    return text


def _store(text: str) -> str:
    if text != "sqlite":
        parse_address(text)
    return text


def _public_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        port_is_right, parts = False, urlsplit("")
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if not (parts.scheme in ("http", "https") and parts.hostname and port_is_right and plain):
        raise ValueError("must be like https://cinema.example")
    if parts.path not in ("", "/"):
        raise ValueError("must have no path: Seans wants a host name of its own")
    return text.rstrip("/")


def _asked_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not (is_address and text.isprintable() and " " not in text):
        raise ValueError("must be an address that begins with http:// or https://")
    return text


def _jwks(text: str) -> str:
    parts = urlsplit(_asked_url(text))
    if parts.username or parts.password or parts.fragment:
        raise ValueError("must be an address without a name, a password and a #")
    return text


def _sign_in_url(text: str) -> str:
    _asked_url(text)
    names = re.findall(r"\{(\w*)\}", text)
    if names.count("return") != 1 or not set(names) <= {"return", "state"}:
        raise ValueError("must hold {return} once, and besides no more than {state}")
    if re.search(r"[{}]", re.sub(r"\{\w*\}", "", text)) or "{" in (urlsplit(text).netloc):
        raise ValueError("must hold {return} and {state} behind the host, and no other braces")
    return text


def _host_names(value: str | tuple[str, ...]) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    names = tuple(name for name in (word.strip() for word in words) if name)
    if not all(_NAME.fullmatch(name) for name in names):
        raise ValueError("must be host names without a port, such as cinema.lan,cinema.example")
    return names


def _addresses(value: str | tuple[str, ...]) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    try:
        return tuple(str(ip_address(word)) for word in map(str.strip, words) if word)
    except ValueError as error:
        raise ValueError("must be IP addresses, such as 203.0.113.7,2001:db8::7") from error


def _webhook_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        port_is_right, parts = False, urlsplit("")
    plain = text.isprintable() and " " not in text
    plain = plain and not (parts.username or parts.password or parts.fragment)
    if not (parts.scheme in ("http", "https") and parts.hostname and port_is_right and plain):
        raise ValueError("must be like https://cinema.example/webhooks")
    return text


def _webhook_secret(text: str) -> str:
    secret_bytes(text)
    return text


def _ice_servers(text: str) -> str:
    parse(text)
    return text


class Settings(BaseSettings):
    """How this server runs. What is not given comes from the environment, else the default."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    host: Annotated[str, AfterValidator(_host)] = "127.0.0.1"
    """address to listen on; 0.0.0.0 or :: for all of this machine's"""

    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """TCP port to listen on; 0: any that is free"""

    media: Path = Path("media")
    """film folder; where it holds none, a demo film is made"""

    data: Path = Path("data")
    """folder for everything that is kept"""

    store: Annotated[str, AfterValidator(_store)] = Field(default="sqlite", repr=False)
    """where shows, people and chats are kept: sqlite, a file in the data folder, or a MongoDB
    database such as mongodb://HOST/DATABASE"""

    mongo_driver: MongoDriver = "motor"
    """what asks MongoDB, motor or pymongo (its own asynchronous client)"""

    secret: Annotated[str, AfterValidator(_secret)] | None = Field(default=None, repr=False)
    """what passports and film addresses are signed with, at least 32 bytes;
    made and kept in the data folder where not given"""

    public_url: Annotated[str, AfterValidator(_public_url)] | None = None
    """address that people use, such as https://cinema.example; links begin with it, and pages
    may ask from there alone (default: the address asked)"""

    allow_host: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_host_names)] = ()
    """further names that the server answers to, with commas between; those of public-url and of
    this machine, localhost and addresses are answered anyway"""

    guests: bool = True
    """whether a name is enough to come in"""

    hosts: WhoMayHost | None = None
    """who may see the films and schedule shows: everyone; users, who have a passport of an outside
    Auth service; owner, who has opened the owner's address (default: everyone while the server
    listens on this machine alone; else users where such a service is set, else owner)"""

    jwks: Annotated[str, AfterValidator(_jwks)] | None = None
    """address of the key set (JWKS) of an outside Auth service whose tokens are passports"""

    passport_key: Path | None = None
    """PEM file with the public keys of such a service instead"""

    passport_issuer: str | None = None
    """issuer (iss) of those tokens"""

    passport_audience: str | None = None
    """audience (aud) of those tokens"""

    sign_in_url: Annotated[str, AfterValidator(_sign_in_url)] | None = None
    """where people sign in at that service; in it {return} stands for the address to come back
    to, {state} for a text to bring back"""

    ice_servers: Annotated[str, AfterValidator(_ice_servers)] = Field(default="", repr=False)
    """STUN and TURN servers for live viewers, with commas between: stun:HOST,
    turn:NAME:PASSWORD@HOST, or turn:SECRET@HOST where the server shares a secret"""

    rtc_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """UDP port for all live viewers; 0: any that is free"""

    rtc_address: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_addresses)] = ()
    """IP addresses at which live viewers reach that port, with commas between, where this
    machine does not know them: behind NAT, in a container"""

    webhook_url: Annotated[str, AfterValidator(_webhook_url)] | None = Field(
        default=None, repr=False
    )
    """address of another service that is told what happens to shows, such as
    https://cinema.example/webhooks; nobody is told where not given"""

    webhook_secret: Annotated[str, AfterValidator(_webhook_secret)] | None = Field(
        default=None, repr=False
    )
    """what those messages are signed with: whsec_ and 24 to 64 bytes in Base64;
    made and kept in the data folder where not given"""

    log_format: LogFormat = "text"
    """how the log is written, text or json (one object a line)"""

    fast_path: bool = True
    """whether films are sent by sendfile below the web framework"""

    @property
    def who_may_host(self) -> WhoMayHost:
        """Return ``hosts``, or the safe default where it is not given."""
        if self.hosts is not None:
            return self.hosts
        if _is_loopback(self.host):
            return "everyone"
        return "owner" if self.jwks is None and self.passport_key is None else "users"


METAVARS = {
    "host": "ADDRESS",
    "port": "PORT",
    "media": "FOLDER",
    "data": "FOLDER",
    "store": "sqlite|URL",
    "mongo_driver": "motor|pymongo",
    "secret": "TEXT",
    "public_url": "URL",
    "allow_host": "NAMES",
    "hosts": "everyone|users|owner",
    "jwks": "URL",
    "passport_key": "FILE",
    "passport_issuer": "TEXT",
    "passport_audience": "TEXT",
    "sign_in_url": "URL",
    "ice_servers": "URLS",
    "rtc_port": "PORT",
    "rtc_address": "ADDRESSES",
    "webhook_url": "URL",
    "webhook_secret": "TEXT",
    "log_format": "text|json",
}
"""What stands behind a flag that takes a value."""

WRONG_KIND = {
    "port": "must be a whole number from 0 to 65535",
    "rtc_port": "must be a whole number from 0 to 65535",
    "hosts": "must be everyone, users or owner",
    "log_format": "must be text or json",
    "mongo_driver": "must be motor or pymongo",
}
"""What is said where a value is not of its setting's type; of the others: on or off."""


def flag_of(name: str) -> str:
    """Return the flag of a setting."""
    return f"--{name.replace('_', '-')}"


def variable_of(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


@dataclass(frozen=True, slots=True)
class Command:
    """A word of the command line, with what it takes besides the settings."""

    name: str
    """How it is called."""

    description: str
    """What it does."""

    switches: Mapping[str, str] = field(default_factory=dict)
    """Its own flags without value, each with what it does."""

    epilog: str = ""
    """What is said last."""


SERVE = Command(
    "seans",
    "Watch a film together: it starts for all at that moment, and stays in step.",
    epilog=f"Each has an environment variable too: --public-url is {PREFIX}PUBLIC_URL."
    " Other words: owner prints the owner's address again; export FILE writes all that the store"
    " keeps as JSON lines, import FILE reads them into an empty store (- for the standard streams),"
    " backup FILE copies the store; flags follow FILE.",
)
OWNER = Command(
    "seans owner",
    "Print the owner's address: whoever opens it may schedule shows.",
    {"--renew": "make a new address; the old one stops, and who has opened it stays an owner"},
)


def read_settings(arguments: Sequence[str], command: Command = SERVE) -> Settings:
    """Return the settings of a start. Exits with 2 and one line where a value makes no sense."""
    parser = _parser(command)
    flags = vars(parser.parse_args(arguments))
    for flag in command.switches:
        flags.pop(flag.strip("-"))
    given = {name: value for name, value in flags.items() if value not in (None, "")}
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        name = str(wrong["loc"][0])
        where = flag_of(name) if name in given else variable_of(name)
        reason = wrong.get("ctx", {}).get("error") or WRONG_KIND.get(name, "must be on or off")
        parser.exit(2, f"seans: {where} {reason}\n")


def _parser(command: Command) -> argparse.ArgumentParser:
    parser = _OneLineParser(
        prog=command.name,
        description=command.description,
        epilog=command.epilog,
        allow_abbrev=False,
    )
    for flag, words in command.switches.items():
        parser.add_argument(flag, action="store_true", help=words)
    parser.add_argument("--version", action="version", version=f"seans {__version__}")
    for name, setting in Settings.model_fields.items():
        default = setting.default
        words = " ".join((setting.description or "").split()).replace("%", "%%")
        if isinstance(default, bool):
            words += f" (default: {'on' if default else 'off'})"
            switch = argparse.BooleanOptionalAction
            parser.add_argument(flag_of(name), action=switch, default=None, help=words)
        else:
            words += "" if default in (None, (), "") else f" (default: {default})"
            parser.add_argument(flag_of(name), metavar=METAVARS[name], help=words)
    return parser


class _OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage before it."""

    def error(self, message: str) -> Any:  # noqa: ANN401 - NoReturn in all but name
        self.exit(2, f"seans: {message}; --help tells more\n")
