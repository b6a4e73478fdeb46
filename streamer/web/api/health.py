"""Is it alive, is it ready, what has it done: for machines that look after machines."""

from __future__ import annotations

from typing import Literal

from prometheus_client.exposition import CONTENT_TYPE_LATEST
from typing_extensions import TypedDict

from streamer.web.http.app_keys import CATALOGUE, METRICS, READINESS
from streamer.web.http.endpoints import Call, Endpoints
from streamer.web.http.errors import NotReady
from streamer.web.http.replies import Reply, reply

__all__ = ["endpoints"]

endpoints = Endpoints("health")

METRICS_TYPE = "text/plain"


class Alive(TypedDict):
    """It answers."""

    status: Literal["ok"]


class Ready(TypedDict):
    """It can do its work."""

    status: Literal["ready"]


@endpoints.add("GET", "/healthz", "Is the server alive", needs="nothing")
async def alive(_call: Call) -> Reply[Alive]:
    """Answer, which is all that is asked."""
    return reply({"status": "ok"})


@endpoints.add(
    "GET",
    "/readyz",
    "Can the server do its work: the store writes, the library is known",
    refuses=(NotReady,),
    needs="nothing",
)
async def ready(call: Call) -> Reply[Ready]:
    """Look at the store and the library."""
    if not call.app[CATALOGUE].ready:
        raise NotReady("the film folder is still being looked through")
    if not await call.app[READINESS].check():
        raise NotReady("the store can't write, takes too long, or its files were taken away")
    return reply({"status": "ready"})


@endpoints.add(
    "GET",
    "/metrics",
    "What the server has done and what it holds, as Prometheus text",
    needs="nothing",
    media_type=METRICS_TYPE,
)
async def metrics(call: Call) -> Reply[str]:
    """Answer in Prometheus' text format."""
    headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
    return Reply(body=call.app[METRICS].text(), headers=headers)
