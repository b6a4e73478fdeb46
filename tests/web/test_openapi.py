"""The OpenAPI document is frozen, complete, and true to what the server does.

After a change that is meant: ``python -m tests.web.test_openapi`` writes the golden file anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from schemathesis import openapi as schemathesis_openapi

from streamer.web.application import all_endpoints, openapi_document
from streamer.web.http.endpoints import PARAMETERS
from tests.web.app_harness import AppHarness

GOLDEN = Path(__file__).parents[1] / "golden" / "openapi.json"


def text() -> str:
    """Return the document as it stands in the golden file: without the version."""
    made = openapi_document()
    made["info"]["version"] = "*"
    return json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def test_the_document_is_the_frozen_one() -> None:
    assert text() == GOLDEN.read_text(encoding="utf-8")


async def test_the_document_is_served(cinema: AppHarness) -> None:
    served = (await cinema.anybody.get("/api/openapi.json")).json

    assert served == json.loads(json.dumps(openapi_document()))
    assert served["openapi"] == "3.1.0"


def test_the_document_is_openapi() -> None:
    schemathesis_openapi.from_dict(openapi_document()).validate()


def test_every_name_in_a_path_is_described() -> None:
    used = {name for each in all_endpoints() for name in re.findall(r"{(\w+)}", each.path)}

    assert used == PARAMETERS.keys()


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [endpoint.handler.__name__ for endpoint in all_endpoints()]

    assert len(names) == len(set(names))


def test_every_operation_says_that_a_host_may_be_refused() -> None:
    operations = [
        operation for path in openapi_document()["paths"].values() for operation in path.values()
    ]

    for status, code in (("400", "bad_host"), ("421", "unknown_host")):
        assert all(code in each["responses"][status]["description"] for each in operations)


def test_nothing_that_is_not_built_stands_in_the_document() -> None:
    told = set(values(openapi_document()))

    later = {"episode", "next", "hls"}
    assert not told & later


def values(schema: object) -> Iterator[str]:
    """Return every value that the document allows in an enumeration."""
    if isinstance(schema, list):
        for item in schema:
            yield from values(item)
    elif isinstance(schema, dict):
        yield from schema.get("enum", ())
        yield from (schema["const"],) if isinstance(schema.get("const"), str) else ()
        for item in schema.values():
            yield from values(item)


async def test_the_page_shows_the_document_without_a_script_of_its_own(cinema: AppHarness) -> None:
    page = await cinema.anybody.get("/api/docs")

    assert "swagger-ui-bundle.js" in page.text
    assert page.text.count("<script") == page.text.count("<script src=")
    assert (await cinema.anybody.get("/static/js/pages/docs.js")).status == 200


if __name__ == "__main__":
    GOLDEN.write_text(text(), encoding="utf-8")
