"""Kinds of values that clients send: what is accepted, and at which cost."""

from __future__ import annotations

import re
import time

import pytest
from pydantic import TypeAdapter, ValidationError

from sessions.fields import MessageText

TEXT: TypeAdapter[str] = TypeAdapter(MessageText)
PUBLISHED = re.compile(str(TEXT.json_schema()["pattern"]))


@pytest.mark.parametrize(
    "text",
    [
        "a",
        " a ",
        "line\nline",
        "tab\t!",
        "\u200b",
        " \n ",
        "a\x01",
        "\x7fa",
        "\u202ea",
        "\u0301",
        "😀",
    ],
)
def test_a_text_is_accepted_where_the_published_pattern_takes_it(text: str) -> None:
    try:
        TEXT.validate_python(text)
    except ValidationError:
        accepted = False
    else:
        accepted = True

    assert accepted is (PUBLISHED.search(text) is not None)


def test_a_text_with_a_control_character_at_its_end_costs_no_more_than_another() -> None:
    def cost(text: str) -> float:
        began = time.process_time()
        for _ in range(100):
            with pytest.raises(ValidationError):
                TEXT.validate_python(text)
        return time.process_time() - began

    # By the published pattern it would be a thousand times as much.
    short, long = "\x01", "a" * 1999 + "\x01"
    assert min(cost(long) for _ in range(3)) < 20 * min(cost(short) for _ in range(3)) + 0.1
