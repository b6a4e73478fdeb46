"""Signatures and the schedule of retries, as Standard Webhooks 1.0.0 has them."""

from __future__ import annotations

import pytest

from streamer.webhooks.retries import MAX_RETRY_AFTER_S, RETRY_DELAYS_S, delay_after
from streamer.webhooks.signing import new_secret, secret_bytes, signature
from tests.webhooks.receiver import SECRET, SECRET_TEXT


def test_the_example_of_the_specifications_libraries_is_signed_as_they_do() -> None:
    signed = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_new_secret_is_one_and_no_other() -> None:
    first, second = new_secret(), new_secret()

    assert len(secret_bytes(first)) == 32
    assert first != second
    assert secret_bytes(SECRET_TEXT) == SECRET


def test_attempts_follow_the_schedule_and_then_end() -> None:
    delays = [delay_after(n, RETRY_DELAYS_S, 0.0, 0.0) for n in range(1, 11)]

    assert delays == [*RETRY_DELAYS_S, None]
    assert sum(RETRY_DELAYS_S) == 75 * 3600 + 35 * 60 + 5


@pytest.mark.parametrize(("random", "delay"), [(0.0, 300.0), (0.5, 330.0), (1.0, 360.0)])
def test_chance_makes_a_delay_longer(random: float, delay: float) -> None:
    assert delay_after(2, RETRY_DELAYS_S, 0.0, random) == pytest.approx(delay)


def test_what_the_receiver_asks_for_is_heeded_within_reason() -> None:
    assert delay_after(1, RETRY_DELAYS_S, 120.0, 0.0) == 120.0
    assert delay_after(3, RETRY_DELAYS_S, 120.0, 0.0) == 1800.0
    assert delay_after(1, RETRY_DELAYS_S, 1e9, 0.0) == MAX_RETRY_AFTER_S
