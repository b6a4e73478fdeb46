"""The room protocol as text: golden messages, and hostile ones."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sessions.core.commands import Pause, Play, Seek, SetRate
from sessions.core.errors import Invalid, NotSupported, Refused
from sessions.core.roles import Rights
from sessions.protocol import BadMessage, UnknownType, command_of, parse, ref_of
from sessions.record_types import MayRecord
from sessions.schema import protocol_schema
from sessions.server_messages import ServerMessage
from sessions.wire import goodbye, iso
from tests.unit.golden import CLIENT, SCHEMA, read, server_messages


def test_the_golden_files_are_what_this_version_speaks() -> None:
    assert read("server") == server_messages()
    assert read("client") == CLIENT


@pytest.mark.parametrize("name", CLIENT)
def test_every_golden_message_of_a_client_is_understood(name: str) -> None:
    message = parse(json.dumps(CLIENT[name]))

    said = {k: getattr(message, k) for k in CLIENT[name]}
    assert said == CLIENT[name]


@pytest.mark.parametrize("name", CLIENT)
def test_an_unknown_field_is_refused_by_name(name: str) -> None:
    with pytest.raises(Invalid, match="mood"):
        parse(json.dumps({**CLIENT[name], "mood": "good"}))


@pytest.mark.parametrize("text", ["", "nope", "[]", "1", "null", '"hello"', "{", "[" * 100_000])
def test_what_is_no_json_object_is_a_bad_message(text: str) -> None:
    with pytest.raises(BadMessage):
        parse(text)


@pytest.mark.parametrize("text", ["{}", '{"type":null}', '{"type":3}', '{"type":"dance"}'])
def test_an_object_of_no_known_type_is_told_so(text: str) -> None:
    with pytest.raises(UnknownType):
        parse(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"type":"react","emoji":"🎬"}', "type"),
    ],
)
def test_what_is_not_built_yet_is_told_so(text: str, path: str) -> None:
    with pytest.raises(NotSupported) as refused:
        parse(text)

    assert refused.value.path == path


def test_the_schema_names_nothing_that_is_not_built_yet() -> None:
    definitions = protocol_schema()["$defs"]
    actions = definitions["CommandMessage"]["properties"]["action"]["enum"]

    assert "react" not in definitions["ClientMessage"]["discriminator"]["mapping"]
    assert actions == ["play", "pause", "seek", "rate", "next"]


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"ping","c0":NaN}',
        '{"type":"ping","c0":1e999}',
        '{"type":"ping","c0":true}',
        '{"type":"ping","c0":"1"}',
        '{"type":"hello","protocol":1,"after":-1}',
        '{"type":"hello","protocol":"1"}',
        '{"type":"report","state":"playing","delay":-0.1}',
        '{"type":"report","state":"playing","dropped":1.5}',
        '{"type":"report","state":"playing","dropped":9007199254740992}',
        '{"type":"report","state":"playing","error":-1e300}',
        '{"type":"report","state":"playing","error":1000001}',
        '{"type":"report","state":"playing","buffered":1e300}',
        '{"type":"say","ref":null,"id":"66666666-6666-4666-8666-666666666666","text":"hi"}',
        '{"type":"command","ref":{},"action":"play"}',
    ],
)
def test_a_wrong_type_or_range_is_invalid(text: str) -> None:
    with pytest.raises(Invalid):
        parse(text)


@given(
    st.text()
    | st.recursive(
        st.none()
        | st.booleans()
        | st.floats()
        | st.text()
        | st.sampled_from(["type", "hello", "ping"]),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["type", "ref", "c0"]), inner)
        ),
    ).map(json.dumps)
)
def test_whatever_comes_is_understood_or_refused(text: str) -> None:
    with suppress(Refused):
        parse(text)
    ref_of(text)


def test_the_ref_of_a_refused_message_is_found_where_it_makes_sense() -> None:
    assert ref_of('{"ref":"a"}') == "a"
    assert ref_of('{"ref":7}') == 7
    assert [ref_of(t) for t in ('{"ref":true}', '{"ref":[]}', "[]", "x")] == [None] * 4
    assert ref_of(json.dumps({"ref": "x" * 65})) is None


def test_an_action_makes_the_command_of_its_argument() -> None:
    assert command_of("play", None, None) == Play()
    assert command_of("pause", None, None) == Pause()
    assert command_of("seek", 0.0, None) == Seek(0.0)
    assert command_of("rate", None, 1.5) == SetRate(1.5)
    with pytest.raises(Invalid):
        command_of("seek", None, None)
    with pytest.raises(Invalid):
        command_of("play", 1.0, None)


def test_moments_are_written_in_utc_to_the_millisecond() -> None:
    assert iso(0.0) == "1970-01-01T00:00:00Z"
    assert iso(1_800_000_000.5) == "2027-01-15T08:00:00.500Z"
    assert iso(1.9996) == "1970-01-01T00:00:02Z"


def test_text_is_compact_and_not_escaped() -> None:
    text = goodbye(1001, "Смотри")

    assert text == '{"type":"goodbye","code":1001,"reason":"Смотри"}'


@pytest.mark.parametrize(
    ("union", "folder"), [("ClientMessage", "client"), ("ServerMessage", "server")]
)
def test_the_schema_knows_every_type(union: str, folder: str) -> None:
    types = protocol_schema()["$defs"][union]["discriminator"]["mapping"]

    assert set(types) == {message["type"] for message in read(folder).values()}


@pytest.mark.parametrize("name", read("server"))
def test_every_golden_message_of_the_server_is_of_its_type(name: str) -> None:
    adapter: TypeAdapter[ServerMessage] = TypeAdapter(ServerMessage)
    message = read("server")[name]

    # What the type does not name would be left out.
    assert adapter.dump_python(adapter.validate_python(message)) == message


def test_the_published_schema_is_what_the_types_say() -> None:
    assert json.loads(SCHEMA.read_text()) == protocol_schema()


def test_what_one_may_do_is_told_by_the_names_of_the_rights() -> None:
    assert set(MayRecord.__annotations__) == {right.name for right in fields(Rights)}
