"""What the pump sends when: a pure function of the timelines, the loaded film and the time.

Times are server time, Unix seconds, at which something is to be *shown*; it is sent by the delay D
earlier. What was sent cannot be taken back and timestamps only grow, so a timeline that replaces
another applies from the end of what was sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sessions.core.timeline import NEVER, Chain
from streamer.webrtc.loaded_film import FramePlace, LoadedFilm

__all__ = [
    "LATE_S",
    "REPEAT_S",
    "TIMESTAMP_STEP_S",
    "Picture",
    "Pictures",
    "Shown",
    "Stretch",
    "pictures_until",
    "stretch_at",
]

REPEAT_S = 0.2
"""How often a picture that stands is sent again, seconds."""

TIMESTAMP_STEP_S = 4 / 90_000
"""By how much pictures differ in time that are only decoded, seconds: some ticks of RTP."""

LATE_S = 1.0
"""Pictures that are later than this are left out, seconds."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time in which the film moves at one rate, or stands."""

    begin: float
    """Time at which :attr:`position` holds, Unix seconds."""

    end: float
    """When it is over, Unix seconds; NEVER."""

    position: float
    """Position at :attr:`begin`, seconds of the film, within the film."""

    rate: float
    """Seconds of the film per second; 0.0: it stands."""

    def position_at(self, time: float) -> float:
        """Return the position at ``time``, seconds."""
        return self.position + (time - self.begin) * self.rate

    def time_of(self, position: float) -> float:
        """Return when the film is at ``position``, Unix seconds; NEVER where it stands."""
        if self.rate == 0.0:
            return NEVER
        return self.begin + (position - self.position) / self.rate


def stretch_at(chain: Chain, time: float, duration: float) -> Stretch:
    """Return the stretch that ``time`` is in, by the timelines as they are ordered now.

    Before the start the first frame stands, after the end the last one.
    """
    timeline = chain.in_force(time)
    ahead = chain.items[chain.items.index(timeline) + 1 :]
    end = min((t.instant for t in ahead if t.instant > time), default=NEVER)
    if timeline.rate == 0.0:
        return Stretch(time, end, min(max(timeline.position, 0.0), duration), 0.0)
    # By times, not positions: those are rounded, and a stretch must not end where it begins.
    begins = timeline.instant - timeline.position / timeline.rate
    if time < begins:
        return Stretch(time, min(end, begins), 0.0, 0.0)
    ends = timeline.ends_at(duration)
    if time >= ends:
        return Stretch(time, end, duration, 0.0)
    return Stretch(timeline.instant, min(end, ends), timeline.position, timeline.rate)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to send."""

    place: FramePlace | None
    """Which frame; None: the one before, again."""

    shown_at: float
    """When it is to be shown, Unix seconds."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What was sent so far."""

    place: FramePlace | None = None
    """The frame that is shown last; None: nothing was sent yet, so a keyframe must come first."""

    until: float = 0.0
    """Up to when it is settled what is shown, Unix seconds."""

    sent_for: float = -NEVER
    """When the last picture is to be shown, Unix seconds."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is to be sent now."""

    pictures: tuple[Picture, ...]
    """In the order of their times."""

    shown: Shown
    """What was sent once they are."""

    next_at: float
    """When the next picture is to be shown, Unix seconds, unless something changes."""

    missing: bool
    """Whether a frame was due that is not in memory: the picture before it stands meanwhile."""


def pictures_until(horizon: float, shown: Shown, chain: Chain, film: LoadedFilm) -> Pictures:
    """Return the pictures to be shown up to ``horizon``, Unix seconds, after what was ``shown``."""
    if horizon - shown.until > LATE_S:
        shown = replace(shown, until=horizon)
    sent: list[Picture] = []
    missing = False
    while True:
        time = shown.until
        stretch = stretch_at(chain, time, film.duration)
        wanted = film.frame_at(stretch.position_at(time))
        missing = wanted is None
        if wanted is not None and wanted != shown.place:
            new = list(_change(shown, wanted, time, film))
        elif shown.place is not None and time >= shown.sent_for + REPEAT_S:
            new = [Picture(None, time)]
        else:
            new = []
        if new:
            sent += new
            shown = Shown(wanted or shown.place, max(time, new[-1].shown_at), new[-1].shown_at)
        following = _next_time(shown, stretch, film, missing=missing)
        if following > horizon:
            return Pictures(tuple(sent), replace(shown, until=horizon), following, missing)
        shown = replace(shown, until=max(following, shown.until))


def _change(shown: Shown, wanted: FramePlace, time: float, film: LoadedFilm) -> Iterator[Picture]:
    """Yield what is to be decoded so that ``wanted`` is shown at ``time``.

    Frames that are only on the way to it differ by so little time that all are due at once.
    """
    way = list(film.way_to(wanted, shown.place))
    begin = max(time - (len(way) - 1) * TIMESTAMP_STEP_S, shown.sent_for + TIMESTAMP_STEP_S)
    for number, place in enumerate(way):
        yield Picture(place, begin + number * TIMESTAMP_STEP_S)


def _next_time(shown: Shown, stretch: Stretch, film: LoadedFilm, *, missing: bool) -> float:
    """Return when the next picture is due, or another stretch begins, Unix seconds."""
    if shown.place is None:
        return stretch.end
    following = min(stretch.end, shown.sent_for + REPEAT_S)
    if missing:
        return following
    return min(following, stretch.time_of(film.next_position(shown.place)))
