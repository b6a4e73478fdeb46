"""Ids and entity tags that follow the content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from streamer.library.content import digest, entity_tag, film_id

BIG = 3 * 2**20


def write(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return digest(path, len(content))


def test_the_same_content_has_the_same_digest_whatever_its_name(tmp_path: Path) -> None:
    assert write(tmp_path / "a", b"film" * 1000) == write(tmp_path / "b", b"film" * 1000)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (1000, 1001), (BIG // 2, BIG // 2 + BIG // 8), (BIG - 1, BIG)]
)
def test_another_head_middle_or_tail_has_another_digest(
    start: int, end: int, tmp_path: Path
) -> None:
    content = bytearray(BIG)
    before = write(tmp_path / "a", bytes(content))
    content[start:end] = b"x" * (end - start)

    assert write(tmp_path / "a", bytes(content)) != before


def test_a_longer_file_of_the_same_blocks_has_another_digest(tmp_path: Path) -> None:
    assert write(tmp_path / "a", bytes(BIG)) != write(tmp_path / "b", bytes(BIG + 1))


def test_an_id_is_a_uuid_that_stays_the_same_for_ever() -> None:
    assert str(film_id("0" * 64)) == "4111d3eb-9a9a-57be-bc3c-312acb880f23"


def test_an_entity_tag_is_strong_and_changes_with_the_time() -> None:
    tag = entity_tag("ab" * 32, 1)

    assert (tag[0], tag[-1]) == ('"', '"')
    assert all(0x21 <= ord(c) < 0x7F and c != '"' for c in tag[1:-1]), "RFC 9110 section 8.8.3"
    assert tag != entity_tag("ab" * 32, 2)
    assert tag != entity_tag("cd" * 32, 1)


def test_a_file_that_became_a_fifo_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "film.mp4")

    with pytest.raises(OSError, match="no regular file"):
        digest(tmp_path / "film.mp4", 4)
