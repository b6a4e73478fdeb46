"""An outside Auth service for tests: keys that rotate, and a sign-in that leads back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

__all__ = ["AUDIENCE", "ISSUER", "FakeAuth", "Key", "rsa_key"]

ISSUER = "https://auth.example/realms/cinema"
AUDIENCE = "seans"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return one of the RSA keys of all tests: making one takes a tenth of a second."""
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@dataclass(frozen=True, slots=True)
class Key:
    """A private key, and how it signs."""

    kid: str
    algorithm: str
    private: PrivateKey

    @classmethod
    def new(cls, algorithm: str = "ES256", kid: str | None = None) -> Key:
        """Return a new key for ``algorithm``."""
        private: PrivateKey
        match algorithm:
            case "RS256":
                private = rsa_key()
            case "ES256":
                private = ec.generate_private_key(ec.SECP256R1())
            case _:
                private = ed25519.Ed25519PrivateKey.generate()
        return cls(kid or str(uuid4()), algorithm, private)

    def jwk(self) -> dict[str, Any]:
        """Return the public key as a JWK (RFC 7517)."""
        match self.private:
            case rsa.RSAPrivateKey():
                public = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
            case ec.EllipticCurvePrivateKey():
                public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
            case _:
                public = OKPAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        public.pop("key_ops", None)
        return {**public, "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def pem(self) -> bytes:
        """Return the public key as PEM."""
        public = self.private.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@dataclass(slots=True)
class FakeAuth:
    """The service: what it signs with, what it publishes, and how often it was asked."""

    keys: list[Key] = field(default_factory=lambda: [Key.new()])
    """The first signs; all are published."""

    now: float = 0.0
    """Its time, Unix seconds."""

    asked: int = 0
    """How often the key set was fetched."""

    text: bytes | None = None
    """What it answers instead of its key set."""

    status: int = 200
    """What it answers with."""

    signs_in: dict[str, Any] = field(default_factory=dict)
    """The claims of who signs in."""

    refuses: bool = False
    """Whether whoever signs in is sent back with an error (RFC 6749 section 4.2.2.1)."""

    address: str = ""
    """``http://host:port`` while it runs."""

    def rotate(self, algorithm: str = "ES256") -> Key:
        """Sign with a new key from now on, publish it, and forget the others."""
        self.keys = [Key.new(algorithm)]
        return self.keys[0]

    def jwks(self) -> bytes:
        """Return the key set."""
        return json.dumps({"keys": [key.jwk() for key in self.keys]}).encode()

    def claims(self, **claims: object) -> dict[str, Any]:
        """Return the claims of a right token, with others in their place; None: left out."""
        usual = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "anna",
            "name": "Анна",
            "iat": int(self.now),
            "exp": int(self.now) + 3600,
        }
        return {name: value for name, value in {**usual, **claims}.items() if value is not None}

    def token(
        self, key: Key | None = None, header: Mapping[str, object] | None = None, **claims: object
    ) -> str:
        """Return a right token, but for ``claims`` and what stands in ``header``."""
        key = key or self.keys[0]
        headers = {"kid": key.kid, **(header or {})}
        return jwt.encode(
            self.claims(**claims),
            key.private,
            algorithm=key.algorithm,
            headers={name: value for name, value in headers.items() if value is not None},
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FakeAuth]:
        """Answer on a free port of this machine."""
        app = web.Application()
        app.router.add_get("/jwks", self._answer_keys)
        app.router.add_get("/elsewhere", self._lead_elsewhere)
        app.router.add_get("/login", self._sign_in)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()

    @property
    def settings(self) -> dict[str, str]:
        """What a server is told of it."""
        return {
            "jwks": f"{self.address}/jwks",
            "passport_issuer": ISSUER,
            "passport_audience": AUDIENCE,
            "sign_in_url": f"{self.address}/login?back={{return}}",
        }

    async def _answer_keys(self, _request: web.Request) -> web.Response:
        self.asked += 1
        body = self.jwks() if self.text is None else self.text
        return web.Response(status=self.status, body=body, content_type="application/json")

    async def _lead_elsewhere(self, _request: web.Request) -> web.Response:
        raise web.HTTPFound("/jwks")

    async def _sign_in(self, request: web.Request) -> web.Response:
        """Sign somebody in at once, and lead back with the token in the fragment."""
        back = request.query["back"]
        assert urlsplit(back).path == "/sign-in/return"
        # By hand: aiohttp would write the fragment otherwise.
        brought = "error=access_denied"
        if not self.refuses:
            brought = f"token={self.token(**self.signs_in)}"
        location = f"{back}#{brought}"
        return web.Response(status=303, headers={"Location": location})
