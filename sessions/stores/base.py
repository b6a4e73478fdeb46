"""What every store promises: records and the log of each show, kept before they are acknowledged.

Promises, held by one suite of tests for all engines:

* What a call has returned is on disk. A call that raises has changed nothing; one that is
  cancelled, or raises StoreUnavailable, may have been carried out all the same.
* No call takes longer than its bound; then it raises StoreUnavailable. A write that has not begun
  by then never does: a disk that comes back must not do what somebody wanted ten minutes ago.
* Calls that write return in the order in which they took effect; every later call sees them.
* One log a show: ``seq`` ascends from 1 without gaps, in the order in which appends return.
* An entry's id is unique in the whole store; so is a revision in its session (compare-and-set).
* A store that cannot write raises StoreUnavailable and works again when it can.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from sessions.core.records import (
    Announced,
    CalendarAddress,
    Entry,
    EntryKind,
    Invite,
    Job,
    JobKind,
    Member,
    Owner,
    Session,
    Show,
)
from sessions.stores.personal import BookmarkStore, ViewStore

__all__ = [
    "MAX_LISTED_PEOPLE",
    "MAX_MOVE_WAIT_S",
    "MAX_WRITE_WAIT_S",
    "AnnouncementStore",
    "AppendResult",
    "CalendarStore",
    "InviteStore",
    "JobStore",
    "ListedPeople",
    "ListedShow",
    "LogStore",
    "MemberPage",
    "MemberStore",
    "OwnerStore",
    "PeopleChange",
    "PeopleStore",
    "ShowPage",
    "ShowStore",
    "Store",
    "StoreCounts",
    "StoredShow",
    "When",
]

When = Literal["coming", "past"]

MAX_WRITE_WAIT_S = 5.0
"""How long a write may take, seconds: cheap cards rest for two or three."""

MAX_MOVE_WAIT_S = 2.0
"""How long the append of a move may take, seconds: so far pages can be thrown back (ADR 0009)."""

MAX_LISTED_PEOPLE = 5
"""Members of a show that a list of shows names at most."""


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What became of an entry."""

    entry: Entry
    """The entry as it stands in the log."""

    new: bool
    """False where the very same entry was there already."""


class ListedPeople(NamedTuple):
    """Who belongs to a show, as far as a list of shows tells."""

    total: int
    """How many there are; removed ones are left out."""

    first: Mapping[str, str]
    """User ids to names, the oldest first: at most MAX_LISTED_PEOPLE."""


class ListedShow(NamedTuple):
    """A show with what a list of shows tells of it."""

    show: Show
    """The show."""

    first: Session
    """Its first session."""

    member: Member
    """The asker's place in it."""

    token: str | None
    """What its own link holds."""

    people: ListedPeople
    """Who belongs to it."""


@dataclass(frozen=True, slots=True)
class ShowPage:
    """Some of somebody's shows."""

    items: Sequence[ListedShow]
    """In the order of the list."""

    next: str | None
    """Cursor of the page that follows."""


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Some of the places in a show."""

    items: Sequence[Member]
    """The oldest first."""

    next: str | None
    """Cursor of the page that follows."""


@dataclass(frozen=True, slots=True)
class StoredShow:
    """What a show is opened from, all of it as it stood at one moment."""

    show: Show
    """The show."""

    sessions: Sequence[Session]
    """Its sessions, ascending by time."""

    recent: Sequence[Entry]
    """The end of its log, ascending by ``seq``."""

    present: Collection[str]
    """The ids of the members who came last and did not leave, by the log."""


@dataclass(frozen=True, slots=True)
class PeopleChange:
    """What became of somebody's places in shows."""

    members: Sequence[Member] = ()
    """The places as they stand now."""

    entries: Sequence[Entry] = ()
    """What the logs say of it, each in its place."""


class ShowStore(Protocol):
    """Shows and their sessions."""

    async def create_show(
        self, show: Show, sessions: Sequence[Session], host: Member, invite: Invite
    ) -> None:
        """Keep a new show with all that belongs to it, whole or not at all.

        Raises IdTaken where a record of one of their ids is kept already.
        """
        ...

    async def show(self, show_id: str) -> Show | None:
        """Return a show."""
        ...

    async def stored_show(self, show_id: str, limit: int) -> StoredShow | None:
        """Return what a show is opened from, with the last ``limit`` entries; None: no such show.

        Entries ``joined``, ``left`` and ``removed`` say who is present, in the same step in which
        they are appended; so it costs the same however long the log is.
        """
        ...

    async def shows_of(
        self, user_id: str, when: When, now: float, limit: int, cursor: str | None
    ) -> ShowPage:
        """Return shows of which ``user_id`` is a member and not removed.

        ``coming``: a session has not ended at ``now``; ascending by the first session's time.
        ``past``: all have; descending. Raises Invalid on a cursor that is none of this list.
        """
        ...

    async def save_show(self, show: Show) -> None:
        """Keep a changed show: title, access, control, waiting, slow mode, and that it was changed.

        Raises UnknownShow.
        """
        ...

    async def delete_show(self, show_id: str) -> None:
        """Forget a show and all that belongs to it, its log included. Raises UnknownShow."""
        ...

    async def session(self, session_id: str) -> Session | None:
        """Return a session."""
        ...

    async def sessions_of(self, show_id: str) -> Sequence[Session]:
        """Return a show's sessions, ascending by time."""
        ...

    async def sessions_of_shows(self, show_ids: Collection[str]) -> Mapping[str, Sequence[Session]]:
        """Return the sessions of several shows, each ascending by time, by the shows' ids.

        A show that there is not has none.
        """
        ...

    async def add_session(self, session: Session) -> None:
        """Keep a further session of a show. Raises UnknownShow, IdTaken."""
        ...

    async def delete_session(self, session_id: str) -> None:
        """Forget a session; what the log says of it stays. Raises UnknownSession, OnlySession."""
        ...


class MemberStore(Protocol):
    """Who belongs to a show."""

    async def member(self, show_id: str, user_id: str) -> Member | None:
        """Return somebody's place in a show, removed or not."""
        ...

    async def members_of(
        self, show_id: str, limit: int, cursor: str | None = None, *, removed: bool = True
    ) -> MemberPage:
        """Return at most ``limit`` places in a show, the oldest first; ``removed`` ones too.

        Raises Invalid on a cursor that is none of this list.
        """
        ...

    async def host_of(self, show_id: str) -> Member | None:
        """Return the host of a show; None: no such show."""
        ...

    async def save_members(
        self, show_id: str, members: Sequence[Member], entries: Sequence[Entry] = ()
    ) -> Sequence[Entry]:
        """Keep new or changed places and what the log says of it, whole or not at all.

        A user has one place in a show, which keeps its id and date. Raises UnknownShow, and
        what ``append`` raises.
        """
        ...


class InviteStore(Protocol):
    """The links into shows."""

    async def invite(self, token: str) -> Invite | None:
        """Return an invite by its token."""
        ...

    async def invites_of(self, show_id: str) -> Sequence[Invite]:
        """Return a show's invites, the oldest first."""
        ...

    async def own_token(self, show_id: str) -> str | None:
        """Return the token of a show's own link, which there always is; None: no such show."""
        ...

    async def save_invites(self, invites: Sequence[Invite]) -> None:
        """Keep new or changed invites, whole or not at all. Raises UnknownShow.

        ``used`` of an invite that is kept already is left as it stands: accept_invite alone
        counts it.
        """
        ...

    async def accept_invite(self, invite_id: str, member: Member, now: float) -> Member:
        """Make ``member`` a member by an invite, using it once.

        Whole or not at all, also against others who use it at the same moment. The role is the
        invite's. Who is a member already with the same or a higher role stays as they are and
        uses nothing, even where it is used up, revoked or expired; so does one whose role was
        given by hand since the invite was made, or who was removed and pardoned. Another with a
        lower role is raised. Raises UnknownInvite, InviteGone (revoked, expired, used up), Removed.
        """
        ...


class LogStore(Protocol):
    """The log of each show: what was said and done."""

    async def append(self, entry: Entry, session: Session | None = None) -> AppendResult:
        """Give ``entry`` its place in its show's log; with ``session``, keep its plan too.

        A move's timeline, speed and waiting are kept with its session in the same step.
        An entry of a move (with ``timeline``, of the same revision) is refused with
        StaleRevision where its revision is taken or is not the session's next one; a session's
        first is 2. The same message again (id, show, author, text) is returned as it stands; an
        id that is anything else's, or a deleted message's, raises IdTaken. Raises UnknownShow
        where the show is gone, UnknownSession where a move's or a changed session is none of it.
        """
        ...

    async def delete_message(self, message_id: str, entry: Entry) -> AppendResult:
        """Take a message's text back for good and append ``entry``, which says so.

        The entry's ``subject`` becomes ``message_id``. A message already deleted is left: the
        entry that deleted it is returned, not new. Raises UnknownMessage where the entry's show
        has no such message, and what ``append`` raises.
        """
        ...

    async def entries(
        self,
        show_id: str,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int,
        kinds: Collection[EntryKind] | None = None,
        session_id: str | None = None,
    ) -> Sequence[Entry]:
        """Return at most ``limit`` entries, ascending by ``seq``: after ``after``, else the last.

        Only those before ``before``, of ``kinds`` and of a session, where given.
        """
        ...

    async def message(self, show_id: str, message_id: str) -> Entry | None:
        """Return a message of a show."""
        ...


class PeopleStore(Protocol):
    """What belongs to a person over all shows."""

    async def places_of(self, user_id: str) -> Sequence[Member]:
        """Return somebody's places in all shows, removed ones too, the oldest first."""
        ...

    async def rename_user(
        self, user_id: str, name: str, entries: Sequence[Entry] = ()
    ) -> PeopleChange:
        """Give somebody a name in all their places; keep ``entries``. Whole or not at all.

        Entries of shows that are gone meanwhile are left out. Raises IdTaken.
        """
        ...

    async def move_user(
        self, guest_id: str, user_id: str, name: str, now: float, entries: Sequence[Entry] = ()
    ) -> PeopleChange:
        """Give all that a guest has to ``user_id``, once; keep ``entries``. Whole or not at all.

        Their places become those that sessions.core.membership.merge says, under ``name`` where
        they are new, and the guest has none any more. Shows, sessions and invites that the guest
        made are ``user_id``'s from then on, and so are bookmarks, history and the right to host, as
        far as ``user_id`` has none of the same. The guest's calendar address and the bookmarks that
        others have of them end, or whoever holds these would see the account's shows. What was said
        and done stays theirs who did it. A role or removal that the log gives to the guest counts
        as given to ``user_id``. Again, for the same two: nothing changes, and nothing is returned.
        Entries as in ``rename_user``. Raises AlreadyMoved where the guest was moved to somebody
        else, IdTaken.
        """
        ...

    async def moved_users(self, since: float) -> Collection[str]:
        """Return the ids of guests that were moved at ``since``, Unix seconds, or later."""
        ...


class JobStore(Protocol):
    """What is made of films in the background, and who works at it."""

    async def take_job(self, job: Job, now: float) -> Job | None:
        """Give a job to ``job.owner`` until ``job.lease_until``; return it as it stands then.

        There is one job of a kind for a film: one that is kept keeps id, date and progress, and
        begins anew where its identity is another. None, and nothing has changed, while another
        owner has it.
        """
        ...

    async def renew_job(self, job_id: str, owner: str, until: float, progress: float) -> bool:
        """Let the owner keep a job until ``until``, with its progress.

        False, and nothing has changed, where it is not theirs: their lease was over, and somebody
        else has taken it.
        """
        ...

    async def give_back_job(self, job_id: str, owner: str, progress: float) -> None:
        """Let others take a job, which has come so far; nothing changes where it isn't theirs."""
        ...

    async def job(self, kind: JobKind, target_id: str) -> Job | None:
        """Return the job of a kind for a film."""
        ...

    async def free_jobs(self, now: float, limit: int) -> Sequence[Job]:
        """Return at most ``limit`` jobs that are not done and that nobody has, the oldest first."""
        ...


class OwnerStore(Protocol):
    """Who has opened the owner's address."""

    async def save_owner(self, owner: Owner) -> None:
        """Keep that somebody is an owner; who is one already keeps their record."""
        ...

    async def is_owner(self, user_id: str) -> bool:
        """Tell whether somebody is an owner."""
        ...


class CalendarStore(Protocol):
    """The addresses at which calendar apps find people's shows."""

    async def calendar_address(self, user_id: str) -> CalendarAddress | None:
        """Return somebody's address."""
        ...

    async def calendar_by_token(self, token: str) -> CalendarAddress | None:
        """Return the address that holds ``token``."""
        ...

    async def save_calendar_address(self, address: CalendarAddress) -> None:
        """Keep somebody's new address in place of the one that they had, which is forgotten."""
        ...


class AnnouncementStore(Protocol):
    """What other services were told of sessions, each thing once."""

    async def due_sessions(self, now: float, limit: int) -> Sequence[Session]:
        """Return at most ``limit`` sessions whose ``due_at`` has come, ascending by it.

        It costs the same however many sessions there are.
        """
        ...

    async def announce(self, session_id: str, before: Announced, after: Announced) -> bool:
        """Note what is told of a session from now on; of many who do so, one does.

        False, and nothing has changed, where another than ``before`` was noted, or the session
        is gone.
        """
        ...

    async def skip_announcements(self, before: float) -> None:
        """Note that all is told of sessions that ended before then, Unix seconds."""
        ...


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """What a store has done since it was opened."""

    writes: int
    """Writes acknowledged."""

    refused_writes: int
    """Writes not taken because too many were waiting, or that took too long."""

    refused_reads: int
    """Reads not taken because too many were waiting, or that took too long."""


class Store(
    ShowStore,
    MemberStore,
    InviteStore,
    LogStore,
    PeopleStore,
    JobStore,
    OwnerStore,
    BookmarkStore,
    ViewStore,
    CalendarStore,
    AnnouncementStore,
    Protocol,
):
    """All of them, in one place that is opened and closed; who uses it names the nouns it needs."""

    async def open(self) -> None:
        """Make ready: lock, migrate. Raises TooNew, or StoreUnavailable with words."""
        ...

    async def close(self) -> None:
        """Write what was accepted, then let go of everything."""
        ...

    def counts(self) -> StoreCounts:
        """Return what was done since the store was opened."""
        ...

    async def healthy(self) -> bool:
        """Tell whether the store can write now."""
        ...
