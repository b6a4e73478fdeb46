"""Passports of an outside Auth service say who somebody is, and nothing else of them is read."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest

from harness.auth_service import AUDIENCE, ISSUER, FakeAuth, Key
from harness.rooms import Clock
from harness.wrong_tokens import EXPIRED, WRONG_TOKENS
from sessions.core.errors import Unauthenticated
from sessions.services import outside_passports
from sessions.services.compact_tokens import read_object
from sessions.services.outside_passports import LEEWAY_S, OutsidePassports, clean_name, user_id_of
from sessions.services.passports import PassportExpired, PassportInvalid, Passports
from sessions.services.verification_keys import keys_of_jwks, keys_of_pem

SECRET = b"s" * 32
ANNA = "6f1e2a86-6d5e-4c0a-8a0e-0f6f0f3c9b11"
READ = {"iss", "aud", "sub", "name", "preferred_username", "exp", "nbf", "iat"}


@pytest.fixture
def auth(clock: Clock) -> FakeAuth:
    return FakeAuth(now=clock())


def passports_of(auth: FakeAuth, clock: Clock) -> Passports:
    keys, _ = keys_of_jwks(auth.jwks())
    outside = OutsidePassports(ISSUER, AUDIENCE, keys, clock)
    return Passports(SECRET, clock, outside=outside)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_a_token_of_each_algorithm_is_a_passport(clock: Clock, algorithm: str) -> None:
    auth = FakeAuth([Key.new(algorithm), Key.new("ES256"), Key.new("EdDSA")], clock())

    user = await passports_of(auth, clock).identify(auth.token(sub=ANNA))

    assert (user.id, user.name, user.guest) == (ANNA, "Анна", False)
    assert user.expires == clock() + 3600 + LEEWAY_S


@pytest.mark.parametrize("wrong", WRONG_TOKENS)
async def test_a_wrong_token_is_none(clock: Clock, auth: FakeAuth, wrong: str) -> None:
    passports = passports_of(auth, clock)
    assert (await passports.identify(auth.token())).name == "Анна"

    with pytest.raises(PassportInvalid):
        await passports.identify(WRONG_TOKENS[wrong](auth))


@pytest.mark.parametrize("expired", EXPIRED)
async def test_an_expired_token_is_told_apart(clock: Clock, auth: FakeAuth, expired: str) -> None:
    with pytest.raises(PassportExpired):
        await passports_of(auth, clock).identify(EXPIRED[expired](auth))


async def test_wrong_tokens_cost_little(clock: Clock, auth: FakeAuth) -> None:
    passports = passports_of(auth, clock)
    tokens = [make(auth) for make in WRONG_TOKENS.values()]

    async def cost(token: str) -> float:
        """Return the least of three runs: the machine has other work too."""
        runs = []
        for _ in range(3):
            began = time.thread_time()
            with pytest.raises(Unauthenticated):
                await passports.identify(token)
            runs.append(time.thread_time() - began)
        return min(runs)

    assert max([await cost(token) for token in tokens]) < 0.01


async def test_thirty_seconds_of_difference_between_clocks_are_no_matter(
    clock: Clock, auth: FakeAuth
) -> None:
    passports = passports_of(auth, clock)
    now = int(clock())

    for token in (auth.token(exp=now - 29), auth.token(nbf=now + 30), auth.token(iat=now + 30)):
        user = await passports.identify(token)
        assert user.expires > clock()


@pytest.mark.parametrize("audience", [AUDIENCE, [AUDIENCE], ["account", AUDIENCE]])
async def test_one_audience_of_several_may_be_ours(
    clock: Clock, auth: FakeAuth, audience: object
) -> None:
    assert await passports_of(auth, clock).identify(auth.token(aud=audience))


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt", None])
async def test_the_usual_types_of_token_are_taken(
    clock: Clock, auth: FakeAuth, kind: str | None
) -> None:
    assert await passports_of(auth, clock).identify(auth.token(header={"typ": kind}))


async def test_a_token_without_a_key_id_is_taken_where_one_key_fits(clock: Clock) -> None:
    one = FakeAuth([Key.new("ES256"), Key.new("EdDSA")], clock())
    assert await passports_of(one, clock).identify(one.token(header={"kid": None}))

    two = FakeAuth([Key.new("ES256"), Key.new("ES256")], clock())
    with pytest.raises(PassportInvalid):
        await passports_of(two, clock).identify(two.token(header={"kid": None}))


async def test_a_key_file_needs_no_key_ids(clock: Clock, auth: FakeAuth) -> None:
    old = Key.new("ES256")
    keys = keys_of_pem(old.pem() + auth.keys[0].pem())
    passports = Passports(SECRET, clock, outside=OutsidePassports(ISSUER, AUDIENCE, keys, clock))

    assert await passports.identify(auth.token())
    assert await passports.identify(auth.token(old))
    with pytest.raises(PassportInvalid):
        await passports.identify(auth.token(Key.new("ES256")))


async def test_without_an_auth_service_its_tokens_are_none(clock: Clock, auth: FakeAuth) -> None:
    with pytest.raises(PassportInvalid):
        await Passports(SECRET, clock).identify(auth.token())


async def test_guests_are_known_beside_an_auth_service(clock: Clock, auth: FakeAuth) -> None:
    passports = passports_of(auth, clock)
    user, token = passports.issue("Boris")

    assert await passports.identify(token) == user


def test_a_subject_that_is_a_uuid_is_the_users_id() -> None:
    assert user_id_of(ISSUER, ANNA) == user_id_of("https://other.example", ANNA.upper()) == ANNA


def test_another_subject_gives_an_id_that_never_changes() -> None:
    # What docs/02-protocol.md says, by another hand: SHA-1 of namespace and name (RFC 9562).
    namespace = b"\x6b\xa7\xb8\x11\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8"
    for name in (ISSUER, "anna"):
        digest = bytearray(hashlib.sha1(namespace + name.encode(), usedforsecurity=False).digest())
        digest[6] = digest[6] & 0x0F | 0x50
        digest[8] = digest[8] & 0x3F | 0x80
        namespace = bytes(digest[:16])

    assert UUID(user_id_of(ISSUER, "anna")).bytes == namespace
    assert user_id_of(ISSUER, "anna") == "7ac38020-f96f-52a4-b4f6-d015a488d056"


def test_the_same_subject_of_another_issuer_is_somebody_else() -> None:
    ids = {
        user_id_of(issuer, subject)
        for issuer in (ISSUER, ISSUER + "a", "https://other.example")
        for subject in ("anna", "nna", "Anna", " anna")
    }

    assert len(ids) == 12


@pytest.mark.parametrize(
    ("claim", "name"),
    [
        ("Anna", "Anna"),
        ("  Anna \n Maria\t", "Anna Maria"),
        ("An\u202ena\x00", "An na"),
        ("a" * 50, "a" * 40),
        ("a" * 39 + " bcd", "a" * 39),
        ("😀" * 41, "😀" * 40),
        ("a" * 38 + "👩\u200d👩\u200d👧", "a" * 38 + "👩"),
        ("e\u0301", "\u00e9"),
        ("Анна\ud800", "Анна"),
        ("\u200b", None),
        ("", None),
        (" \n", None),
        (7, None),
        (None, None),
        (["Anna"], None),
    ],
)
def test_a_name_is_brought_into_one_line_of_forty_characters(
    claim: object, name: str | None
) -> None:
    assert clean_name(claim) == name


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Anna", "preferred_username": "anna7"}, "Anna"),
        ({"name": None, "preferred_username": "anna7"}, "anna7"),
        ({"name": " ", "preferred_username": "anna7"}, "anna7"),
        ({"name": 7, "preferred_username": ["anna7"]}, f"Viewer {ANNA[:4]}"),
        ({"name": None}, f"Viewer {ANNA[:4]}"),
    ],
)
async def test_the_name_is_the_first_that_can_be_read(
    clock: Clock, auth: FakeAuth, claims: dict[str, Any], name: str
) -> None:
    user = await passports_of(auth, clock).identify(auth.token(sub=ANNA, **claims))

    assert user.name == name


class Recording(Mapping[str, Any]):
    """Claims that remember which of them were read."""

    def __init__(self, claims: dict[str, Any], read: set[str]) -> None:
        self._claims = claims
        self._read = read

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 -- any claim
        self._read.add(name)
        return self._claims[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("all claims are looked at")

    def __len__(self) -> int:
        raise AssertionError("all claims are looked at")


async def test_no_claim_but_who_and_when_is_read(
    clock: Clock, auth: FakeAuth, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: set[str] = set()
    monkeypatch.setattr(
        outside_passports, "read_object", lambda text: Recording(read_object(text), read)
    )
    passports = passports_of(auth, clock)

    admin = await passports.identify(
        auth.token(role="admin", roles=["host"], scope="admin", groups=["/admins"], admin=True)
    )
    nameless = await passports.identify(auth.token(name=None))

    assert read == READ
    assert admin.id == nameless.id
