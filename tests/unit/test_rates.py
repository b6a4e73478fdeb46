"""Token buckets and floods."""

from __future__ import annotations

import pytest

from harness.rooms import Clock
from sessions.core.errors import RateLimited
from sessions.core.rates import Buckets, Flood, Floods, Limit, SlowMode


def test_a_burst_is_let_through_and_then_the_rate() -> None:
    clock = Clock()
    buckets = Buckets(Limit(rate=2.0, burst=3.0), clock)

    for _ in range(3):
        buckets.take("anna")
    with pytest.raises(RateLimited) as refused:
        buckets.take("anna")
    clock.advance(0.5)
    buckets.take("anna")

    assert refused.value.retry_after == pytest.approx(0.5)


def test_one_persons_haste_is_nobody_elses_wait() -> None:
    buckets = Buckets(Limit(rate=1.0, burst=1.0), Clock())

    buckets.take("anna")

    buckets.take("boris")


def test_what_is_refused_takes_nothing() -> None:
    clock = Clock()
    buckets = Buckets(Limit(rate=1.0, burst=1.0), clock)
    buckets.take("anna")

    for _ in range(10):
        with pytest.raises(RateLimited):
            buckets.take("anna")
    clock.advance(1.0)

    buckets.take("anna")


def test_full_buckets_are_forgotten_and_others_kept() -> None:
    clock = Clock()
    buckets = Buckets(Limit(rate=1.0, burst=2.0), clock, capacity=10)
    for number in range(10):
        buckets.take(f"{number}")
    clock.advance(3.0)
    buckets.take("late")
    buckets.take("late")

    for number in range(20, 40):
        buckets.take(f"{number}")

    with pytest.raises(RateLimited):
        buckets.take("late")


def test_a_flood_must_last_to_count() -> None:
    flood = Flood(per_second=10, seconds=2)

    assert not any(flood.hit(100.0 + n / 100) for n in range(11))
    assert not flood.hit(103.0)
    seconds = [flood.hit(104.0 + n / 20) for n in range(60)]

    assert seconds.index(True) == 40


def test_buckets_stay_below_their_bound_though_none_is_full() -> None:
    buckets = Buckets(Limit(rate=0.1, burst=2.0), Clock(), capacity=100)
    buckets.take("busy")
    buckets.take("busy")

    for number in range(1000):
        buckets.take(f"{number}")

    assert len(buckets) <= 100
    with pytest.raises(RateLimited):
        buckets.take("busy")


def test_links_of_one_person_share_one_flood() -> None:
    floods = Floods()

    assert floods.of("anna", 100.0) is floods.of("anna", 101.0)
    assert floods.of("anna", 100.0) is not floods.of("boris", 100.0)


def test_quiet_floods_are_forgotten_and_loud_ones_kept() -> None:
    floods = Floods(capacity=2)
    loud, quiet = floods.of("anna", 100.0), floods.of("boris", 100.0)
    loud.hit(109.0)
    quiet.hit(100.0)

    floods.of("clara", 110.0)

    assert floods.of("anna", 110.0) is loud
    assert floods.of("boris", 110.0) is not quiet


def test_slow_mode_lets_each_person_speak_once_in_a_while() -> None:
    slow = SlowMode()
    slow.take("anna", "1", 30.0, 100.0)
    slow.take("boris", "2", 30.0, 100.0)

    with pytest.raises(RateLimited) as refused:
        slow.take("anna", "3", 30.0, 110.0)
    assert refused.value.retry_after == 20.0
    # The same message again, after a lost answer.
    slow.take("anna", "1", 30.0, 110.0)
    slow.take("anna", "3", 30.0, 130.0)


def test_a_message_that_was_not_kept_costs_no_turn() -> None:
    slow = SlowMode()
    slow.take("anna", "1", 30.0, 100.0)
    slow.give_back("anna", "another")
    with pytest.raises(RateLimited):
        slow.take("anna", "2", 30.0, 100.0)

    slow.give_back("anna", "1")
    slow.take("anna", "2", 30.0, 100.0)


def test_slow_mode_forgets_who_spoke_longest_ago() -> None:
    slow = SlowMode(capacity=2)
    for n, name in enumerate("abc"):
        slow.take(name, name, 60.0, float(n))

    slow.take("a", "again", 60.0, 3.0)
    with pytest.raises(RateLimited):
        slow.take("c", "again", 60.0, 3.0)
