"""Requests made from the OpenAPI document, right ones and wrong ones: no answer is a surprise.

Schemathesis makes them; each goes to a show of its sender's or, as generated, to no show at all.
Somebody else's show stands beside and must not notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from streamer.web.application import openapi_document
from tests.web.running import running

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

LONGEST_LINE = 8000
"""Longer targets are the HTTP parser's to refuse, in plain text."""

FRAMING = "transfer-encoding", "content-length", "connection", "upgrade", "expect", "te", "host"
"""Header fields that are the HTTP client's: with wrong ones the parser refuses, in plain text."""

schema = schemathesis.openapi.from_dict(openapi_document()).exclude(
    operation_id=["open_socket", "read_film"]
)


@schemathesis.serializer("application/sdp", "application/trickle-ice-sdpfrag")
def text_body(_ctx: schemathesis.SerializationContext, value: object) -> bytes:
    """Send a text as it is, and what is none as Python writes it."""
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")


class Fuzzer:
    """A guest who sends what was generated, and a bystander who watches."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.headers = self._passport("Fuzz")
        self._bystander = self._passport("Anna")
        titles = requests.get(f"{address}/api/titles", timeout=10).json()["items"]
        self.film = next(title["id"] for title in titles if title["state"] == "ready")
        self._watched = self._plan(self._bystander)

    def own(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return a new show and what its host sends: nobody may plan as many as are needed."""
        headers = self._passport("Fuzz")
        return self._plan(headers), headers

    def seen(self) -> list[Any]:
        """Return all that the bystander sees of their show."""
        path = f"{self.address}/api/shows/{self._watched['id']}"
        session = self._watched["sessions"][0]["id"]
        paths = [path, f"{path}/members", f"{path}/invites", f"{path}/messages"]
        paths.append(f"{self.address}/api/sessions/{session}")
        answers = [requests.get(p, headers=self._bystander, timeout=10).json() for p in paths]
        del answers[-1]["sources"]
        return answers

    def calendar(self, headers: dict[str, str]) -> str:
        """Return the token of a new calendar address."""
        made = requests.post(f"{self.address}/api/me/calendar", headers=headers, timeout=10)
        return str(made.json()["url"]).rpartition("/")[2].removesuffix(".ics")

    def _passport(self, name: str) -> dict[str, str]:
        made = requests.post(f"{self.address}/api/passport", json={"name": name}, timeout=10)
        return {"Authorization": f"Bearer {made.json()['token']}"}

    def _plan(self, headers: dict[str, str]) -> dict[str, Any]:
        plan = {
            "target_id": self.film,
            "target_type": "movie",
            "movie_time": "2090-01-01T00:00:00Z",
        }
        answer = requests.post(f"{self.address}/api/shows", json=plan, headers=headers, timeout=10)
        answer.raise_for_status()
        return dict(answer.json())


@pytest.fixture(scope="module")
def fuzzer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzer]:
    with running(tmp_path_factory.mktemp("cinema")) as address:
        yield Fuzzer(address)


def names_of(show: dict[str, Any], film: str, calendar: str) -> dict[str, str]:
    """Return what the names in paths stand for."""
    return {
        "show_id": show["id"],
        "session_id": show["sessions"][0]["id"],
        "title_id": film,
        "user_id": show["user_id"],
        "message_id": str(uuid4()),
        "invite_id": str(uuid4()),
        "bookmark_id": str(uuid4()),
        "view_id": str(uuid4()),
        "stream_id": str(uuid4()),
        "calendar_token": calendar,
        "token": show["link"].rpartition("/")[2],
    }


def sent_wrong(case: schemathesis.Case[Any]) -> bool:
    """Tell whether a request breaks the document's rules by its body or by its query alone.

    Names in paths and credentials are put right before a request is sent.
    """
    assert case.meta is not None
    parts = {place for place, part in case.meta.components.items() if part.mode.is_negative}
    if case.path_parameters:
        return parts == {ParameterLocation.BODY}
    return bool(parts) and parts <= {ParameterLocation.QUERY, ParameterLocation.BODY}


@pytest.fixture
def unnoticed(fuzzer: Fuzzer) -> Iterator[None]:
    """Whatever is sent, the bystander sees no change of their show."""
    before = fuzzer.seen()
    yield
    assert fuzzer.seen() == before


@schema.parametrize()
@pytest.mark.usefixtures("unnoticed")
@pytest.mark.parametrize("known", [True, False], ids=["own show", "any show"])
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_answer_is_a_surprise(case: schemathesis.Case[Any], fuzzer: Fuzzer, known: bool) -> None:
    headers = fuzzer.headers
    if known and case.path_parameters:
        show, headers = fuzzer.own()
        names = names_of(show, fuzzer.film, fuzzer.calendar(headers))
        case.path_parameters = {name: names[name] for name in case.path_parameters}

    for name in [name for name in case.headers or () if name.lower() in FRAMING]:
        del case.headers[name]

    response = case.call(base_url=fuzzer.address, headers=headers, timeout=10)

    if len(response.request.path_url) > LONGEST_LINE:
        assert response.status_code == 400
        return
    wrong = [negative_data_rejection] if sent_wrong(case) else []
    case.validate_response(response, checks=[*CHECKS, *wrong])
