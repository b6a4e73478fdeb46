"""Key sets as services publish them, with keys that are none for this among them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from harness.auth_service import Key, rsa_key
from sessions.services.verification_keys import (
    MAX_KEYS,
    BadKeys,
    KeySet,
    VerificationKey,
    keys_of_jwks,
    keys_of_pem,
)


def as_set(*keys: object) -> bytes:
    return json.dumps({"keys": keys}).encode()


GOOD = Key.new("ES256", "good")
UNUSABLE: dict[str, object] = {
    "for encryption": GOOD.jwk() | {"use": "enc"},
    "for signing alone": GOOD.jwk() | {"key_ops": ["sign"]},
    "another algorithm than its type's": GOOD.jwk() | {"alg": "RS256"},
    "a secret": {"kty": "oct", "k": "c2VjcmV0", "kid": "good", "alg": "HS256"},
    "RSA of 1024 bits": Key("good", "RS256", rsa_key(1, 1024)).jwk(),
    "RSA by an exponent of 1": Key.new("RS256", "good").jwk() | {"e": "AQ"},
    "RSA for PS256": Key.new("RS256", "good").jwk() | {"alg": "PS256"},
    "P-384": Key("good", "ES256", ec.generate_private_key(ec.SECP384R1())).jwk() | {"alg": None},
    "a point beside the curve": GOOD.jwk() | {"x": "AAAA"},
    "a curve that nobody knows": GOOD.jwk() | {"crv": "P-1"},
    "Ed25519 cut short": Key.new("EdDSA", "good").jwk() | {"x": "AAAA"},
    "without a type": {"kid": "good"},
    "a type that is none": GOOD.jwk() | {"kty": ["EC"]},
    "a coordinate that is a number": GOOD.jwk() | {"x": 7},
    "an id that is a number": GOOD.jwk() | {"kid": 7},
    "an empty id": GOOD.jwk() | {"kid": ""},
    "a text": "key",
    "nothing": None,
}


@pytest.mark.parametrize("unusable", UNUSABLE)
def test_a_key_that_is_none_for_passports_is_left_out(unusable: str) -> None:
    other = Key.new("ES256", "other")

    keys, left_out = keys_of_jwks(as_set(UNUSABLE[unusable], other.jwk()))

    assert (keys.size, left_out) == (1, 1)
    assert [key.kid for key in keys.of("ES256", "other")] == ["other"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": []}',
        b'{"keys": null}',
        b"<html>",
        b"\xff",
        b"[" * 100_000,
        as_set(*[UNUSABLE["for encryption"]] * 3),
        as_set(*[GOOD.jwk()] * (MAX_KEYS + 1)),
        b'{"keys": [], "keys": [' + json.dumps(GOOD.jwk()).encode() + b"]}",
    ],
)
def test_a_set_without_any_key_is_refused(text: bytes) -> None:
    with pytest.raises(BadKeys):
        keys_of_jwks(text)


def test_no_private_part_of_a_key_is_taken() -> None:
    private: dict[str, Any] = GOOD.jwk() | {"d": "AAAA"}

    keys, _ = keys_of_jwks(as_set(private))

    assert isinstance(keys.of("ES256", "good")[0].key, ec.EllipticCurvePublicKey)


def test_keys_of_one_id_are_all_tried_and_the_same_key_once() -> None:
    first, second = Key.new("ES256", "same"), Key.new("ES256", "same")
    third = Key.new("EdDSA", "same")

    keys, _ = keys_of_jwks(as_set(first.jwk(), second.jwk(), third.jwk()))

    assert len(keys.of("ES256", "same")) == 2
    assert len(keys.of("EdDSA", "same")) == 1
    assert keys.of("RS256", "same") == ()


def test_so_many_keys_of_one_id_cost_no_more() -> None:
    keys, _ = keys_of_jwks(as_set(*[Key.new("ES256", "same").jwk() for _ in range(20)]))

    assert len(keys.of("ES256", "same")) == 4


def test_each_key_checks_the_algorithm_of_its_type_alone() -> None:
    published = [Key.new(algorithm, "same") for algorithm in ("RS256", "ES256", "EdDSA")]

    keys, _ = keys_of_jwks(as_set(*[key.jwk() for key in published]))

    for key in published:
        (found,) = keys.of(key.algorithm, "same")  # type: ignore[arg-type]
        assert found.algorithm == key.algorithm
        assert not found.has_signed(b"text", b"")
        assert not found.has_signed(b"text", bytes(64))


def test_a_key_file_holds_public_keys() -> None:
    keys = keys_of_pem(b"Comment\n" + GOOD.pem() + Key.new("RS256").pem())

    assert keys.size == 2
    assert len(keys.of("ES256", "any id")) == 1


def private_pem() -> bytes:
    return rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: rsa.RSAPrivateKey | ed448.Ed448PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "PEM"),
        (b"ssh-rsa AAAA", "PEM"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "PEM"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "can't be read"),
        (private_pem(), "private key"),
        (GOOD.pem() + private_pem(), "private key"),
        (public_pem(rsa_key(1, 1024)), "2048"),
        (public_pem(ed448.Ed448PrivateKey.generate()), "none of RSA"),
        (b"".join(Key.new().pem() for _ in range(5)), "more than 4"),
    ],
)
def test_another_key_file_is_refused_in_words(text: bytes, words: str) -> None:
    with pytest.raises(BadKeys, match=words):
        keys_of_pem(text)


async def test_a_set_that_never_changes_is_a_source_of_keys() -> None:
    key = VerificationKey("good", "ES256", GOOD.private.public_key())

    assert await KeySet([key]).candidates("ES256", "good") == [key]
