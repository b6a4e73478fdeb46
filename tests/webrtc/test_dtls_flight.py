"""A flight of the DTLS handshake is sent again until it is answered."""

from __future__ import annotations

from asyncio import TimerHandle
from collections.abc import Callable

import pytest

from streamer.webrtc.dtls_flight import MAX_REPEATS, REPEAT_AFTER_S, DtlsFlight


class Timers:
    """Timers by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, Timer]] = []

    def call_later(self, delay: float, callback: Callable[[], None]) -> TimerHandle:
        timer = Timer(callback)
        self._due.append((self.now + delay, timer))
        return timer  # type: ignore[return-value]

    def run(self, until: float) -> None:
        while due := [item for item in self._due if item[0] <= until]:
            item = min(due, key=lambda item: item[0])
            self._due.remove(item)
            self.now = item[0]
            item[1].run()
        self.now = until


class Timer:
    """A timer as asyncio's, as far as it is used."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self._callback = None

    def run(self) -> None:
        if self._callback is not None:
            self._callback()


@pytest.fixture
def timers() -> Timers:
    return Timers()


def test_a_flight_without_answer_is_sent_again_ever_more_slowly(timers: Timers) -> None:
    sent: list[tuple[float, bytes]] = []
    flight = DtlsFlight(lambda data: sent.append((timers.now, data)), timers.call_later)
    flight.sent(b"hello")
    flight.sent(b"certificate")

    timers.run(60.0)

    times = [REPEAT_AFTER_S * (2**n - 1) for n in range(1, MAX_REPEATS + 1)]
    assert [data for _, data in sent] == [b"hello", b"certificate"] * MAX_REPEATS
    assert [at for at, _ in sent[::2]] == pytest.approx(times)
    # OpenSSL's own timer, one second, comes after all of them.
    assert times[-1] < 1.0


def test_a_flight_after_an_answer_takes_the_place_of_the_one_before(timers: Timers) -> None:
    sent: list[bytes] = []
    flight = DtlsFlight(sent.append, timers.call_later)
    flight.sent(b"hello")
    flight.received()
    flight.sent(b"finished")

    timers.run(REPEAT_AFTER_S)

    assert sent == [b"finished"]


def test_what_came_without_a_new_flight_does_not_end_the_old_one(timers: Timers) -> None:
    sent: list[bytes] = []
    flight = DtlsFlight(sent.append, timers.call_later)
    flight.sent(b"hello")
    # The viewer's ClientHello again: our answer to it was lost.
    flight.received()

    timers.run(REPEAT_AFTER_S)

    assert sent == [b"hello"]


def test_the_last_flight_goes_on_until_something_comes(timers: Timers) -> None:
    sent: list[bytes] = []
    flight = DtlsFlight(sent.append, timers.call_later)
    flight.received()
    flight.sent(b"finished")
    flight.handshake_done()
    timers.run(REPEAT_AFTER_S)
    flight.received()

    timers.run(60.0)

    assert sent == [b"finished"]


def test_who_got_the_last_flight_sends_nothing_again(timers: Timers) -> None:
    sent: list[bytes] = []
    flight = DtlsFlight(sent.append, timers.call_later)
    flight.sent(b"finished")
    flight.received()
    flight.handshake_done()

    timers.run(60.0)

    assert sent == []


def test_nothing_is_sent_after_the_end(timers: Timers) -> None:
    sent: list[bytes] = []
    flight = DtlsFlight(sent.append, timers.call_later)
    flight.sent(b"hello")
    flight.end()

    timers.run(60.0)

    assert sent == []
