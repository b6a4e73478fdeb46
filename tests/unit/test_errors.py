"""Everything that can be refused, and the code that stands for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from sessions.core import errors
from sessions.core.errors import Invalid, RateLimited, Refused, StaleRevision, TooNew


def tree(root: type[Refused]) -> Iterator[type[Refused]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


EVERY = [each for each in tree(Refused) if each.__module__ == errors.__name__]


def test_each_refusal_is_offered_by_name() -> None:
    assert {each.__name__ for each in EVERY} | {"TooNew"} == set(errors.__all__)


@pytest.mark.parametrize("refusal", EVERY, ids=lambda each: each.__name__)
def test_each_refusal_has_a_stable_code_and_words(refusal: type[Refused]) -> None:
    assert re.fullmatch("[a-z]+(_[a-z]+)*", refusal.code)
    assert refusal.title
    assert refusal.title[0].isupper()


def test_the_codes_that_clients_know_do_not_change() -> None:
    codes = {each.__name__: each.code for each in EVERY}

    assert (
        codes.items()
        >= {
            "NotAllowed": "not_allowed",
            "StaleRevision": "stale_revision",
            "UnknownShow": "unknown_show",
            "InPast": "in_the_past",
            "NotSupported": "not_supported",
            "StoreUnavailable": "store_unavailable",
            "AlreadyBegun": "already_begun",
            "OnlySession": "only_session",
            "Removed": "removed",
            "IdTaken": "id_taken",
            "RateLimited": "rate_limited",
        }.items()
    )


def test_a_refusal_says_its_title_unless_it_knows_better() -> None:
    assert str(StaleRevision()) == StaleRevision().detail == StaleRevision.title
    assert str(StaleRevision("the newest is 7")) == StaleRevision("the newest is 7").detail
    assert StaleRevision("the newest is 7").detail == "the newest is 7"


def test_an_invalid_value_says_where_it_stood() -> None:
    assert (Invalid("too long", path="title").path, Invalid().path) == ("title", "")


def test_one_who_asks_too_often_is_told_when_to_come_back() -> None:
    refused = RateLimited(2.5)

    assert (refused.retry_after, refused.detail) == (2.5, RateLimited.title)


def test_a_store_that_is_too_new_is_no_refusal_of_a_request() -> None:
    assert not issubclass(TooNew, Refused)
