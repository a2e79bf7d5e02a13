"""/api/v1/users (ours): users made, changed, given passwords and locked out by their administrators."""

from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.contracts.served import Served
from tests.contracts.sqod.caller import SECOND, Caller
from tests.contracts.sqod.desk import Desk, department_keeper

pytestmark = [
    pytest.mark.server,
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.usefixtures("callers"),
]

USERS = "/api/v1/users"
FORBIDDEN = (403, {"message": "This action is unauthorized."})


@pytest.fixture
def head(callers: dict[str, Caller]) -> Desk:
    """An administrator."""
    return Desk(callers["head"])


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def keeper(served: Served, callers: dict[str, Caller]) -> Desk:
    """A colleague who administers the second department."""
    assert callers
    await department_keeper(served, "kept")
    return Desk(Caller(served, served.basic("kept")["Authorization"]))


def new(login: str, **members: Any) -> dict[str, Any]:
    return {
        "name": f"New {login}",
        "login": login,
        "password": f"{login}-password",
        "department_ids": [1],
    } | members


async def make(desk: Desk, login: str, **members: Any) -> dict[str, Any]:
    answer = await desk.call("POST", USERS, new(login, **members))
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"])


async def signs_in(served: Served, name: str, password: str) -> int:
    answer = await served.client.get("/api/v1/me", headers=served.basic(name, password))
    return answer.status_code


def told(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()


@pytest.mark.clause("SQ-USER-create", "SQ-USER-password")
async def test_an_administrator_makes_a_user_who_signs_in(head: Desk, served: Served) -> None:
    made = await make(head, "Ann.One@Example.org", role="scheduler", department_ids=[SECOND, "1", 2])
    assert (made["name"], made["login"]) == ("New Ann.One@Example.org", "Ann.One@Example.org")
    assert (made["role"], [one["id"] for one in made["departments"]]) == ("scheduler", [2, 1])
    assert (made["is_active"], made["password_set_at"]) == (True, made["created_at"])
    assert "password" not in made
    path = f"{USERS}/{made['id']}"
    answer = await head.call("GET", path)
    assert (answer.json()["data"], answer.headers["ETag"]) == (made, '"1"')
    # A name is the same in any case, a password is not.
    assert await signs_in(served, "ann.one@example.ORG", "Ann.One@Example.org-password") == 200
    assert await signs_in(served, "ann.one@example.org", "ann.one@example.org-password") == 401


@pytest.mark.clause("SQ-INPUT-password")
async def test_a_form_makes_one_too_and_blanks_of_a_password_count(head: Desk, served: Served) -> None:
    form = {
        "name": " Form ",
        "login": " form ",
        "password": "  blanks  ",
        "department_ids[]": "1",
        "role": "agent",
    }
    answer = await head.call("POST", USERS, data=form)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["data"]["name"], answer.json()["data"]["login"]) == ("Form", "form")
    assert await signs_in(served, "form", "  blanks  ") == 200
    assert await signs_in(served, "form", "blanks") == 401


@pytest.mark.clause("SQ-USER-update", "SQ-USER-condition")
async def test_a_patch_changes_what_it_names_under_its_condition(head: Desk) -> None:
    made = await make(head, "patched")
    path = f"{USERS}/{made['id']}"
    tag = (await head.call("GET", path)).headers["ETag"]
    body = {"name": "Renamed", "role": "department_admin", "department_ids": [2], "login": "ignored"}
    answer = await head.call("PATCH", path, body, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text
    after = answer.json()["data"]
    assert after | {"updated_at": None} == made | {
        "name": "Renamed",
        "role": "department_admin",
        "departments": [{"id": 2, "name": after["departments"][0]["name"]}],
    }
    stale = await head.call("PATCH", path, {"name": "Lost"}, headers={"If-Match": tag})
    assert (stale.status_code, stale.headers["ETag"]) == (412, answer.headers["ETag"])
    fresh = await head.call("GET", path, headers={"If-None-Match": answer.headers["ETag"]})
    assert fresh.status_code == 304
    by_post = await head.call("POST", f"{path}?_method=PATCH", data={"role": "agent"})
    assert by_post.json()["data"]["role"] == "agent"
    same = await head.call("PATCH", path, {"role": None, "is_active": None})
    assert same.headers["ETag"] == by_post.headers["ETag"]


@pytest.mark.clause("SQ-USER-password")
async def test_a_new_password_ends_what_the_old_one_opened(head: Desk, served: Served) -> None:
    made = await make(head, "reset")
    old = served.basic("reset", "reset-password")
    ticket = (await served.client.get("/api/v1/User/currentToken", headers=old)).json()["Ticket"]
    by_ticket = {"Authorization": f"SOTicket {ticket}"}
    assert (await served.client.get("/api/v1/me", headers=by_ticket)).status_code == 200
    answer = await head.call("PATCH", f"{USERS}/{made['id']}", {"password": "another one"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == '"2"'
    assert await signs_in(served, "reset", "another one") == 200
    assert (await served.client.get("/api/v1/me", headers=old)).status_code == 401
    assert (await served.client.get("/api/v1/me", headers=by_ticket)).status_code == 401


@pytest.mark.clause("SQ-USER-deactivate")
async def test_who_is_locked_out_is_seen_by_administrators_alone(
    head: Desk, served: Served, callers: dict[str, Caller]
) -> None:
    made = await make(head, "gone")
    path, agent = f"{USERS}/{made['id']}", Desk(callers["agent"])
    assert (await agent.call("GET", path)).status_code == 200
    answer = await head.call("PATCH", path, {"is_active": False})
    assert answer.json()["data"]["is_active"] is False
    assert await signs_in(served, "gone", "gone-password") == 401
    assert (await agent.call("GET", path)).status_code == 404
    listed = (await head.get(f"{USERS}?per_page=100"))["data"]
    assert made["id"] in [one["id"] for one in listed]
    back = await head.call("PATCH", path, {"is_active": True})
    assert back.json()["data"]["is_active"] is True
    assert await signs_in(served, "gone", "gone-password") == 200


REFUSED: tuple[tuple[dict[str, Any], dict[str, list[str]]], ...] = (
    (
        {"name": None, "role": "king", "department_ids": []},
        {
            "name": ["The name field is required."],
            "role": ["The selected role is invalid."],
            "department_ids": ["The department ids field is required."],
        },
    ),
    (
        {"department_ids": [1, 99], "password": "short"},
        {
            "password": ["The password field must be at least 8 characters."],
            "department_ids.1": ["The selected department ids.1 is invalid."],
        },
    ),
    (
        {"department_ids": "1", "password": "x" * 129},
        {
            "department_ids": ["The department ids field must be an array."],
            "password": ["The password field must not be greater than 128 characters."],
        },
    ),
    (
        {"department_ids": [1] * 51, "password": 12345678},
        {
            "department_ids": ["The department ids field must not have more than 50 items."],
            "password": ["The password field must be a string."],
        },
    ),
    (
        {"department_ids": [True], "is_active": "perhaps"},
        {
            "department_ids": ["The selected department ids is invalid."],
            "is_active": ["The is active field must be true or false."],
        },
    ),
)


@pytest.mark.clause("SQ-USER-invalid")
@pytest.mark.parametrize(("members", "errors"), REFUSED)
async def test_what_breaks_a_rule_is_refused_with_every_problem(
    head: Desk, members: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    assert await head.refused("PATCH", f"{USERS}/2", members) == errors


@pytest.mark.clause("SQ-USER-invalid")
async def test_a_login_is_given_once_on_the_whole_server(head: Desk) -> None:
    missing = await head.refused("POST", USERS, {})
    assert list(missing) == ["name", "login", "department_ids", "password"]
    for login in ("with blank", "with:colon"):
        errors = await head.refused("POST", USERS, new(login))
        assert errors == {"login": ["The login field format is invalid."]}
    # "other" is a login of another tenant.
    for login in ("KARI", "other"):
        for headers in ({}, {"Prefer": "dry-run"}):
            answer = await head.call("POST", USERS, new(login), headers=headers)
            assert told(answer)[1]["errors"] == {"login": ["The login has already been taken."]}


@pytest.mark.clause("SQ-USER-rights")
async def test_a_department_administrator_works_within_the_own_department(
    head: Desk, keeper: Desk, served: Served
) -> None:
    made = await make(keeper, "within", department_ids=[2], role="department_admin")
    path = f"{USERS}/{made['id']}"
    assert (await keeper.call("PATCH", path, {"password": "within reach"})).status_code == 200
    assert await signs_in(served, "within", "within reach") == 200
    for members in ({"department_ids": [1]}, {"department_ids": [2, 1]}, {"role": "customer_admin"}):
        assert told(await keeper.call("PATCH", path, members)) == FORBIDDEN
        assert (
            told(await keeper.call("POST", USERS, new("beyond", department_ids=[2]) | members)) == FORBIDDEN
        )
    both = await make(head, "both", department_ids=[2, 1])
    above = await make(head, "above", department_ids=[2], role="customer_admin")
    for other in (both, above):
        answer = await keeper.call("PATCH", f"{USERS}/{other['id']}", {"password": "taken over"})
        assert told(answer) == FORBIDDEN
    me = (await keeper.get("/api/v1/me"))["data"]
    assert told(await keeper.call("PATCH", f"{USERS}/me", {"role": "customer_admin"})) == FORBIDDEN
    assert (await keeper.get("/api/v1/me"))["data"] == me


@pytest.mark.clause("SQ-USER-rights")
async def test_nobody_else_makes_or_changes_users(callers: dict[str, Caller]) -> None:
    for name in ("demo", "agent", "kari"):
        desk = Desk(callers[name])
        assert told(await desk.call("POST", USERS, new("never"))) == FORBIDDEN
        assert told(await desk.call("PATCH", f"{USERS}/me", {"password": "my own wish"})) == FORBIDDEN
    hidden = await Desk(callers["second"]).call("PATCH", f"{USERS}/3", {})
    assert hidden.status_code == 404


@pytest.mark.clause("SQ-USER-deactivate")
async def test_nobody_is_locked_out_who_is_needed(head: Desk) -> None:
    errors = await head.refused("PATCH", f"{USERS}/1", {"is_active": False})
    assert errors["is_active"][0].startswith("The is active field cannot be changed for the default user of ")
    me = (await head.get("/api/v1/me"))["data"]["id"]
    errors = await head.refused("PATCH", f"{USERS}/{me}", {"is_active": False})
    assert errors == {"is_active": ["The is active field cannot be changed by oneself."]}
    errors = await head.refused("PATCH", f"{USERS}/{me}", {"password": "programs have a secret"})
    assert errors == {"password": ["The password field is prohibited."]}


async def test_a_dry_run_and_a_key_are_kept(head: Desk, served: Served) -> None:
    before = (await head.get(USERS))["meta"]["total"]
    dry = await head.call("POST", USERS, new("dry"), headers={"Prefer": "dry-run"})
    assert (dry.status_code, dry.headers["Preference-Applied"]) == (200, "dry-run")
    assert await signs_in(served, "dry", "dry-password") == 401
    key = {"Idempotency-Key": "user-1"}
    one, two = [await head.call("POST", USERS, new("once"), headers=key) for _ in range(2)]
    assert (one.status_code, two.status_code, two.json()) == (201, 201, one.json())
    assert two.headers["Idempotent-Replayed"] == "true"
    other = await head.call("POST", USERS, new("once", password="another password"), headers=key)
    assert other.status_code == 422
    assert list(other.json()["errors"]) == ["Idempotency-Key"]
    assert (await head.get(USERS))["meta"]["total"] == before + 1
    assert await signs_in(served, "once", "once-password") == 200


@pytest.mark.clause("SQ-USER-own-password")
async def test_anybody_changes_their_own_password_by_showing_it(head: Desk, served: Served) -> None:
    await make(head, "owner", role="agent")
    auth = {"headers": served.basic("owner", "owner-password")}
    cookie, token = await session_of(served, "owner", "owner-password")

    async def change(**members: Any) -> httpx.Response:
        return await served.client.patch("/api/v1/me", json=members, **auth)

    new = "quite another one"
    for body, wrong in (
        ({"password": new}, "current_password"),
        ({"current_password": "guessed it", "password": new}, "current_password"),
        ({"current_password": "owner-password", "password": "short"}, "password"),
    ):
        answer = await change(**body)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [wrong])
    body = {"current_password": "owner-password", "password": new}
    dry = await served.client.patch("/api/v1/me", json=body, headers=auth["headers"] | {"Prefer": "dry-run"})
    assert (dry.status_code, dry.headers["Preference-Applied"]) == (200, "dry-run")
    assert await signs_in(served, "owner", "owner-password") == 200
    changed = await change(**body)
    assert changed.status_code == 200, changed.text
    assert changed.json()["data"]["password_set_at"] is not None
    assert new not in changed.text
    assert await signs_in(served, "owner", "owner-password") == 401
    assert await signs_in(served, "owner", new) == 200
    ended = await served.client.get("/api/v1/me", headers={"Cookie": cookie, "X-XSRF-TOKEN": token})
    assert ended.status_code == 401
    # Once done it cannot be done again, so no key promises it: the password that it showed is another's.
    again = {"current_password": new, "password": "yet another one"}
    keyed = served.basic("owner", new) | {"Idempotency-Key": "mine"}
    for password, status in ((new, 200), ("yet another one", 422)):
        keyed |= served.basic("owner", password)
        assert (await served.client.patch("/api/v1/me", json=again, headers=keyed)).status_code == status
    program = await served.client.patch("/api/v1/me", json=body, headers=served.bearer)
    assert told(program) == FORBIDDEN


async def session_of(served: Served, name: str, password: str) -> tuple[str, str]:
    answer = await served.client.post("/login", json={"username": name, "password": password})
    assert answer.status_code in (200, 204), answer.text
    cookies = dict(answer.cookies)
    served.client.cookies.clear()
    return "; ".join(f"{key}={value}" for key, value in cookies.items()), cookies["XSRF-TOKEN"]
