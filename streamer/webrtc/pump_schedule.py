"""What the pump sends when: a pure function of the timelines, the loaded film and the time.

Times are server time, Unix seconds, at which something is to be *shown*; it is sent by the delay D
earlier. What was sent cannot be taken back and timestamps only grow, so a timeline that replaces
another applies from the end of what was sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sessions.core.timeline import NEVER, Chain
from streamer.webrtc.loaded_film import FramePlace, LoadedFilm

__all__ = [
    "KEYFRAME_AFTER",
    "LATE_S",
    "NO_KEYFRAMES",
    "REPEAT_S",
    "SHORT_WAY",
    "TIMESTAMP_STEP_S",
    "Keyframes",
    "Picture",
    "Pictures",
    "Shown",
    "Stretch",
    "jump_at",
    "jumps_ahead",
    "pictures_until",
    "stretch_at",
]

REPEAT_S = 0.2
"""How often a picture that stands is sent again, seconds."""

TIMESTAMP_STEP_S = 4 / 90_000
"""By how much pictures differ in time that are only decoded, seconds: some ticks of RTP."""

SHORT_WAY = 3
"""So many frames may be decoded to come to another one; a longer way would be seen."""

KEYFRAME_AFTER = 25
"""A picture that stands is sent as a keyframe again after so many repetitions, for latecomers."""

CONTINUOUS_S = 0.1
"""A timeline that continues the one before differs from it by less, seconds."""

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

    own: bool = False
    """Whether to send a keyframe that was made of it."""


@dataclass(frozen=True, slots=True)
class Keyframes:
    """Frames of which keyframes were made."""

    ready: frozenset[FramePlace] = frozenset()
    """Those that are made."""

    coming: frozenset[FramePlace] = frozenset()
    """Those that are worth waiting for."""

    def before(self, place: FramePlace) -> FramePlace | None:
        """Return the last one up to ``place`` in its segment, if there is one."""
        return max(_up_to(place, self.ready), default=None)

    def is_coming(self, place: FramePlace) -> bool:
        """Return whether there will soon be one up to ``place`` in its segment."""
        return any(_up_to(place, self.coming))


def _up_to(place: FramePlace, places: Iterable[FramePlace]) -> Iterator[FramePlace]:
    return (p for p in places if p.segment == place.segment and p.frame <= place.frame)


NO_KEYFRAMES = Keyframes()
"""Where none is made."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What was sent so far."""

    place: FramePlace | None = None
    """The frame that is shown last; None: nothing was sent yet, so a keyframe must come first."""

    until: float = 0.0
    """Up to when it is settled what is shown, Unix seconds."""

    sent_for: float = -NEVER
    """When the last picture is to be shown, Unix seconds."""

    since_keyframe: int = 0
    """How many pictures were sent after the last keyframe."""

    def after(self, pictures: Sequence[Picture], place: FramePlace | None, time: float) -> Shown:
        """Return what was sent once ``pictures`` are, at least one, which show ``place``."""
        since = self.since_keyframe
        for picture in pictures:
            begins = picture.own or (picture.place is not None and picture.place.frame == 0)
            since = 0 if begins else since + 1
        shown_at = pictures[-1].shown_at
        return Shown(place or self.place, max(time, shown_at), shown_at, since)


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


def pictures_until(
    horizon: float,
    shown: Shown,
    chain: Chain,
    film: LoadedFilm,
    keyframes: Keyframes = NO_KEYFRAMES,
) -> Pictures:
    """Return the pictures to be shown up to ``horizon``, Unix seconds, after what was ``shown``."""
    shown = _without_late(shown, horizon)
    sent: list[Picture] = []
    while True:
        time = shown.until
        stretch = stretch_at(chain, time, film.duration)
        wanted = film.frame_at(stretch.position_at(time))
        new: list[Picture] = []
        if wanted is not None and wanted != shown.place:
            new = _change(shown, wanted, time, film, keyframes)
        reached = wanted if new else None
        if not new and shown.place is not None and time >= shown.sent_for + REPEAT_S:
            new = [_repetition(shown, shown.place, time, keyframes)]
        if new:
            sent += new
            shown = shown.after(new, reached, time)
        behind = wanted != shown.place
        following = _next_time(shown, stretch, film, behind=behind)
        if following > horizon:
            shown = replace(shown, until=horizon)
            return Pictures(tuple(sent), shown, following, wanted is None)
        shown = replace(shown, until=max(following, shown.until))


def jump_at(horizon: float, shown: Shown, chain: Chain, film: LoadedFilm) -> FramePlace | None:
    """Return the frame that is wanted next where the way to it is long; None: it is not."""
    time = _without_late(shown, horizon).until
    wanted = film.frame_at(stretch_at(chain, time, film.duration).position_at(time))
    if wanted is None or wanted == shown.place:
        return None
    return wanted if len(list(film.way_to(wanted, shown.place))) > SHORT_WAY else None


def jumps_ahead(horizon: float, chain: Chain, film: LoadedFilm) -> Iterator[FramePlace]:
    """Yield the frames that are jumped to by what is ordered after ``horizon``."""
    for before, timeline in pairwise(chain.items):
        if timeline.instant > horizon:
            there = max(timeline.position, 0.0)
            place = film.frame_at(there)
            if place and abs(before.at(timeline.instant, film.duration) - there) > CONTINUOUS_S:
                yield place


def _without_late(shown: Shown, horizon: float) -> Shown:
    late = horizon - shown.until > LATE_S
    return replace(shown, until=horizon) if late else shown


def _change(
    shown: Shown, wanted: FramePlace, time: float, film: LoadedFilm, keyframes: Keyframes
) -> list[Picture]:
    """Return what is to be decoded so that ``wanted`` is shown at ``time``.

    Frames that are only on the way to it differ by so little time that all are due at once.
    Nothing: a keyframe is worth waiting for.
    """
    way, own = list(film.way_to(wanted, shown.place)), False
    begin = keyframes.before(wanted) if len(way) > SHORT_WAY else None
    if begin is not None and wanted.frame - begin.frame < len(way):
        way, own = [begin, *film.way_to(wanted, begin)], True
    if len(way) > SHORT_WAY and keyframes.is_coming(wanted):
        return []
    earliest = shown.sent_for + TIMESTAMP_STEP_S
    first = max(time - (len(way) - 1) * TIMESTAMP_STEP_S, earliest)
    return [
        Picture(place, first + number * TIMESTAMP_STEP_S, own and number == 0)
        for number, place in enumerate(way)
    ]


def _repetition(shown: Shown, place: FramePlace, time: float, keyframes: Keyframes) -> Picture:
    """Return the picture that stands, again: now and then a keyframe of it."""
    if shown.since_keyframe >= KEYFRAME_AFTER:
        if place in keyframes.ready:
            return Picture(place, time, own=True)
        if place.frame == 0:
            # It is a keyframe already, so none is made of it.
            return Picture(place, time)
    return Picture(None, time)


def _next_time(shown: Shown, stretch: Stretch, film: LoadedFilm, *, behind: bool) -> float:
    """Return when the next picture is due, or another stretch begins, Unix seconds."""
    if shown.place is None:
        return stretch.end
    following = min(stretch.end, shown.sent_for + REPEAT_S)
    if behind:
        return following
    return min(following, stretch.time_of(film.next_position(shown.place)))
