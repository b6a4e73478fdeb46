"""RFC 9110 sections 13 and 14 as a table, asked of a running server in every way of serving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate

import pytest

from tests.delivery.byte_server import Answer, ByteServer, exchange
from tests.delivery.conftest import MODIFIED, SIZE

EXACT = formatdate(MODIFIED, usegmt=True)
EARLIER = formatdate(MODIFIED - 1, usegmt=True)
LATER = formatdate(MODIFIED + 1, usegmt=True)
FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT"
_MOMENT = datetime.fromtimestamp(MODIFIED, UTC)
RFC_850 = _MOMENT.strftime("%A, %d-%b-%y %H:%M:%S GMT")
ASCTIME = _MOMENT.strftime("%a %b %e %H:%M:%S %Y")
WHOLE = slice(0, SIZE)
HUGE = "9" * 30
MANY = ",".join(f"{n * 4}-{n * 4 + 1}" for n in range(200))
A_RANGE = "Range: bytes=10-19"


@dataclass(frozen=True)
class Case:
    """What is asked, and what must come."""

    why: str
    lines: tuple[str, ...]
    status: int
    body: slice | tuple[slice, ...] | None = None
    method: str = "GET"


def case(
    why: str,
    *lines: str,
    gives: int,
    body: slice | tuple[slice, ...] | None = None,
    method: str = "GET",
) -> Case:
    """Return a case; a 200 to a GET has the whole film."""
    if gives == 200 and method == "GET":
        body = WHOLE
    return Case(why, lines, gives, body, method)


def ranged(spec: str, start: int, stop: int, why: str = "") -> Case:
    """Return the case of one satisfiable range."""
    return case(why or spec, f"Range: bytes={spec}", gives=206, body=slice(start, stop))


def several(spec: str, *pieces: tuple[int, int]) -> Case:
    """Return the case of a multipart answer."""
    parts = tuple(slice(start, stop) for start, stop in pieces)
    return case(f"several: {spec}", f"Range: bytes={spec}", gives=206, body=parts)


def ignored(field: str) -> Case:
    """Return the case of a Range that is not to be heeded."""
    return case(f"ignored: {field}", f"Range: {field}", gives=200)


def outside(spec: str) -> Case:
    """Return the case of ranges none of which lies in the film."""
    return case(f"outside: {spec}", f"Range: bytes={spec}", gives=416)


RANGES = [
    case("no condition at all", gives=200),
    case("head", method="HEAD", gives=200),
    ranged("0-0", 0, 1),
    ranged("0-499", 0, 500),
    ranged("500-999", 500, 1000),
    ranged("999-999", 999, 1000),
    ranged("0-999", 0, 1000),
    ranged("0-", 0, 1000),
    ranged("999-", 999, 1000),
    ranged("500-", 500, 1000),
    ranged("0-1000", 0, 1000),
    ranged("990-5000", 990, 1000),
    ranged(f"990-{HUGE}", 990, 1000, "a last position beyond 64 bits"),
    ranged("-1", 999, 1000),
    ranged("-500", 500, 1000),
    ranged("-1000", 0, 1000),
    ranged("-1001", 0, 1000),
    ranged(f"-{HUGE}", 0, 1000, "a suffix beyond 64 bits"),
    ranged("007-0009", 7, 10),
    ranged(",0-4", 0, 5, "an empty first element"),
    ranged(", ,0-4 ,", 0, 5, "empty elements"),
    ranged("0-4\t", 0, 5, "white space after the value"),
    case("unit in capitals", "Range: BYTES=0-4", gives=206, body=slice(0, 5)),
    case("unit in mixed case", "Range: Bytes=0-4", gives=206, body=slice(0, 5)),
    case("name in lower case", "range: bytes=0-4", gives=206, body=slice(0, 5)),
    case("name in capitals", "RANGE: bytes=0-4", gives=206, body=slice(0, 5)),
    case("no space after the colon", "Range:bytes=0-4", gives=206, body=slice(0, 5)),
    case("much space after the colon", "Range: \t bytes=0-4", gives=206, body=slice(0, 5)),
    outside("1000-"),
    outside("1000-1000"),
    outside("1000-2000"),
    outside("-0"),
    outside(f"{HUGE}-"),
    outside("1000-,-0"),
    outside("2000-2001,3000-3001"),
    ignored("bytes"),
    ignored("bytes="),
    ignored("bytes=-"),
    ignored("bytes=,"),
    ignored("bytes=abc"),
    ignored("bytes=1-0"),
    ignored("bytes=500-499"),
    ignored("bytes=0-4-8"),
    ignored("bytes=--5"),
    ignored("bytes=+0-5"),
    ignored("bytes=0x0-0x5"),
    ignored("bytes=0 - 5"),
    ignored("bytes =0-5"),
    ignored("bytes= 0-5"),
    ignored("bytes:0-5"),
    ignored("0-5"),
    ignored("bytes=0-5,x"),
    ignored("bytes=0-5,9-8"),
    ignored("bytes=0-5;10-15"),
    ignored("bytes=\u0660-5"),
    ignored("items=0-5"),
    ignored("none"),
    ignored("seconds=1-2"),
    ignored(f"bytes={MANY}"),
    ignored("bytes=" + "0-," * 1000),
    case("Range twice", "Range: bytes=0-4", "Range: bytes=10-14", gives=200),
    case("head has no ranges", A_RANGE, method="HEAD", gives=200),
    case("head has no ranges to refuse", "Range: bytes=5000-", method="HEAD", gives=200),
    several("0-9,20-29", (0, 10), (20, 30)),
    several("0-0,-1", (0, 1), (999, 1000)),
    several("20-29,0-9", (20, 30), (0, 10)),
    several("0-9 , 20-29", (0, 10), (20, 30)),
    several("0-9,,20-29", (0, 10), (20, 30)),
    several("0-9,5000-6000,20-29", (0, 10), (20, 30)),
    several("0-9,5-14,100-109", (0, 15), (100, 110)),
    several("100-109,5-14,0-9", (100, 110), (0, 15)),
    several("0-1,4-5,8-9,12-13", (0, 2), (4, 6), (8, 10), (12, 14)),
    ranged("0-9,5000-", 0, 10, "one of two inside is sent as one"),
    ranged("0-9,5-19", 0, 20, "overlapping ones are joined"),
    ranged("0-9,10-19", 0, 20, "touching ones are joined"),
    ranged("0-,0-,0-,0-", 0, 1000, "the whole film over and over"),
    ranged("-10,0-", 0, 1000, "a suffix within another"),
]
IF_RANGE = [
    case("its etag", A_RANGE, "If-Range: {etag}", gives=206, body=slice(10, 20)),
    case("a stale etag", A_RANGE, 'If-Range: "stale"', gives=200),
    case("its etag, weak", A_RANGE, "If-Range: W/{etag}", gives=200),
    case("an etag without quotes", A_RANGE, "If-Range: stale", gives=200),
    case("a list of etags", A_RANGE, "If-Range: {etag}, {etag}", gives=200),
    case("a star", A_RANGE, "If-Range: *", gives=200),
    case("an empty condition", A_RANGE, "If-Range:", gives=200),
    case("its date", A_RANGE, f"If-Range: {EXACT}", gives=206, body=slice(10, 20)),
    case("its date as in RFC 850", A_RANGE, f"If-Range: {RFC_850}", gives=206, body=slice(10, 20)),
    case("its date as in C", A_RANGE, f"If-Range: {ASCTIME}", gives=206, body=slice(10, 20)),
    case("an earlier date", A_RANGE, f"If-Range: {EARLIER}", gives=200),
    case("a later date", A_RANGE, f"If-Range: {LATER}", gives=200),
    case("no date", A_RANGE, "If-Range: yesterday", gives=200),
    case("stale, range outside", "Range: bytes=5000-", 'If-Range: "stale"', gives=200),
    case("holds, range outside", "Range: bytes=5000-", "If-Range: {etag}", gives=416),
    case("holds, no range", "If-Range: {etag}", gives=200),
    case("stale, no range", 'If-Range: "stale"', gives=200),
    case("twice", A_RANGE, "If-Range: {etag}", "If-Range: {etag}", gives=200),
    case(
        "holds, several ranges",
        "Range: bytes=0-1,4-5",
        "If-Range: {etag}",
        gives=206,
        body=(slice(0, 2), slice(4, 6)),
    ),
]
IF_MATCH = [
    case("its etag", "If-Match: {etag}", gives=200),
    case("anything", "If-Match: *", gives=200),
    case("one of a list", 'If-Match: "a", {etag}, "b"', gives=200),
    case("a list on two lines", 'If-Match: "a"', "If-Match: {etag}", gives=200),
    case("a tag with a comma before it", 'If-Match: "a,b", {etag}', gives=200),
    case("empty elements", "If-Match: , ,{etag},", gives=200),
    case("another", 'If-Match: "other"', gives=412),
    case("weak is no match", "If-Match: W/{etag}", gives=412),
    case("no tag", "If-Match: other", gives=412),
    case("another, head", 'If-Match: "other"', method="HEAD", gives=412),
    case("another, with a range", 'If-Match: "other"', A_RANGE, gives=412),
    case("another, range outside", 'If-Match: "other"', "Range: bytes=5000-", gives=412),
    case("holds, with a range", "If-Match: {etag}", A_RANGE, gives=206, body=slice(10, 20)),
    case("holds, range outside", "If-Match: {etag}", "Range: bytes=5000-", gives=416),
    case(
        "beats If-Unmodified-Since",
        "If-Match: {etag}",
        f"If-Unmodified-Since: {EARLIER}",
        gives=200,
    ),
    case(
        "fails whatever If-Unmodified-Since says",
        'If-Match: "other"',
        f"If-Unmodified-Since: {LATER}",
        gives=412,
    ),
    case("holds, then If-None-Match", "If-Match: {etag}", "If-None-Match: {etag}", gives=304),
    case("fails before If-None-Match", 'If-Match: "x"', "If-None-Match: {etag}", gives=412),
]
IF_UNMODIFIED_SINCE = [
    case("its date", f"If-Unmodified-Since: {EXACT}", gives=200),
    case("later", f"If-Unmodified-Since: {LATER}", gives=200),
    case("earlier", f"If-Unmodified-Since: {EARLIER}", gives=412),
    case("earlier, head", f"If-Unmodified-Since: {EARLIER}", method="HEAD", gives=412),
    case("no date", "If-Unmodified-Since: yesterday", gives=200),
    case(
        "then If-None-Match",
        f"If-Unmodified-Since: {EXACT}",
        "If-None-Match: {etag}",
        gives=304,
    ),
    case("fails with a range", f"If-Unmodified-Since: {EARLIER}", A_RANGE, gives=412),
]
IF_NONE_MATCH = [
    case("its etag", "If-None-Match: {etag}", gives=304),
    case("its etag, weak", "If-None-Match: W/{etag}", gives=304),
    case("anything", "If-None-Match: *", gives=304),
    case("one of a list", 'If-None-Match: "a", W/{etag}', gives=304),
    case("another", 'If-None-Match: "other"', gives=200),
    case("no tag", "If-None-Match: other", gives=200),
    case("the weak mark in lower case is none", "If-None-Match: w/{etag}", gives=200),
    case("empty", "If-None-Match:", gives=200),
    case("head", "If-None-Match: {etag}", method="HEAD", gives=304),
    case("with a range", "If-None-Match: {etag}", A_RANGE, gives=304),
    case("with a range outside", "If-None-Match: {etag}", "Range: bytes=5000-", gives=304),
    case("another, with a range", 'If-None-Match: "x"', A_RANGE, gives=206, body=slice(10, 20)),
    case(
        "another beats If-Modified-Since",
        'If-None-Match: "other"',
        f"If-Modified-Since: {LATER}",
        gives=200,
    ),
    case(
        "its etag beats If-Modified-Since",
        "If-None-Match: {etag}",
        f"If-Modified-Since: {EARLIER}",
        gives=304,
    ),
]
IF_MODIFIED_SINCE = [
    case("its date", f"If-Modified-Since: {EXACT}", gives=304),
    case("as in RFC 850", f"If-Modified-Since: {RFC_850}", gives=304),
    case("as in C", f"If-Modified-Since: {ASCTIME}", gives=304),
    case("later", f"If-Modified-Since: {LATER}", gives=304),
    case("in the future", f"If-Modified-Since: {FUTURE}", gives=304),
    case("earlier", f"If-Modified-Since: {EARLIER}", gives=200),
    case("no date", "If-Modified-Since: yesterday", gives=200),
    case("a day that never was", "If-Modified-Since: Tue, 31 Feb 2034 00:00:00 GMT", gives=200),
    case("a zone other than GMT", f"If-Modified-Since: {LATER[:-3]}EST", gives=200),
    case("two dates", *[f"If-Modified-Since: {EXACT}"] * 2, gives=200),
    case("head", f"If-Modified-Since: {EXACT}", method="HEAD", gives=304),
    case("with a range", f"If-Modified-Since: {EXACT}", A_RANGE, gives=304),
    case(
        "earlier, with a range",
        f"If-Modified-Since: {EARLIER}",
        A_RANGE,
        gives=206,
        body=slice(10, 20),
    ),
    case(
        "not modified beats If-Range",
        f"If-Modified-Since: {EXACT}",
        A_RANGE,
        "If-Range: {etag}",
        gives=304,
    ),
]
TABLE = [
    *(("ranges", one) for one in RANGES),
    *(("If-Range", one) for one in IF_RANGE),
    *(("If-Match", one) for one in IF_MATCH),
    *(("If-Unmodified-Since", one) for one in IF_UNMODIFIED_SINCE),
    *(("If-None-Match", one) for one in IF_NONE_MATCH),
    *(("If-Modified-Since", one) for one in IF_MODIFIED_SINCE),
]


def test_the_table_is_no_shorter_than_the_raters() -> None:
    assert len(TABLE) >= 94


@pytest.fixture(scope="session")
def etag(cinema: ByteServer) -> str:
    return exchange(cinema, method="HEAD").headers["etag"]


@pytest.mark.parametrize(
    "one", [one for _, one in TABLE], ids=[f"{s}: {c.why}"[:60] for s, c in TABLE]
)
def test_what_is_asked_gives_what_the_rfc_says(
    cinema: ByteServer, etag: str, content: bytes, one: Case
) -> None:
    lines = [line.replace("{etag}", etag) for line in one.lines]

    answer = exchange(cinema, *lines, method=one.method)

    assert answer.status == one.status
    assert "date" in answer.headers
    if one.status in (200, 206, 304):
        assert answer.headers["etag"] == etag
        assert answer.headers["last-modified"] == EXACT
        assert "private" in answer.headers["cache-control"]
    check = {200: whole, 206: partial, 304: not_modified, 412: refused, 416: unsatisfiable}
    check[one.status](answer, one, content)


def whole(answer: Answer, one: Case, content: bytes) -> None:
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["content-type"] == "video/mp4"
    assert "content-range" not in answer.headers
    assert answer.body == (b"" if one.method == "HEAD" else content)


def partial(answer: Answer, one: Case, content: bytes) -> None:
    assert answer.headers["accept-ranges"] == "bytes"
    if isinstance(one.body, slice):
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.headers["content-range"] == content_range(one.body)
        assert answer.body == content[one.body]
        return
    assert one.body is not None
    assert "content-range" not in answer.headers
    kind, _, boundary = answer.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/byteranges"
    parts = "".join(
        f"\r\n--{boundary}\r\nContent-Type: video/mp4\r\nContent-Range: {content_range(piece)}"
        f"\r\n\r\n{content[piece].decode('latin-1')}"
        for piece in one.body
    )
    assert answer.body.decode("latin-1") == f"{parts}\r\n--{boundary}--\r\n"


def not_modified(answer: Answer, _one: Case, _content: bytes) -> None:
    assert "content-length" not in answer.headers
    assert "content-type" not in answer.headers
    assert "content-range" not in answer.headers


def refused(answer: Answer, one: Case, _content: bytes) -> None:
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert "content-range" not in answer.headers
    if one.method == "GET":
        assert b'"precondition_failed"' in answer.body


def unsatisfiable(answer: Answer, _one: Case, _content: bytes) -> None:
    assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert b'"range_not_satisfiable"' in answer.body


def content_range(piece: slice) -> str:
    return f"bytes {piece.start}-{piece.stop - 1}/{SIZE}"
