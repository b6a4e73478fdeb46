"""One run of the pump: a film that is sent to the viewers of one session, by its timeline."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sessions.core.timeline import NEVER, Chain
from streamer.preparation.live_rendition import LiveRendition
from streamer.preparation.segments import Segment
from streamer.webrtc.fresh_start import OwnKeyframe
from streamer.webrtc.h264 import NumberedPictures
from streamer.webrtc.keyframe_maker import KeyframeMaker
from streamer.webrtc.loaded_film import FramePlace, LoadedFilm
from streamer.webrtc.own_keyframes import OwnKeyframes
from streamer.webrtc.pump_schedule import (
    KEYFRAME_AFTER,
    SHORT_WAY,
    Picture,
    Pictures,
    Shown,
    jump_at,
    jumps_ahead,
    pictures_until,
    stretch_at,
)
from streamer.webrtc.segment_loader import SegmentLoader
from streamer.webrtc.sound_schedule import SoundPacket, sound_until

__all__ = ["AHEAD_S", "FOLLOW_S", "PumpCounts", "PumpRun", "Sender"]

AHEAD_S = 6.0
"""How much of the film is in memory before it is sent, seconds."""

FOLLOW_S = 10.0
"""How often the rendition is told where the timeline stands, seconds."""

SOUND_WAITS_S = 0.06
"""How long a packet of sound waits for those after it, seconds: four are sent at once."""

LOOK_EVERY_S = 0.25
"""How often it is looked at what is needed next while the film runs, seconds."""

_STEP_S = 1.0
"""Of the film ahead, one position in so many seconds is looked at for its segment."""

_NEARLY_S = 1e-3
"""Times that differ by less are the same but for rounding, seconds."""


class Sender(Protocol):
    """What sends to all viewers: a Broadcast."""

    async def send(self, data: bytes, *, shown_at: float, keyframe: bool = True) -> None:
        """Send a picture, to be shown at ``shown_at``, Unix seconds."""
        ...

    async def send_sounds(self, sounds: Sequence[SoundPacket]) -> None:
        """Send Opus packets."""
        ...


@dataclass(slots=True)
class PumpCounts:
    """Counters of all pumps since the start, for the metrics."""

    pictures: int = 0
    """Pictures sent, repeated ones too."""

    late: float = 0.0
    """By how much pictures were sent late, in all, seconds."""

    latest: float = 0.0
    """By how much the latest one was, seconds."""

    missing: int = 0
    """How often a picture was due that was not made yet."""

    unavailable: int = 0
    """How often a part of a film could not be had."""

    failures: int = 0
    """Errors of this server in a pump; it begins anew."""


class PumpRun:
    """Sends a film until nobody watches. Call ``step`` when it is due, and at each change."""

    def __init__(
        self,
        rendition: LiveRendition,
        duration: float,
        sender: Sender,
        clock: Callable[[], float],
        counts: PumpCounts,
        keyframes: KeyframeMaker,
        wake: Callable[[], None],
    ) -> None:
        """Send a film of ``duration`` s; ``wake`` is called when a segment has come."""
        self.rendition = rendition
        self._sender = sender
        self._clock = clock
        self._counts = counts
        self._keyframes = OwnKeyframes(keyframes, clock, wake)
        self._wake = wake
        self._film = LoadedFilm(rendition.number_at, duration)
        self._loader = SegmentLoader(rendition, self._take, clock)
        self._numbered = NumberedPictures()
        self._shown = Shown()
        self._heard_until = 0.0
        self._missing = False
        self._unavailable = 0
        self._chain: Chain | None = None
        self._look_at = 0.0
        self._planned: deque[Picture] = deque()
        """Pictures to send next."""
        self._planned_until = -NEVER
        """Up to when they are all that is to be shown, Unix seconds."""
        self._next_at = -NEVER
        """When a picture is due after those, Unix seconds."""
        self._settled = 0.0
        """Up to when nothing more is to be sent, Unix seconds."""
        self._followed: tuple[float, Chain | None] = (-NEVER, None)

    async def step(self, chain: Chain, delay: float) -> float:
        """Send what is due by ``chain``, ``delay`` seconds ahead; return when to step again."""
        now = self._clock()
        horizon = now + delay
        if chain is not self._chain or now >= self._look_at or horizon >= self._planned_until:
            self._look(chain, now, horizon)
        await self._send_sound(chain, horizon)
        sent = 0
        while self._planned and self._planned[0].shown_at <= horizon:
            picture = self._planned.popleft()
            self._shown = self._shown.after((picture,), picture.place, picture.shown_at)
            await self._send(picture)
            sent += 1
        self._settled = horizon
        self._count(sent, horizon)
        next_at = self._planned[0].shown_at if self._planned else self._next_at
        sound_at = self._heard_until + SOUND_WAITS_S if self._film.has_sound else NEVER
        return min(next_at, max(sound_at, horizon)) - delay

    async def first_picture(self) -> OwnKeyframe | None:
        """Return a keyframe of the picture that was sent last; None where none can be made."""
        place, shown_at, layout = self._shown.place, self._shown.sent_for, self._numbered.layout
        segment = self._film.segment(place.segment) if place else None
        if place is None or segment is None or layout is None:
            return None
        data = await self._keyframes.get(segment, place)
        return None if data is None else OwnKeyframe(data, shown_at, layout)

    async def close(self) -> None:
        """Give up all that was asked for."""
        self._keyframes.close()
        await self._loader.close()

    def _look(self, chain: Chain, now: float, horizon: float) -> None:
        """Look at what is needed, and plan the pictures: where the film runs, until the next look.

        Each time that the process wakes its code is cold, so a step does as little as it can.
        """
        self._chain, self._look_at = chain, now + LOOK_EVERY_S
        self._follow(chain, now)
        self._load(chain, horizon)
        self._ask_keyframes(chain, horizon)
        shown = replace(self._shown, until=max(self._shown.until, self._settled))
        plan = pictures_until(horizon, shown, chain, self._film, self._keyframes.state())
        self._note_missing(plan)
        self._planned, self._next_at = deque(plan.pictures), plan.next_at
        self._planned_until = horizon
        if not plan.missing and self._runs_on(chain, plan.shown):
            more = pictures_until(horizon + LOOK_EVERY_S, plan.shown, chain, self._film)
            if not more.missing:
                self._planned.extend(more.pictures)
                self._next_at, self._planned_until = more.next_at, horizon + LOOK_EVERY_S

    def _runs_on(self, chain: Chain, shown: Shown) -> bool:
        """Return whether the film runs and nothing else is ordered."""
        if shown.place is None or chain.next(shown.until) is not None:
            return False
        return chain.in_force(shown.until).rate > 0.0

    def _take(self, segment: Segment) -> None:
        self._film.add(segment)
        self._look_at = 0.0
        self._wake()

    async def _send(self, picture: Picture) -> None:
        data, keyframe = self._data_of(picture)
        # Of a frame of a damaged film that is copied there may be nothing left.
        if data:
            await self._sender.send(data, shown_at=picture.shown_at, keyframe=keyframe)

    def _data_of(self, picture: Picture) -> tuple[bytes | None, bool]:
        """Return a picture as it is to be sent, and whether it is a keyframe."""
        if picture.place is None:
            return self._numbered.repetition(), False
        own = self._keyframes.made(picture.place) if picture.own else None
        if own is not None:
            return self._numbered.next(own, keyframe=True), True
        sample = self._film.sample(picture.place)
        return self._numbered.next(sample.data, keyframe=sample.keyframe), sample.keyframe

    def _ask_keyframes(self, chain: Chain, horizon: float) -> None:
        """Have keyframes made of frames to which the way is long, and of one that stands."""
        if self._numbered.layout is None and self._shown.place is not None:
            # A stream of a kind of which none can be made.
            return
        wanted = [*jumps_ahead(horizon, chain, self._film), *self._wanted_now(chain, horizon)]
        for place in wanted:
            segment = self._film.segment(place.segment)
            if segment is not None and place.frame > 0:
                self._keyframes.ask(segment, place)

    def _wanted_now(self, chain: Chain, horizon: float) -> Iterator[FramePlace]:
        jump, standing = jump_at(horizon, self._shown, chain, self._film), self._shown.place
        if jump is not None and not self._keyframes.is_making(jump.segment):
            begin = self._keyframes.state().before(jump)
            if begin is None or jump.frame - begin.frame > SHORT_WAY:
                yield jump
        stands = stretch_at(chain, horizon, self._film.duration).rate == 0.0
        if stands and standing is not None and self._shown.since_keyframe >= KEYFRAME_AFTER:
            yield standing

    async def _send_sound(self, chain: Chain, horizon: float) -> None:
        """Send sound some packets at once, together with a picture: fewer system calls a viewer.

        The last of them is sent as early as a picture of its time: Chromium takes what came last
        for the measure of how picture and sound belong together.
        """
        until = horizon + _NEARLY_S
        if not self._film.has_sound or until < self._heard_until + SOUND_WAITS_S:
            return
        packets, self._heard_until = sound_until(until, self._heard_until, chain, self._film)
        await self._sender.send_sounds(packets)

    def _count(self, sent: int, horizon: float) -> None:
        counts = self._counts
        counts.pictures += sent
        if sent and self._shown.place is not None:
            late = max(0.0, horizon - self._shown.sent_for)
            counts.late += late
            counts.latest = max(counts.latest, late)

    def _note_missing(self, plan: Pictures) -> None:
        counts = self._counts
        if plan.missing and not self._missing:
            counts.missing += 1
        self._missing = plan.missing
        counts.unavailable += self._loader.failures - self._unavailable
        self._unavailable = self._loader.failures

    def _follow(self, chain: Chain, now: float) -> None:
        """Tell the rendition where the timeline stands, at a change and now and then."""
        told_at, told = self._followed
        if chain is told and now - told_at < FOLLOW_S:
            return
        self._followed = now, chain
        timeline = chain.newest
        position = timeline.at(max(now, timeline.instant), self._film.duration)
        self.rendition.follow(max(0.0, position), timeline.rate)

    def _load(self, chain: Chain, horizon: float) -> None:
        """Have in memory what is sent next, and what is sent after the timelines ahead begin."""
        wanted = self._needed(chain, horizon)
        self._film.keep({*wanted, *(place.segment for place in [self._shown.place] if place)})
        missing = {
            number: needed_at - horizon
            for number, needed_at in wanted.items()
            if number not in self._film
        }
        self._loader.load(missing)

    def _needed(self, chain: Chain, horizon: float) -> dict[int, float]:
        """Return the segments that are shown within AHEAD_S, and when, Unix seconds."""
        needed: dict[int, float] = {}
        times = [horizon, *(t.instant for t in chain.items if t.instant > horizon)]
        for begin in times:
            stretch = stretch_at(chain, begin, self._film.duration)
            position = stretch.position_at(begin)
            for ahead in range(int(AHEAD_S / _STEP_S) + 1):
                there = min(position + ahead * _STEP_S * (stretch.rate or 1.0), self._film.duration)
                needed.setdefault(self._film.number_at(there), begin + ahead * _STEP_S)
        return needed
