"""A cinema with an outside Auth service, and people who have accounts there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

from harness.auth_service import FakeAuth
from harness.rooms import until
from streamer.web.http.app_keys import JWKS
from tests.web.app_harness import Answer, AppHarness, Person
from tests.web.conftest import Open

__all__ = ["Browser", "account", "auth_running", "cinema_with"]


@asynccontextmanager
async def auth_running() -> AsyncIterator[FakeAuth]:
    """Run an Auth service whose only key is of P-256."""
    async with FakeAuth().running() as auth:
        yield auth


async def cinema_with(open_cinema: Open, auth: FakeAuth, **settings: object) -> AppHarness:
    """Return a cinema that has the keys of ``auth``."""
    cinema = await open_cinema(**{**auth.settings, **settings})
    auth.now = cinema.clock()
    jwks = cinema.app[JWKS]
    assert jwks is not None
    await until(lambda: jwks.size)
    return cinema


async def account(cinema: AppHarness, auth: FakeAuth, sub: str = "anna", **claims: str) -> Person:
    """Return somebody with an account, who shows its token as a Bearer token."""
    token = auth.token(None, None, sub=sub, **claims)
    me = (await cinema.anybody.get("/api/me", Authorization=f"Bearer {token}")).json
    return Person(cinema.client, me, token)


class Browser:
    """A browser on the cinema's own pages, as far as its cookies go."""

    def __init__(self, cinema: AppHarness) -> None:
        self._cinema = cinema
        self.origin = str(cinema.client.make_url("/").origin())
        self.cookies: dict[str, str] = {}
        self.foreign: list[str] = []
        """Cookies that other sites on the same domain have set, as they are sent."""

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Ask with the cookies there are, and take those that come back."""
        cookies = [f"{name}={value}" for name, value in self.cookies.items()]
        headers = {"Origin": self.origin, "Cookie": "; ".join([*cookies, *self.foreign])}
        if not (cookies or self.foreign):
            del headers["Cookie"]
        answer = await self._cinema.anybody.ask(method, path, body, headers=headers)
        for field in answer.headers.getall("Set-Cookie", ()):
            for name, morsel in SimpleCookie(field).items():
                if morsel["domain"]:
                    continue
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    async def leave(self, to: str | None = "/w/abc") -> str:
        """Follow "Sign in" to the Auth service; return the state that it brings back."""
        params = {} if to is None else {"to": to}
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        async with self._cinema.client.get(
            "/sign-in", params=params, headers={"Cookie": cookies}, allow_redirects=False
        ) as answer:
            assert answer.status == 303
            for name, morsel in answer.cookies.items():
                self.cookies[name] = morsel.value
            location = answer.headers["Location"]
        (back,) = parse_qs(urlsplit(location).query)["back"]
        return parse_qs(urlsplit(back).query)["state"][0]

    async def come_back(self, state: str, token: str | None) -> Answer:
        """Come back from the Auth service with ``token``; None: it has set the cookie itself."""
        body = {"state": state} if token is None else {"state": state, "token": token}
        return await self.ask("POST", "/api/passport/outside", body)
