"""Tokens that are no passports, each wrong in one way, as attacks and mistakes make them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from harness.auth_service import AUDIENCE, ISSUER, FakeAuth, Key, rsa_key

__all__ = ["EXPIRED", "WRONG_TOKENS"]


def b64(data: bytes | str | dict[str, Any]) -> str:
    """Return bytes, a text or JSON as a segment of a token."""
    if isinstance(data, dict):
        data = json.dumps(data)
    raw = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(auth: FakeAuth, header: str | dict[str, Any], payload: str | bytes) -> str:
    """Return a token of any header and payload, signed by the service's key all the same."""
    key = auth.keys[0]
    if isinstance(header, dict):
        header = json.dumps({"alg": key.algorithm, "kid": key.kid, **header})
    text = f"{b64(header)}.{b64(payload)}"
    assert isinstance(key.private, ec.EllipticCurvePrivateKey)
    algorithm = jwt.get_algorithm_by_name("ES256")
    return f"{text}.{b64(algorithm.sign(text.encode(), key.private))}"


def said(auth: FakeAuth, **claims: object) -> str:
    """Return a signed token whose claims are written by hand, NaN and all."""
    return signed(auth, {}, json.dumps(auth.claims(**claims)))


def by_secret(auth: FakeAuth, secret: bytes, **header: object) -> str:
    """Return a token signed by HMAC with what everybody knows."""
    text = f"{b64({'alg': 'HS256', **header})}.{b64(auth.claims())}"
    return f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def unsigned(auth: FakeAuth, algorithm: str, signature: str = "") -> str:
    """Return a token of an algorithm that signs nothing."""
    return f"{b64({'alg': algorithm, 'kid': auth.keys[0].kid})}.{b64(auth.claims())}.{signature}"


def as_algorithm(auth: FakeAuth, algorithm: str) -> str:
    """Return a token that claims another algorithm than that of its key."""
    return signed(auth, {"alg": algorithm}, json.dumps(auth.claims()))


def changed(auth: FakeAuth, segment: int, change: Callable[[str], str]) -> str:
    """Return a right token with one segment changed."""
    parts = auth.token().split(".")
    parts[segment] = change(parts[segment])
    return ".".join(parts)


def by_stranger(auth: FakeAuth, **header: object) -> str:
    """Return a token signed by a key of the sender's, with the service's key id."""
    stranger = Key("stranger", "ES256", ec.generate_private_key(ec.SECP256R1()))
    return auth.token(stranger, {"kid": auth.keys[0].kid, **header})


def bringing_its_key(auth: FakeAuth, name: str) -> str:
    """Return a token that brings the key to check it with."""
    stranger = Key.new("ES256")
    brought: dict[str, object] = {
        "jwk": stranger.jwk(),
        "jku": "http://evil.example/jwks",
        "x5u": "http://evil.example/certificate",
        "x5c": ["MIIB"],
    }
    return auth.token(stranger, {"kid": auth.keys[0].kid, name: brought[name]})


def deep(auth: FakeAuth) -> str:
    """Return a token whose claims are as deep as fits."""
    return signed(auth, {}, '{"sub":' + "[" * 2500 + "]" * 2500 + "}")


def twice(auth: FakeAuth, name: str, value: object) -> str:
    """Return a token with a claim twice: first another's, then the right one."""
    text = json.dumps(auth.claims())
    return signed(auth, {}, f"{{{json.dumps(name)}: {json.dumps(value)}, {text[1:]}")


def other_curve(auth: FakeAuth) -> str:
    """Return a token of a curve that no algorithm here has."""
    key = Key(auth.keys[0].kid, "ES384", ec.generate_private_key(ec.SECP384R1()))
    return auth.token(key)


def nested(auth: FakeAuth) -> str:
    """Return a token in a token."""
    return signed(auth, {"cty": "JWT"}, auth.token())


Make = Callable[[FakeAuth], str]

WRONG_TOKENS: dict[str, Make] = {
    "no algorithm": lambda a: unsigned(a, "none"),
    "no algorithm, with a signature": lambda a: unsigned(a, "none", a.token().split(".")[2]),
    "no algorithm, in capitals": lambda a: unsigned(a, "NONE", "AA"),
    "empty algorithm": lambda a: unsigned(a, "", "AA"),
    "HMAC with the public key as PEM": lambda a: by_secret(a, a.keys[0].pem()),
    "HMAC with the public key as PEM, and its id": lambda a: by_secret(
        a, a.keys[0].pem(), kid=a.keys[0].kid
    ),
    "HMAC with the public key as JWK": lambda a: by_secret(a, json.dumps(a.keys[0].jwk()).encode()),
    "HMAC with an empty secret": lambda a: by_secret(a, b""),
    "RS256 claimed of a P-256 key": lambda a: as_algorithm(a, "RS256"),
    "EdDSA claimed of a P-256 key": lambda a: as_algorithm(a, "EdDSA"),
    "PS256 claimed": lambda a: as_algorithm(a, "PS256"),
    "ES384 claimed": lambda a: as_algorithm(a, "ES384"),
    "algorithm is a list": lambda a: signed(a, {"alg": ["ES256"]}, json.dumps(a.claims())),
    "algorithm is a number": lambda a: signed(a, {"alg": 256}, json.dumps(a.claims())),
    "algorithm is missing": lambda a: signed(
        a, json.dumps({"kid": a.keys[0].kid}), json.dumps(a.claims())
    ),
    "RSA key under the id of another": lambda a: a.token(Key(a.keys[0].kid, "RS256", rsa_key(1))),
    "Ed25519 key under the id of another": lambda a: a.token(
        Key(a.keys[0].kid, "EdDSA", ed25519.Ed25519PrivateKey.generate())
    ),
    "key of another curve": other_curve,
    "signed by a stranger": by_stranger,
    "audience of another": lambda a: a.token(aud="other"),
    "audiences of others": lambda a: a.token(aud=["other", "another"]),
    "audience among what is no text": lambda a: a.token(aud=[AUDIENCE, 7]),
    "audience that begins alike": lambda a: a.token(aud=AUDIENCE + "x"),
    "audience as an object": lambda a: a.token(aud={AUDIENCE: True}),
    "audience is missing": lambda a: a.token(aud=None),
    "audience is empty": lambda a: a.token(aud=[]),
    "issuer of another": lambda a: a.token(iss="https://evil.example"),
    "issuer with a slash more": lambda a: a.token(iss=ISSUER + "/"),
    "issuer as a list": lambda a: said(a, iss=[ISSUER]),
    "issuer is missing": lambda a: a.token(iss=None),
    "our own issuer": lambda a: a.token(iss="seans"),
    "not valid yet": lambda a: a.token(nbf=int(a.now) + 60),
    "valid in the far future": lambda a: a.token(nbf=int(a.now) + 10**9, exp=int(a.now) + 10**9),
    "issued in the far future": lambda a: a.token(iat=int(a.now) + 10**9),
    "nbf is a text": lambda a: a.token(nbf="now"),
    "exp is missing": lambda a: a.token(exp=None),
    "exp is a text": lambda a: said(a, exp="9999999999"),
    "exp is true": lambda a: said(a, exp=True),
    "exp is NaN": lambda a: said(a, exp=float("nan")),
    "exp is infinite": lambda a: said(a, exp=float("inf")),
    "exp is negative": lambda a: said(a, exp=-1),
    "exp is beyond all calendars": lambda a: said(a, exp=10**18),
    "exp has hundreds of digits": lambda a: said(a, exp=10**400),
    "exp has thousands of digits": lambda a: signed(a, {}, f'{{"exp": {"9" * 5000}}}'),
    "exp is a list": lambda a: said(a, exp=[2**40]),
    "iat is infinite": lambda a: said(a, iat=float("inf")),
    "sub is missing": lambda a: a.token(sub=None),
    "sub is a number": lambda a: said(a, sub=7),
    "sub is empty": lambda a: a.token(sub=""),
    "sub is a list": lambda a: said(a, sub=["anna"]),
    "sub is an object": lambda a: said(a, sub={"id": "anna"}),
    "sub is long": lambda a: a.token(sub="a" * 256),
    "sub is no character": lambda a: said(a, sub="\ud800"),
    "sub is the id of nobody": lambda a: a.token(sub="00000000-0000-0000-0000-000000000000"),
    "claim twice": lambda a: twice(a, "sub", "boris"),
    "expiry twice": lambda a: twice(a, "exp", 1),
    "name twice in a claim that nobody reads": lambda a: signed(
        a, {}, json.dumps(a.claims())[:-1] + ', "x": {"y": 1, "y": 2}}'
    ),
    "header field twice": lambda a: signed(
        a, f'{{"alg":"none","alg":"ES256","kid":"{a.keys[0].kid}"}}', json.dumps(a.claims())
    ),
    "kid is unknown": lambda a: a.token(header={"kid": "unknown"}),
    "kid is a path": lambda a: a.token(header={"kid": "../../../../dev/null"}),
    "kid is an address": lambda a: a.token(header={"kid": "http://evil.example/jwks"}),
    "kid is SQL": lambda a: a.token(header={"kid": "' OR 1=1 --"}),
    "kid is a command": lambda a: a.token(header={"kid": "key; cat /etc/passwd |"}),
    "kid is long": lambda a: a.token(header={"kid": "k" * 4000}),
    "kid is empty": lambda a: signed(a, {"kid": ""}, json.dumps(a.claims())),
    "kid is a number": lambda a: signed(a, {"kid": 1}, json.dumps(a.claims())),
    "kid is an object": lambda a: signed(a, {"kid": {"a": 1}}, json.dumps(a.claims())),
    "kid is null and more keys than one": lambda a: a.token(Key.new(), {"kid": None}),
    "brings its key": lambda a: bringing_its_key(a, "jwk"),
    "brings an address of keys": lambda a: bringing_its_key(a, "jku"),
    "brings an address of a certificate": lambda a: bringing_its_key(a, "x5u"),
    "brings a certificate": lambda a: bringing_its_key(a, "x5c"),
    "extension that must be understood": lambda a: a.token(header={"crit": ["exp"], "exp": 1}),
    "extensions that are none": lambda a: signed(a, {"crit": []}, json.dumps(a.claims())),
    "payload beside the token": lambda a: signed(a, {"b64": False}, json.dumps(a.claims())),
    "token for signing out": lambda a: a.token(header={"typ": "logout+jwt"}),
    "proof of possession": lambda a: a.token(header={"typ": "dpop+jwt"}),
    "typ is a number": lambda a: signed(a, {"typ": 7}, json.dumps(a.claims())),
    "token in a token": nested,
    "claims are a list": lambda a: signed(a, {}, "[]"),
    "claims are a text": lambda a: signed(a, {}, '"anna"'),
    "claims are null": lambda a: signed(a, {}, "null"),
    "claims are no JSON": lambda a: signed(a, {}, "{'sub': 'anna'}"),
    "claims are no UTF-8": lambda a: signed(a, {}, b'{"sub":"\xff"}'),
    "claims are UTF-16": lambda a: signed(a, {}, json.dumps(a.claims()).encode("utf-16")),
    "claims are empty": lambda a: signed(a, {}, "{}"),
    "claims are deep": deep,
    "header is a list": lambda a: signed(a, "[]", json.dumps(a.claims())),
    "header is deep": lambda a: f"{b64('[' * 4000)}.e30.AA",
    "encrypted": lambda _: f"{b64({'alg': 'dir', 'enc': 'A128GCM'})}..AAAA.AAAA.AAAA",
    "four segments": lambda a: a.token() + ".AAAA",
    "a dot at the end": lambda a: a.token() + ".",
    "two segments": lambda a: a.token().rpartition(".")[0],
    "no signature": lambda a: a.token().rpartition(".")[0] + ".",
    "signature is cut": lambda a: a.token()[:-4],
    "signature is of zeros": lambda a: changed(a, 2, lambda _: b64(bytes(64))),
    "signature is padded": lambda a: a.token() + "==",
    "signature is of DER": lambda a: changed(a, 2, lambda _: b64(b"0\x06\x02\x01\x00\x02\x01\x00")),
    "claims are changed": lambda a: changed(a, 1, lambda _: b64(a.claims(sub="boris"))),
    "base64 with a plus": lambda a: changed(a, 1, lambda s: s[:-1] + "+"),
    "base64 with a space": lambda a: changed(a, 1, lambda s: s[:20] + "%20" + s[20:]),
    "base64 of another spelling": lambda a: changed(a, 2, lambda s: s[:-1] + chr(ord(s[-1]) + 1)),
    "huge claims": lambda a: a.token(groups=["cinema"] * 2000),
    "huge and nothing else": lambda _: "a" * 8190,
    "dots alone": lambda _: "." * 8000,
}
"""By what is wrong with each: made for a service whose only key is of P-256."""

EXPIRED: dict[str, Make] = {
    "expired": lambda a: a.token(exp=int(a.now) - 31),
    "expired long ago": lambda a: a.token(exp=0),
    "expired just now, leeway included": lambda a: a.token(exp=int(a.now) - 30),
}
"""Those that were passports once."""
