"""Who may host: see the films and schedule shows. A guest's link opens one show, no more."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from harness.rooms import T0
from streamer.__main__ import main
from streamer.app import CannotStart
from streamer.owner import owner_address, print_owner_address
from streamer.secret import OWNER_FILE, owner_token
from streamer.settings import Settings
from streamer.web.application import all_endpoints
from streamer.web.http.app_keys import OWNER_TOKEN, SETTINGS
from tests.web.app_harness import AppHarness, Person, at
from tests.web.conftest import Open

PLAN = {"target_type": "movie", "movie_time": at(T0)}


@pytest.fixture
async def closed(open_cinema: Open) -> AppHarness:
    """A cinema whose owner alone may host."""
    return await open_cinema(hosts="owner")


def test_with_an_outside_auth_service_its_users_host(tmp_path: Path) -> None:
    everywhere = "0.0.0.0"  # noqa: S104 -- not bound
    jwks = Settings(host=everywhere, jwks="https://auth.example/keys")
    assert jwks.who_may_host == "users"
    assert Settings(host=everywhere, passport_key=tmp_path / "key").who_may_host == "users"
    assert Settings(jwks="https://auth.example/keys").who_may_host == "everyone"


async def owner_of(cinema: AppHarness) -> Person:
    """Return somebody who has opened the owner's address."""
    person = await cinema.guest("Olga")
    answer = await open_owner_address(cinema, person)
    assert answer == (303, "/")
    return person


async def open_owner_address(
    cinema: AppHarness, person: Person | None, token: str | None = None
) -> tuple[int, str | None]:
    token = cinema.app[OWNER_TOKEN]() if token is None else token
    headers = {} if person is None else {"Cookie": f"passport={person.token}"}
    async with cinema.client.get(
        f"/owner/{token}", headers=headers, allow_redirects=False
    ) as response:
        return response.status, response.headers.get("Location")


@pytest.mark.parametrize(
    ("host", "who"),
    [
        ("127.0.0.1", "everyone"),
        ("127.1.2.3", "everyone"),
        ("::1", "everyone"),
        ("localhost", "everyone"),
        ("0.0.0.0", "owner"),  # noqa: S104 -- not bound
        ("::", "owner"),
        ("192.0.2.7", "owner"),
        ("cinema.lan", "owner"),
    ],
)
def test_beyond_this_machine_the_owner_alone_hosts_unless_told(host: str, who: str) -> None:
    assert Settings(host=host).who_may_host == who
    assert Settings(host=host, hosts="everyone").who_may_host == "everyone"
    assert Settings(host=host, hosts="users").who_may_host == "users"


async def test_a_guest_sees_no_film_and_schedules_nothing(closed: AppHarness) -> None:
    guest = await closed.guest("Greta")
    film = closed.film

    for answer in (
        await guest.get("/api/titles"),
        await guest.get("/api/titles?query=Counter"),
        await guest.get(f"/api/titles/{film}"),
        await guest.get(f"/api/titles/{uuid4()}"),
        await guest.post("/api/shows", {"target_id": film, **PLAN}),
        await guest.post("/api/shows", {}),
    ):
        assert answer.said == (403, "not_a_host")
        assert film not in answer.text
    assert (await guest.get("/api/me")).json["may"] == {"host": False}
    assert (await guest.get("/api/shows")).json["items"] == []


async def test_without_a_passport_nobody_sees_the_films_of_an_owner(closed: AppHarness) -> None:
    assert (await closed.anybody.get("/api/titles")).said == (401, "unauthenticated")
    assert (await closed.anybody.get(f"/api/titles/{closed.film}")).said == (401, "unauthenticated")
    assert (await closed.anybody.post("/api/shows", {})).said == (401, "unauthenticated")


async def test_who_opens_the_owner_s_address_hosts_from_then_on(closed: AppHarness) -> None:
    owner = await owner_of(closed)
    assert await open_owner_address(closed, owner) == (303, "/")

    assert (await owner.get("/api/me")).json["may"] == {"host": True}
    assert (await owner.get("/api/titles")).status == 200
    await closed.show(owner)


async def test_who_has_no_name_is_asked_for_one_before_they_own_anything(
    closed: AppHarness,
) -> None:
    async with closed.client.get(f"/owner/{closed.app[OWNER_TOKEN]()}") as response:
        page = await response.text()

    assert response.status == 200
    assert response.headers["Cache-Control"] == "no-store"
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page)
    assert found is not None
    assert json.loads(found[1]) == {"owner": True, "hosts": "owner", "library": False}


@pytest.mark.parametrize("token", ["x", "%00", "a" * 32, "%F0%9F%98%80", "..%2Fsecret", "-" * 9000])
async def test_a_wrong_owner_s_address_makes_nobody_an_owner(
    closed: AppHarness, token: str
) -> None:
    guest = await closed.guest("Greta")

    assert (await open_owner_address(closed, guest, token))[0] in {400, 404}

    assert (await guest.get("/api/me")).json["may"] == {"host": False}


async def test_only_who_reads_the_owner_s_address_is_made_an_owner(closed: AppHarness) -> None:
    guest = await closed.guest("Greta")
    path, cookie = f"/owner/{closed.app[OWNER_TOKEN]()}", {"Cookie": f"passport={guest.token}"}

    async with closed.client.head(path, headers=cookie, allow_redirects=False) as response:
        assert response.status == 405

    assert (await guest.get("/api/me")).json["may"] == {"host": False}


async def test_a_renewed_address_replaces_the_old_one_while_the_server_runs(
    closed: AppHarness,
) -> None:
    owner, late = await owner_of(closed), await closed.guest("Late")
    old = closed.app[OWNER_TOKEN]()

    new = owner_token(closed.app[SETTINGS].data, renew=True)

    assert new != old
    assert (await open_owner_address(closed, late, old))[0] == 404
    assert (await late.get("/api/titles")).said == (403, "not_a_host")
    assert (await owner.get("/api/titles")).status == 200
    assert await open_owner_address(closed, late, new) == (303, "/")


async def test_where_everyone_hosts_there_is_no_owner_s_address(cinema: AppHarness) -> None:
    guest = await cinema.guest("Greta")

    assert (await open_owner_address(cinema, guest))[0] == 404
    assert (await guest.get("/api/me")).json["may"] == {"host": True}


async def test_where_users_host_there_has_to_be_an_auth_service(open_cinema: Open) -> None:
    with pytest.raises(CannotStart, match="--hosts users needs --jwks"):
        await open_cinema(hosts="users")


async def test_who_is_handed_a_show_still_sees_no_other_film(closed: AppHarness) -> None:
    owner = await owner_of(closed)
    show = await closed.show(owner)
    guest = await closed.member("Greta", show)
    session = f"/api/sessions/{show['sessions'][0]['id']}"

    handed = await owner.patch(f"/api/shows/{show['id']}/members/{guest.id}", {"role": "host"})

    assert handed.status == 200
    for film in (closed.heavy, str(uuid4())):
        added = {"target_id": film, "movie_time": at(T0 + 3600.0)}
        said = await guest.post(f"/api/shows/{show['id']}/sessions", added)
        assert said.said == (403, "not_a_host")
    again = {"target_id": closed.film, "movie_time": at(T0 + 3600.0)}
    assert (await guest.post(f"/api/shows/{show['id']}/sessions", again)).status == 201
    assert [s["kind"] for s in (await guest.get(session)).json["sources"]] == ["file", "live"]
    assert (await guest.patch(session, {"target_id": str(uuid4())})).status in {403, 422}
    assert (await guest.get("/api/titles")).said == (403, "not_a_host")


async def test_a_link_to_one_show_opens_no_other_by_any_call(closed: AppHarness) -> None:
    owner = await owner_of(closed)
    theirs = await closed.show(owner)
    other = await closed.show(owner, title="Nobody else's business")
    said = {"id": str(uuid4()), "text": "hush"}
    await owner.post(f"/api/shows/{other['id']}/messages", said)
    guest = await closed.member("Greta", theirs)
    before = await all_of(owner, other)
    names = {
        "show_id": other["id"],
        "session_id": other["sessions"][0]["id"],
        "title_id": closed.film,
        "user_id": owner.id,
        "message_id": said["id"],
        "invite_id": str(uuid4()),
        "bookmark_id": str(uuid4()),
        "view_id": str(uuid4()),
        "stream_id": str(uuid4()),
        "token": "x" * 32,
        "calendar_token": "x" * 32,
    }

    for endpoint in all_endpoints():
        answer = await guest.ask(
            endpoint.method,
            endpoint.path.format(**names),
            (endpoint.body.json_schema().get("examples") or [{}])[0] if endpoint.has_body else None,
            headers={"Content-Type": endpoint.accepts},
        )
        if ("{" in endpoint.path and endpoint.published) or endpoint.needs in {"host", "library"}:
            assert answer.status >= 400, endpoint.path
        for secret in (other["id"], "Nobody else's business", "hush"):
            assert secret not in answer.text, endpoint.path
        assert await all_of(owner, other) == before, endpoint.path


async def all_of(host: Person, show: dict[str, Any]) -> list[Any]:
    path = f"/api/shows/{show['id']}"
    parts = [path, f"{path}/members", f"{path}/messages", f"{path}/invites"]
    return [(await host.get(part)).json for part in parts]


def test_the_command_prints_the_owner_s_address_and_renews_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    flags = ["--data", str(data), "--public-url", "https://cinema.example"]

    def printed(*more: str) -> str:
        assert main(["owner", *flags, *more]) == 0
        return capsys.readouterr().out.splitlines()[-1]

    first = printed()
    assert first.startswith("https://cinema.example/owner/")
    assert len(first.rpartition("/")[2]) >= 22
    assert printed() == first
    renewed = printed("--renew")
    assert renewed != first
    assert printed() == renewed
    assert (data / OWNER_FILE).stat().st_mode & 0o077 == 0


def test_a_broken_owner_s_token_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / OWNER_FILE).write_text("x")

    assert main(["owner", "--data", str(tmp_path)]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "renew" in said.err
    assert main(["owner", "--data", str(tmp_path), "--renew"]) == 0


def test_a_server_for_the_network_names_an_address_that_others_can_open(tmp_path: Path) -> None:
    settings = Settings(host="0.0.0.0", data=tmp_path)  # noqa: S104 -- not bound

    address = owner_address(settings, 8080, "token")

    assert re.fullmatch(r"http://\d+\.\d+\.\d+\.\d+:8080/owner/token", address)
    assert "0.0.0.0" not in address  # noqa: S104 -- not bound
    assert owner_address(Settings(host="fd00::7"), 1, "t") == "http://[fd00::7]:1/owner/t"


class Terminal(io.TextIOWrapper):
    """A terminal with an encoding."""

    def isatty(self) -> bool:
        return True

    @property
    def text(self) -> str:
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue().decode(self.encoding)


@pytest.mark.parametrize(("encoding", "has_code"), [("utf-8", True), ("ascii", False)])
def test_a_terminal_shows_a_qr_code_where_it_has_the_characters(
    tmp_path: Path, encoding: str, has_code: bool
) -> None:
    terminal = Terminal(io.BytesIO(), encoding=encoding)

    print_owner_address(Settings(data=tmp_path), 8080, terminal)

    assert owner_token(tmp_path) in terminal.text
    assert (len(terminal.text.splitlines()) > 10) is has_code
