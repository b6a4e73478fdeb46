"""Consent to be sent to is asked for, and ends."""

from __future__ import annotations

from itertools import pairwise

from streamer.webrtc.consent import ASK_EVERY_S, LASTS_S, Consent


def test_it_holds_for_as_long_as_it_is_given() -> None:
    asked: list[float] = []
    now = 1000.0
    consent = Consent(lambda: asked.append(now))
    for _ in range(100):
        assert consent.holds(now)
        consent.given()
        now += 1.0

    gaps = [after - before for before, after in pairwise(asked)]
    assert asked[0] == 1000.0
    # It is looked at once a second only.
    assert min(gaps) >= 0.8 * ASK_EVERY_S
    assert max(gaps) <= 1.2 * ASK_EVERY_S + 1.0
    assert len(set(gaps)) > 1


def test_it_ends_when_nothing_is_answered() -> None:
    consent = Consent(lambda: None)
    assert all(consent.holds(1000.0 + second) for second in range(int(LASTS_S) + 1))
    assert not consent.holds(1000.0 + LASTS_S + 1.0)


def test_an_answer_counts_from_its_question() -> None:
    consent = Consent(lambda: None)
    consent.holds(1000.0)
    consent.given()

    assert consent.holds(1000.0 + LASTS_S)
    assert not consent.holds(1000.0 + LASTS_S + 1.0)
