"""Everything that can be refused, as one tree; each refusal carries its stable wire code."""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AlreadyBegun",
    "AlreadyMoved",
    "AuthUnavailable",
    "Conflict",
    "Forbidden",
    "Gone",
    "HelloFirst",
    "IdTaken",
    "InPast",
    "Invalid",
    "InviteGone",
    "Muted",
    "NameFromAuth",
    "NeedsHost",
    "NotAFriend",
    "NotAHost",
    "NotAllowed",
    "NotFound",
    "NotInvited",
    "NotMember",
    "NotPlayable",
    "NotSupported",
    "OnlySession",
    "RateLimited",
    "Refused",
    "Removed",
    "StaleRevision",
    "StoreUnavailable",
    "TooNew",
    "Unauthenticated",
    "UnknownBookmark",
    "UnknownCalendar",
    "UnknownInvite",
    "UnknownMember",
    "UnknownMessage",
    "UnknownSession",
    "UnknownShow",
    "UnknownTitle",
    "UnknownView",
]


class Refused(Exception):
    """A request that was understood and is not carried out; nothing has changed."""

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "Refused"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title


class Unauthenticated(Refused):
    """The caller has no valid passport."""

    code = "unauthenticated"
    title = "A passport is needed"


class Invalid(Refused):
    """A value is of the right type and still makes no sense here."""

    code = "invalid"
    title = "The request is not valid"

    def __init__(self, detail: str = "", path: str = "") -> None:
        super().__init__(detail)
        self.path = path
        """Which field of the request is wrong; empty: none by itself."""


class InPast(Invalid):
    """A film may begin at most its own length ago."""

    code = "in_the_past"
    title = "That film would be over already"


class NotPlayable(Invalid):
    """The film cannot be shown as it is."""

    code = "not_playable"
    title = "This film can't be played"


class NotSupported(Invalid):
    """The contract knows it; this version does not build it yet."""

    code = "not_supported"
    title = "Not supported by this version"


class Forbidden(Refused):
    """The caller is known, and may not do what they ask for."""

    code = "not_allowed"
    title = "Not allowed"


class NotAllowed(Forbidden):
    """The role does not allow it."""


class NotAHost(Forbidden):
    """The setting ``hosts`` lets others see the library and schedule shows."""

    code = "not_a_host"
    title = "Only those who may schedule shows see the films"


class NameFromAuth(Forbidden):
    """Somebody whose name comes from the Auth service wants another one."""

    code = "name_from_auth"
    title = "Your name comes from where you signed in: change it there"


class Muted(Forbidden):
    """A muted member says something."""

    code = "muted"
    title = "You are muted in this show"


class HelloFirst(Forbidden):
    """A link asks for something before it said hello."""

    code = "hello_first"
    title = "Say hello first"


class NotMember(Forbidden):
    """Somebody who does not belong to the show asks for its room."""

    code = "not_a_member"
    title = "You are not a member of this show"


class NotInvited(Forbidden):
    """The show is for those whom somebody invited, and its own link invites nobody."""

    code = "not_invited"
    title = "This show is for those who have an invitation"


class NotAFriend(Forbidden):
    """The show is for friends of its host: each has bookmarked the other."""

    code = "not_a_friend"
    title = "This show is for friends of its host"


class Removed(Forbidden):
    """The caller was removed from the show, and not pardoned since."""

    code = "removed"
    title = "You were removed from this show"


class NotFound(Refused):
    """No such thing, or none that the caller may know of.

    One answer for both: another would tell a stranger which ids there are.
    """

    code = "not_found"
    title = "No such thing"


class UnknownShow(NotFound):
    """No such show for the caller."""

    code = "unknown_show"
    title = "No such show"


class UnknownSession(NotFound):
    """No such session for the caller."""

    code = "unknown_session"
    title = "No such session"


class UnknownTitle(NotFound):
    """No such film or series in the library."""

    code = "unknown_title"
    title = "No such title"


class UnknownMember(NotFound):
    """Nobody of that id belongs to the show."""

    code = "unknown_member"
    title = "No such member"


class UnknownMessage(NotFound):
    """No such message in the show."""

    code = "unknown_message"
    title = "No such message"


class UnknownInvite(NotFound):
    """No such invite."""

    code = "unknown_invite"
    title = "No such invite"


class UnknownBookmark(NotFound):
    """The caller has no such bookmark."""

    code = "unknown_bookmark"
    title = "No such bookmark"


class UnknownView(NotFound):
    """The caller's history has no such entry."""

    code = "unknown_view"
    title = "No such entry of the history"


class UnknownCalendar(NotFound):
    """No such calendar address, or it was replaced."""

    code = "unknown_calendar"
    title = "No such calendar"


class Gone(Refused):
    """It existed, and no longer does."""

    code = "gone"
    title = "No longer available"


class InviteGone(Gone):
    """Revoked, used up or expired."""

    code = "invite_gone"
    title = "This link is no longer valid"


class Conflict(Refused):
    """It does not fit the state of things."""

    code = "conflict"
    title = "Conflict"


class StaleRevision(Conflict):
    """The timeline has moved on since the revision that was given."""

    code = "stale_revision"
    title = "The timeline has changed meanwhile"


class AlreadyMoved(Conflict):
    """A guest's shows were taken along by another account already."""

    code = "already_moved"
    title = "The shows of this guest belong to another account already"


class IdTaken(Conflict):
    """The client's id names another message already."""

    code = "id_taken"
    title = "That id names another message"


class AlreadyBegun(Conflict):
    """The film has begun; its time can't be changed."""

    code = "already_begun"
    title = "The film has already begun"


class OnlySession(Conflict):
    """A movie's show has exactly one session."""

    code = "only_session"
    title = "A movie's show has exactly one session"


class NeedsHost(Conflict):
    """A show can't be without its host."""

    code = "needs_host"
    title = "A show needs its host: give the role to somebody first"


class RateLimited(Refused):
    """The caller does more of something in a time than its limit allows."""

    code = "rate_limited"
    title = "Too many requests"

    def __init__(self, retry_after: float, detail: str = "") -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        """How long to wait, seconds."""


class StoreUnavailable(Refused):
    """The store cannot write; nothing was done and nothing was sent."""

    code = "store_unavailable"
    title = "Nothing can be saved at the moment"


class AuthUnavailable(Refused):
    """No key of the Auth service is known, so nobody's passport of it can be checked."""

    code = "auth_unavailable"
    title = "Passports of the Auth service can't be checked at the moment"


class TooNew(Exception):
    """The store was written by a newer version and is left alone."""
