"""The public keys of an outside Auth service, each pinned to the one algorithm of its type.

A token's header chooses among keys, never how one of them is used (RFC 8725 section 3.1): an RSA
key checks RS256, one of P-256 ES256, and one of Ed25519 EdDSA. Nothing else is a key here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import InvalidKeyError
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from sessions.services.compact_tokens import BadToken, read_object

__all__ = [
    "ALGORITHMS",
    "MAX_KEYS",
    "Algorithm",
    "BadKeys",
    "KeySet",
    "KeySource",
    "VerificationKey",
    "keys_of_jwks",
    "keys_of_pem",
]

Algorithm = Literal["RS256", "ES256", "EdDSA"]
"""How tokens of an outside Auth service may be signed (RFC 7518, RFC 8037)."""

ALGORITHMS: frozenset[str] = frozenset(get_args(Algorithm))
"""The same, to look up."""

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

MAX_KEYS = 64
"""Most keys of a set; services publish two or three."""

MAX_ALIKE = 4
"""Most keys that one token is tried with, where they have the same id or none: each costs CPU."""

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 8192
"""Bounds of an RSA key (RFC 7518 section 3.3): below it is weak, above it costs too much CPU."""

MAX_RSA_EXPONENT = 2**32
"""Bound of an RSA key's exponent, by which the cost of a check grows."""

MAX_KEY_ID = 256
"""Longest ``kid``, characters."""

PUBLIC_PARTS: Mapping[str, tuple[str, ...]] = {
    "RSA": ("kty", "n", "e"),
    "EC": ("kty", "crv", "x", "y"),
    "OKP": ("kty", "crv", "x"),
}
"""What is read of a JWK by its type: no private part, no address, no certificate."""

PEM_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)


class BadKeys(Exception):
    """Why nothing can be checked with what was given as keys, in words."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key and the algorithm that it is for."""

    kid: str | None
    """Its id, by which tokens name it."""

    algorithm: Algorithm
    """The algorithm of its type."""

    key: PublicKey
    """The key itself."""

    def has_signed(self, signed: bytes, signature: bytes) -> bool:
        """Tell whether ``signature`` over ``signed`` is this key's."""
        match self.key:
            case RSAPublicKey():
                return RSAAlgorithm(RSAAlgorithm.SHA256).verify(signed, self.key, signature)
            case EllipticCurvePublicKey():
                return ECAlgorithm(ECAlgorithm.SHA256).verify(signed, self.key, signature)
            case Ed25519PublicKey():
                return OKPAlgorithm().verify(signed, self.key, signature)


class KeySource(Protocol):
    """Where the keys of an outside Auth service come from."""

    async def candidates(self, algorithm: Algorithm, kid: str | None) -> Sequence[VerificationKey]:
        """Return the keys that a token may be of, none where it is of no known key.

        Raises AuthUnavailable where no keys are known at all.
        """
        ...


class KeySet:
    """Some keys, found by algorithm and id."""

    def __init__(self, keys: Iterable[VerificationKey], *, ids_matter: bool = True) -> None:
        """Hold ``keys``; where ids do not matter a token's ``kid`` is not looked at."""
        self._ids_matter = ids_matter
        self._found: dict[tuple[Algorithm, str | None], list[VerificationKey]] = defaultdict(list)
        self._ids: set[str | None] = set()
        self.size = 0
        """How many keys there are."""
        for key in keys:
            alike = self._found[key.algorithm, key.kid if ids_matter else None]
            if len(alike) < MAX_ALIKE and key not in alike:
                alike.append(key)
                self._ids.add(key.kid)
                self.size += 1

    def of(self, algorithm: Algorithm, kid: str | None) -> Sequence[VerificationKey]:
        """Return the keys that a token of ``algorithm`` and ``kid`` may be of."""
        if not self._ids_matter:
            return self._found.get((algorithm, None), ())
        if kid is not None:
            return self._found.get((algorithm, kid), ())
        # A token that names no key: there must be no doubt which one it is of.
        fitting = [
            key for (kind, _), keys in self._found.items() if kind == algorithm for key in keys
        ]
        return fitting if len(fitting) == 1 else ()

    def knows(self, kid: str) -> bool:
        """Tell whether there is a key of that id, whatever it is for."""
        return kid in self._ids

    async def candidates(self, algorithm: Algorithm, kid: str | None) -> Sequence[VerificationKey]:
        """Return the same, as a KeySource that never changes."""
        return self.of(algorithm, kid)


def keys_of_jwks(text: bytes) -> tuple[KeySet, int]:
    """Return the keys of a JWK Set (RFC 7517), and how many of it are none for this.

    Raises BadKeys where it is no set, or holds no key that can be used.
    """
    try:
        listed = read_object(text).get("keys")
    except BadToken as error:
        raise BadKeys(f"the key set is not valid: {error}") from error
    if not isinstance(listed, list):
        raise BadKeys("the key set has no list of keys")
    if len(listed) > MAX_KEYS:
        raise BadKeys(f"the key set has more than {MAX_KEYS} keys")
    keys = [key for key in map(_key_of_jwk, listed) if key is not None]
    if not keys:
        raise BadKeys("the key set has no signing key of RS256, ES256 or EdDSA")
    return KeySet(keys), len(listed) - len(keys)


def keys_of_pem(text: bytes) -> KeySet:
    """Return the public keys of a PEM text; tokens need not name them. Raises BadKeys."""
    blocks = [(match[1], match[0]) for match in PEM_BLOCK.finditer(text)]
    if any(b"PRIVATE" in label for label, _ in blocks):
        raise BadKeys("it holds a private key: give the public key alone")
    if not blocks or any(label != b"PUBLIC KEY" for label, _ in blocks):
        raise BadKeys("it is no PEM file of public keys (-----BEGIN PUBLIC KEY-----)")
    if len(blocks) > MAX_ALIKE:
        raise BadKeys(f"it holds more than {MAX_ALIKE} keys")
    keys = []
    for _, block in blocks:
        try:
            keys.append(_pinned(None, load_pem_public_key(block)))
        except (ValueError, UnsupportedAlgorithm) as error:
            raise BadKeys("a key in it can't be read") from error
    return KeySet(keys, ids_matter=False)


def _key_of_jwk(jwk: object) -> VerificationKey | None:
    """Return the key that ``jwk`` is; None where it is none to check signatures with."""
    if not isinstance(jwk, dict) or not _is_for_signatures(jwk):
        return None
    kid, kind = jwk.get("kid"), jwk.get("kty")
    if kid is not None and not (isinstance(kid, str) and 0 < len(kid) <= MAX_KEY_ID):
        return None
    parts = PUBLIC_PARTS.get(kind) if isinstance(kind, str) else None
    if parts is None or not all(isinstance(jwk.get(name), str) for name in parts):
        return None
    public: dict[str, Any] = {name: jwk[name] for name in parts}
    try:
        match kind:
            case "RSA":
                key = _pinned(kid, RSAAlgorithm.from_jwk(public))
            case "EC":
                key = _pinned(kid, ECAlgorithm.from_jwk(public))
            case _:
                key = _pinned(kid, OKPAlgorithm.from_jwk(public))
    except (BadKeys, InvalidKeyError, ValueError, UnsupportedAlgorithm):
        return None
    return key if jwk.get("alg") in (None, key.algorithm) else None


def _is_for_signatures(jwk: Mapping[str, Any]) -> bool:
    uses = jwk.get("key_ops")
    return jwk.get("use") in (None, "sig") and (
        uses is None or (isinstance(uses, list) and "verify" in uses)
    )


def _pinned(kid: str | None, key: object) -> VerificationKey:
    """Return ``key`` with the algorithm of its type. Raises BadKeys."""
    match key:
        case RSAPublicKey(key_size=bits):
            if not MIN_RSA_BITS <= bits <= MAX_RSA_BITS:
                raise BadKeys(f"an RSA key has {MIN_RSA_BITS} to {MAX_RSA_BITS} bits, not {bits}")
            if not 2 < key.public_numbers().e < MAX_RSA_EXPONENT:
                raise BadKeys("the exponent of an RSA key is out of bounds")
            return VerificationKey(kid, "RS256", key)
        case EllipticCurvePublicKey(curve=SECP256R1()):
            return VerificationKey(kid, "ES256", key)
        case Ed25519PublicKey():
            return VerificationKey(kid, "EdDSA", key)
        case _:
            raise BadKeys("a key is none of RSA, P-256 or Ed25519")
