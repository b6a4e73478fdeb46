"""The pure rules: nothing that a client can write makes them raise or leave the film."""

from __future__ import annotations

import itertools
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.delivery.multipart import lay_out
from streamer.delivery.preconditions import Validators, evaluate, parse_date, range_applies
from streamer.delivery.ranges import MOST_RANGES, ByteRange, decide, one_range, parse_ranges

NOW = 1_800_000_000.0
ETAG = '"v1"'
NAMES = (
    "range",
    "if-range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
)
SPECS = st.from_regex(r"\A[0-9]{0,20}-[0-9]{0,20}\Z")
RANGE_FIELDS = st.one_of(
    st.text(),
    st.lists(st.one_of(SPECS, st.text(max_size=5)), max_size=40).map(
        lambda specs: "bytes=" + ",".join(specs)
    ),
)
FIELDS = st.one_of(
    RANGE_FIELDS,
    st.sampled_from((ETAG, f"W/{ETAG}", "*", f'"a", {ETAG}', ", ,")),
    st.integers(0, 4_000_000_000).map(lambda second: formatdate(second, usegmt=True)),
)
SIZES = st.one_of(st.integers(0, 50), st.integers(0, 10**13))


@given(
    method=st.sampled_from(("GET", "HEAD")),
    headers=st.dictionaries(st.sampled_from(NAMES), FIELDS),
    size=SIZES,
    modified=st.floats(0, 4e9),
)
def test_whatever_is_asked_the_answer_lies_in_the_film(
    method: str, headers: dict[str, str], size: int, modified: float
) -> None:
    decision = decide(method, headers, size=size, etag=ETAG, modified=modified, now=NOW)

    assert decision.status in (200, 206, 304, 412, 416)
    assert len(decision.ranges) <= MOST_RANGES
    assert all(0 <= piece.start < piece.stop <= size for piece in decision.ranges)
    assert bool(decision.ranges) == (decision.status in (200, 206) and size > 0)
    if decision.status == 206:
        assert method == "GET"
    ordered = sorted(decision.ranges)
    for one, next_one in itertools.pairwise(ordered):
        assert one.stop < next_one.start


@given(field=RANGE_FIELDS, size=SIZES)
def test_the_quick_reading_of_one_range_is_the_thorough_one(field: str, size: int) -> None:
    quick = one_range(field.encode("utf-8", "surrogatepass"), size)

    if quick is not None:
        assert parse_ranges(field, size) == (quick,)


@given(first=st.integers(0, 2000), last=st.one_of(st.none(), st.integers(0, 2000)))
def test_the_quick_reading_knows_every_plain_range_inside(first: int, last: int | None) -> None:
    field = f"bytes={first}-{'' if last is None else last}"
    thorough = parse_ranges(field, 1000)

    quick = one_range(field.encode(), 1000)

    assert quick == (thorough[0] if thorough else None)


@given(field=st.text())
def test_no_text_is_a_date_that_breaks_anything(field: str) -> None:
    parse_date(field, NOW)


@given(second=st.integers(0, 253_402_300_799))
def test_a_date_as_we_write_it_is_read_back(second: int) -> None:
    assert parse_date(formatdate(second, usegmt=True), NOW) == second


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
        ("Sun Nov  6 08:49:37 1994", 784_111_777),
        ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
        ("Thursday, 01-Jan-70 00:00:00 GMT", 3_155_760_000),
        ("Sun, 06 Nov 1994 08:49:37", None),
        ("Sun, 06 Nov 1994 08:49:37 UTC", None),
        ("sun, 06 nov 1994 08:49:37 gmt", None),
        ("Sun, 6 Nov 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 24:00:00 GMT", None),
        ("Wed, 29 Feb 2023 00:00:00 GMT", None),
        ("Sun, 06 Nov 0000 08:49:37 GMT", None),
        ("784111777", None),
        ("", None),
    ],
)
def test_dates_are_read_in_three_forms_and_no_other(text: str, second: int | None) -> None:
    assert parse_date(text, NOW) == second


def test_a_two_digit_year_more_than_fifty_years_ahead_is_of_the_last_century() -> None:
    in_2027 = 1_800_000_000.0

    assert parse_date("Friday, 01-Jan-77 00:00:00 GMT", in_2027) == 3_376_684_800
    assert parse_date("Friday, 01-Jan-78 00:00:00 GMT", in_2027) == 252_460_800


def test_a_date_is_no_strong_validator_before_its_second_is_over() -> None:
    fields = {"if-range": formatdate(NOW, usegmt=True)}

    assert not range_applies(fields, Validators(ETAG, NOW), NOW + 0.5)
    assert range_applies(fields, Validators(ETAG, NOW), NOW + 1.0)


def test_a_film_from_the_future_is_dated_now() -> None:
    decision = decide("GET", {}, size=1, etag=ETAG, modified=NOW + 1000, now=NOW)

    assert dict(decision.headers)["Last-Modified"] == formatdate(NOW, usegmt=True)


def test_other_methods_than_get_and_head_fail_on_if_none_match() -> None:
    assert evaluate("PUT", {"if-none-match": "*"}, Validators(ETAG, 0.0), NOW) == 412


def test_a_list_of_white_space_is_read_in_no_time() -> None:
    hostile = (" " * 200 + ",") * 30 + "x"

    assert evaluate("GET", {"if-none-match": hostile}, Validators(ETAG, 0.0), NOW) is None


@given(
    ranges=st.lists(st.integers(0, 999), min_size=2, max_size=10, unique=True).map(
        lambda starts: tuple(ByteRange(start, start + 1) for start in starts)
    )
)
def test_a_multipart_body_is_as_long_as_it_says(ranges: tuple[ByteRange, ...]) -> None:
    body = lay_out(ranges, size=1000, etag=ETAG, content_type="video/mp4")

    written = b"".join(part.head + b"x" for part in body.parts) + body.tail

    assert len(written) == body.length
    assert tuple(part.content for part in body.parts) == ranges
