"""What every store promises of the pages of a list and of their cursors."""

from __future__ import annotations

import base64

import pytest

from harness.samples import NOON, SampleShow, new_id, shows_at
from sessions.core.errors import Invalid
from sessions.stores.base import Store, When


@pytest.mark.parametrize("when", ["coming", "past"])
async def test_pages_join_without_a_gap_or_a_double(store: Store, when: When) -> None:
    host_id = new_id()
    # Two and two begin at the same moment.
    samples = await shows_at(store, host_id, *(NOON + 10 * (n // 2) + 0.1 for n in range(14)))
    now = NOON if when == "coming" else NOON + 1e6
    seen: list[tuple[float, str]] = []
    cursor = None

    for number in range(5):
        page = await store.shows_of(host_id, when, now, 3, cursor)
        seen += [(session.movie_time, show.id) for show, session, *_ in page.items]
        # What comes in meanwhile, before and behind, moves nothing.
        await shows_at(store, host_id, NOON - 500, NOON + 2000)
        cursor = page.next
        if number < 4:
            assert cursor is not None

    expected = sorted((sample.session.movie_time, sample.show.id) for sample in samples)
    if when == "past":
        expected.reverse()
    known = {show_id for _, show_id in expected}
    assert [place for place in seen if place[1] in known] == expected
    assert len(set(seen)) == len(seen)


async def test_the_last_page_names_no_other(store: Store) -> None:
    host_id = new_id()
    await shows_at(store, host_id, NOON, NOON + 1, NOON + 2, NOON + 3)

    first = await store.shows_of(host_id, "coming", NOON, 2, None)
    second = await store.shows_of(host_id, "coming", NOON, 2, first.next)

    assert [len(first.items), len(second.items)] == [2, 2]
    assert second.next is None


def written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "0",
        "not a cursor",
        "щ",
        "\ud800",
        "'; DROP TABLE shows --",
        written(""),
        written("null"),
        written("[" * 10_000),
        written('["coming", 1.0]'),
        written('["coming", "1.0", "id"]'),
        written('["coming", NaN, "id"]'),
        written('["coming", 1e999, "id"]'),
        written('["coming", 1.0, "\\ud800"]'),
        written('["coming", 1.0, 7]'),
        base64.b64encode(b"\xff\xfe").decode(),
    ],
)
async def test_a_cursor_that_is_none_is_refused(
    store: Store, sample: SampleShow, cursor: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await store.shows_of(sample.host_id, "coming", NOON, 5, cursor)

    assert refused.value.path == "cursor"


async def test_a_cursor_of_the_other_list_is_refused(store: Store) -> None:
    host_id = new_id()
    await shows_at(store, host_id, NOON, NOON + 1)
    page = await store.shows_of(host_id, "coming", NOON, 1, None)

    with pytest.raises(Invalid):
        await store.shows_of(host_id, "past", NOON, 1, page.next)
