"""What is kept: UGC records, and the entries of a show's log.

Field names are the ones of the contract. Times are Unix seconds here and ISO 8601 at the edges.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from sessions.core.roles import Access, Control, Role, Waiting
from sessions.core.timeline import NEVER, Chain, Timeline, Wait, after_move, scheduled

__all__ = [
    "NOBODY",
    "Announced",
    "Bookmark",
    "BookmarkTarget",
    "CalendarAddress",
    "Entry",
    "EntryKind",
    "FilmType",
    "Invite",
    "Job",
    "JobKind",
    "Member",
    "MovedUser",
    "NoticeKind",
    "Owner",
    "Session",
    "Show",
    "TargetType",
    "User",
    "View",
]

TargetType = Literal["movie", "series"]
"""What a show is of: a movie (or several in a row), or a series."""

FilmType = Literal["movie", "episode"]
"""What a session plays."""

BookmarkTarget = Literal["user", "movie", "series"]
"""What can be bookmarked."""

JobKind = Literal["live"]
"""What a preparation job makes: the live rendition of a film."""

Announced = Literal["nothing", "begun", "ended"]
"""What other services were told of a session last."""

NoticeKind = Literal[
    "acting",
    "joined",
    "left",
    "paused",
    "played",
    "sought",
    "rate",
    "rescheduled",
    "moved_to_session",
    "role",
    "removed",
    "renamed",
]
"""Entries that the chat shows as who did what."""

EntryKind = Literal["message", "deleted"] | NoticeKind
"""What an entry of the log is."""

NOBODY = "00000000-0000-0000-0000-000000000000"
"""``user_id`` of what the room did by itself: the nil UUID (RFC 9562 section 5.9), nobody's id."""


@dataclass(frozen=True, slots=True)
class User:
    """Who somebody is, as their passport says."""

    id: str
    """UUID."""

    name: str
    """What others see."""

    guest: bool = True
    """Whether the passport is one of Seans' own."""

    expires: float = float("inf")
    """When the passport ends, Unix seconds."""


@dataclass(frozen=True, slots=True)
class Show:
    """A scheduled co-watch."""

    id: str
    """UUID."""

    created_at: float
    """Unix seconds."""

    user_id: str
    """Who made it."""

    target_id: str
    """The title: UUID of a movie or series."""

    target_type: TargetType
    """What the title is."""

    title: str
    """What the show is called."""

    access: Access
    """Who may come in."""

    control: Control
    """Who may move the film."""

    waiting: Waiting
    """Whether the film waits for slow members."""

    revision: int = 0
    """How often title or rules were changed."""

    changed_at: float = 0.0
    """When they were changed last, Unix seconds; 0: never."""

    slow_mode: float = 0.0
    """How long a guest waits from one message to the next, seconds; 0: not at all."""


@dataclass(frozen=True, slots=True)
class Session:
    """One run of one film in a show."""

    id: str
    """UUID."""

    created_at: float
    """Unix seconds."""

    user_id: str
    """Who planned it."""

    show_id: str
    """The show that it is part of."""

    movie_time: float
    """When the film begins, Unix seconds."""

    target_id: str
    """The film: UUID."""

    target_type: FilmType
    """What the film is."""

    duration: float
    """The film's length, seconds."""

    timelines: tuple[Timeline, ...] = ()
    """At the last move: the timeline in force, then those ahead. Empty: nobody has moved it yet."""

    speed: float = 1.0
    """The rate that the film runs at whenever it runs, film seconds per second."""

    wait: Wait | None = None
    """That the room waits for somebody; None where the film runs, or stands by order."""

    announced: Announced = "nothing"
    """What other services were told of it last."""

    @property
    def chain(self) -> Chain:
        """Where the film stands: what its moves made of the plan."""
        return Chain(self.timelines or (scheduled(self.movie_time),))

    @property
    def due_at(self) -> float:
        """Return when the next thing is to be announced, Unix seconds; NEVER: not as it stands."""
        if self.announced == "nothing":
            return self.chain.begins_at()
        return self.chain.newest.ends_at(self.duration) if self.announced == "begun" else NEVER

    def moved(self, timeline: Timeline, speed: float | None, now: float) -> Session:
        """Return the session after a move at ``now``, Unix seconds; ``speed`` None: as before."""
        chain, wait = after_move(self.chain, self.wait, timeline, now)
        speed = self.speed if speed is None else speed
        return replace(self, timelines=chain.items, speed=speed, wait=wait)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's place in a show."""

    id: str
    """UUID."""

    created_at: float
    """Unix seconds."""

    user_id: str
    """Whose place it is."""

    show_id: str
    """The show."""

    name: str
    """Their name as last seen."""

    role: Role
    """What they may do."""

    muted: bool = False
    """Whether they may not say anything."""

    removed: bool = False
    """Whether they are kept out."""


@dataclass(frozen=True, slots=True)
class Invite:
    """A link into a show."""

    id: str
    """UUID."""

    created_at: float
    """Unix seconds."""

    user_id: str
    """Who made it."""

    show_id: str
    """Where it leads."""

    token: str
    """Random, at least 128 bits; the path of the link."""

    role: Role
    """What it makes of who accepts it."""

    own: bool = False
    """Whether it is the show's own link, of which there is always one."""

    uses: int | None = None
    """How many may still be made members by it at first; None: any number."""

    used: int = 0
    """How many were."""

    expires: float | None = None
    """When it ends, Unix seconds; None: never."""

    revoked: bool = False
    """Whether it was taken back."""

    def gone(self, now: float) -> bool:
        """Tell whether it is revoked or expired at ``now``."""
        return self.revoked or (self.expires is not None and self.expires <= now)

    def used_up(self) -> bool:
        """Tell whether nobody more can be made a member by it."""
        # Apart from gone(): who is a member already still comes in by a link that is used up.
        return self.uses is not None and self.used >= self.uses


@dataclass(frozen=True, slots=True)
class CalendarAddress:
    """Where a calendar app finds somebody's shows: whoever knows it sees them."""

    id: str
    """UUID."""

    created_at: float
    """Unix seconds."""

    user_id: str
    """Whose shows they are; everybody has one address at most."""

    token: str
    """Random, at least 128 bits; part of the address."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a show's log: a message, or who did what."""

    id: str
    """UUID; a message's is chosen by the client."""

    show_id: str
    """Whose log it stands in."""

    session_id: str
    """The session it belongs to."""

    kind: EntryKind
    """What it is."""

    user_id: str
    """Who said or did it; NOBODY: the room itself."""

    name: str
    """Their name at that time; empty for the room itself."""

    created_at: float
    """Unix seconds."""

    position: float
    """Where the film stood, seconds."""

    revision: int
    """The newest revision then; for a move the one that it made."""

    seq: int = 0
    """Place in the log, from 1; 0 until the store has given it."""

    text: str = ""
    """What a message says; empty where it was deleted."""

    deleted: bool = False
    """Whether a message was taken back."""

    subject: str | None = None
    """What it is about: the id of a deleted message, or of a member; of a move to another session,
    or of what takes it back, that session."""

    subject_name: str | None = None
    """That member's name at that time."""

    role: Role | None = None
    """The role that was given."""

    timeline: Timeline | None = None
    """The timeline that a move made."""

    speed: float | None = None
    """The rate that the film runs at whenever it runs, after a move."""

    origin: float | None = None
    """Where the film stood before a seek, seconds."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who has opened the owner's address, and may host for good."""

    id: str
    """UUID."""

    created_at: float
    """Unix seconds."""

    user_id: str
    """Who it is."""


@dataclass(frozen=True, slots=True)
class MovedUser:
    """A guest whose shows were taken along to an account."""

    id: str
    """UUID."""

    created_at: float
    """When they were, Unix seconds."""

    user_id: str
    """The account."""

    target_id: str
    """The guest, who has nothing any more."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Something or somebody that a person wants to find again; a friend is a bookmark of a user."""

    id: str
    """UUID."""

    created_at: float
    """Unix seconds."""

    user_id: str
    """Whose it is."""

    target_id: str
    """What it is of: UUID of a user, movie or series."""

    target_type: BookmarkTarget
    """What that is."""

    maker_name: str
    """What whoever made it was called then: by it friends know them who share no show with them."""


@dataclass(frozen=True, slots=True)
class View:
    """What somebody watched of one session: an entry of their history."""

    id: str
    """UUID."""

    created_at: float
    """When they began, Unix seconds."""

    user_id: str
    """Who watched."""

    target_id: str
    """The film: UUID."""

    target_type: FilmType
    """What the film is."""

    show_id: str
    """The show; it may be gone by now."""

    session_id: str
    """Its session."""

    title: str
    """What the show was called then."""

    position: float
    """Where they stopped, seconds in the film."""

    duration: float
    """The film's length, seconds."""

    watched: float
    """How long they watched in all, seconds."""

    updated_at: float
    """When they watched last, Unix seconds."""

    company: tuple[str, ...] = ()
    """Names of some of those who watched with them."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is made of a film in the background, by one owner at a time."""

    id: str
    """UUID."""

    created_at: float
    """Unix seconds."""

    kind: JobKind
    """What is made."""

    target_id: str
    """The film."""

    identity: str
    """What tells what is made from the same of another version of the film."""

    progress: float = 0.0
    """Share that is made, 0 to 1; at 1 the job is done."""

    owner: str | None = None
    """Who works at it; None: nobody."""

    lease_until: float = 0.0
    """Until when the owner has it, Unix seconds; an owner who lives renews it before."""

    def is_free(self, owner: str, now: float) -> bool:
        """Tell whether ``owner`` may take it."""
        return self.owner in (None, owner) or self.lease_until <= now
