"""The JSON Schema of the room protocol, both directions, made of the types that the server uses.

``docs/room-protocol.schema.json`` is its published text; the page's types are made from that.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from sessions.protocol import PROTOCOL_VERSION, ClientMessage
from sessions.server_messages import ServerMessage

__all__ = ["protocol_schema"]


class _Untitled(GenerateJsonSchema):
    """Leaves out titles that only repeat a field's name."""

    def field_title_should_be_set(self, _schema: object) -> bool:
        """Return that no field has a title."""
        return False


def protocol_schema() -> dict[str, Any]:
    """Return one schema whose ``$defs`` hold every message and what it is made of."""
    references, definitions = TypeAdapter.json_schemas(
        [
            ("ClientMessage", "validation", TypeAdapter(ClientMessage)),
            ("ServerMessage", "serialization", TypeAdapter(ServerMessage)),
        ],
        schema_generator=_Untitled,
    )
    unions = {name: schema for (name, _), schema in references.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Room protocol of Seans, version {PROTOCOL_VERSION}",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in unions],
        "$defs": unions | definitions["$defs"],
    }
