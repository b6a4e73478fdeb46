"""How OpenAPI describes the film itself, which is served below the endpoints."""

from __future__ import annotations

from typing import Any

__all__ = ["FILM_PATH", "film_operations"]

FILM_PATH = "/media/{title_id}/file"

VIDEO_CONTENT = {"video/*": {"schema": {"type": "string", "contentEncoding": "binary"}}}

ANSWER_WORDS: dict[int, str] = {
    200: "The whole film",
    206: "The ranges asked for (RFC 9110 section 14)",
    304: "Not modified (RFC 9110 section 13)",
}
REFUSAL_WORDS: dict[int, str] = {
    400: "`bad_host`: the Host field is not valid",
    403: "`bad_signature`, `url_expired`: the address was not signed here, or its time is over",
    404: "`unknown_title`: the film is gone",
    405: "`method_not_allowed`: GET, HEAD and OPTIONS are known",
    412: "`precondition_failed`",
    416: "`range_not_satisfiable`",
    421: "`unknown_host`: this server does not answer to that name",
    503: "`film_unavailable`: too many films are open",
}


def film_operations(problem: str) -> dict[str, Any]:
    """Return the path item of a film; ``problem`` is the reference to the problem's schema."""
    responses: dict[str, Any] = {
        str(status): {"description": words, **({"content": VIDEO_CONTENT} if status != 304 else {})}
        for status, words in ANSWER_WORDS.items()
    }
    for status, words in REFUSAL_WORDS.items():
        content = {"application/problem+json": {"schema": {"$ref": problem}}}
        responses[str(status)] = {"description": words, "content": content}
    parameters = [
        _parameter("title_id", "path", {"type": "string", "format": "uuid"}),
        _parameter("exp", "query", {"type": "integer"}),
        _parameter("sig", "query", {"type": "string"}),
    ]
    return {
        "get": {
            "operationId": "read_film",
            "summary": "The film's bytes, by ranges; take the address from a title's sources",
            "tags": ["titles"],
            "security": [],
            "parameters": parameters,
            "responses": responses,
        }
    }


def _parameter(name: str, where: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "required": True, "schema": schema}
