"""What the port reads of STUN, against messages that aioice makes."""

from __future__ import annotations

from aioice.stun import Class, Message, Method
from hypothesis import given
from hypothesis import strategies as st

from streamer.webrtc import stun

PASSWORD = "p" * 22


def check(username: str = "ours:theirs", password: str = PASSWORD) -> bytes:
    request = Message(Method.BINDING, Class.REQUEST, attributes={"USERNAME": username})
    request.attributes["PRIORITY"] = 1
    request.add_message_integrity(password.encode())
    return bytes(request)


def test_a_request_names_the_receiver() -> None:
    data = check()

    assert stun.is_request(data)
    assert stun.username(data) == "ours"


def test_an_answer_is_no_request_and_names_its_transaction() -> None:
    answer = Message(Method.BINDING, Class.RESPONSE, transaction_id=b"t" * 12)
    answer.attributes["XOR-MAPPED-ADDRESS"] = ("192.0.2.7", 4711)
    data = bytes(answer)

    assert not stun.is_request(data)
    assert stun.transaction_id(data) == b"t" * 12
    assert stun.mapped_address(data) == ("192.0.2.7", 4711)


def test_only_the_password_makes_a_request_authentic() -> None:
    assert stun.is_authentic(check(), PASSWORD)
    assert not stun.is_authentic(check(), "q" * 22)
    assert not stun.is_authentic(check()[:-9] + b"\0", PASSWORD)


def test_a_request_that_was_changed_is_not_authentic() -> None:
    data = bytearray(check())
    data[30] ^= 1

    assert not stun.is_authentic(bytes(data), PASSWORD)


def test_our_own_request_is_a_binding_request() -> None:
    data, transaction = stun.binding_request()

    assert stun.is_request(data)
    assert stun.transaction_id(data) == transaction


@given(st.binary(max_size=120))
def test_garbage_is_nobody_s(data: bytes) -> None:
    stun.is_request(data)
    stun.transaction_id(data)
    stun.username(data)
    stun.mapped_address(data)

    assert not stun.is_authentic(data, PASSWORD)
