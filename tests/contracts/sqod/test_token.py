"""POST /oauth2/token and the bearer tokens that open the contract (servers; securitySchemes.Cognito)."""

import base64
import json
from typing import Any

import jwt
import pytest

from appointed.app.addresses import error_body
from appointed.settings import Settings
from tests.contracts.served import Served
from tests.contracts.sqod import outside
from tests.contracts.sqod.caller import Caller, Hands

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

GRANT = {"grant_type": "client_credentials"}
PATH = "/oauth2/token"


def basic(pair: str, scheme: str = "Basic") -> dict[str, str]:
    return {"Authorization": f"{scheme} {base64.b64encode(pair.encode()).decode()}"}


async def ask(served: Served, path: str = PATH, **options: Any) -> dict[str, Any]:
    answer = await served.client.post(path, **options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    body = answer.json()
    assert (body.pop("expires_in"), body.pop("token_type")) == (3600, "Bearer")
    assert list(body) == ["access_token"]
    return body


# Ways to ask for a token: (headers, options of the request).
WAYS = {
    "form": (basic("demo:demo"), {"data": GRANT}),
    "JSON": (basic("demo:demo"), {"json": GRANT}),
    "JSON said to be a form": (
        basic("demo:demo") | {"Content-Type": "application/x-www-form-urlencoded"},
        {"content": b'{"grant_type": "client_credentials"}'},
    ),
    "lower case": (basic("demo:demo", "basic"), {"data": GRANT}),
    "upper case": (basic("demo:demo", "BASIC"), {"data": GRANT}),
    "in the form": ({}, {"data": GRANT | {"client_id": "demo", "client_secret": "demo"}}),
    "in the JSON": ({}, {"json": GRANT | {"client_id": "demo", "client_secret": "demo"}}),
    "with a scope": (basic("demo:demo"), {"data": GRANT | {"scope": "whatever/all"}}),
    "multipart": (basic("demo:demo"), {"files": {"grant_type": (None, "client_credentials")}}),
}


@pytest.mark.clause("SQ-TOKEN-form", "SQ-TOKEN-json", "SQ-TOKEN-answer", "SQ-TOKEN-scope", "SQ-ROUTE-token")
@pytest.mark.clause("SQ-SERVER-002")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.lenient("body")
async def test_a_client_gets_a_token_that_opens_the_contract(served: Served, way: str) -> None:
    headers, options = WAYS[way]
    token = (await ask(served, headers=headers, **options))["access_token"]
    assert (await Caller(served, f"Bearer {token}").call("GET")).status_code == 200


@pytest.mark.clause("SQ-TOKEN-query", "SQ-TOKEN-host")
@pytest.mark.clause("SQ-SERVER-002")
@pytest.mark.parametrize("host", ["auth.app.sqod.co.uk", "127.0.0.1:8000"])
async def test_tokens_are_issued_on_every_host_name_and_queries_are_ignored(
    served: Served, host: str
) -> None:
    headers = basic("demo:demo") | {"Host": host}
    await ask(served, f"{PATH}?clientid=demo&grant_type=other", headers=headers, data=GRANT)


@pytest.mark.clause("SQ-TOKEN-signed")
async def test_a_token_is_signed_with_a_published_key_and_says_when_it_ends(
    served: Served, clock: Hands
) -> None:
    token = (await ask(served, headers=basic("demo:demo"), data=GRANT))["access_token"]
    keys = (await served.client.get("/.well-known/jwks.json")).json()["keys"]
    head = jwt.get_unverified_header(token)
    assert head["alg"] == "RS256"
    (key,) = [key for key in keys if key["kid"] == head["kid"]]
    # When it is good is judged by the server's clock, which is not the machine's.
    unjudged = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(token, jwt.PyJWK(key).key, algorithms=["RS256"], options=unjudged)
    assert (claims["client_id"], claims["token_use"]) == ("demo", "access")
    assert (claims["iat"], claims["exp"] - claims["iat"]) == (int(clock().timestamp()), 3600)
    assert not {"d", "p", "q", "dp", "dq", "qi"} & key.keys()


# What is refused: (error, headers, options of the request).
REFUSED = {
    "no grant": ("invalid_request", basic("demo:demo"), {"data": {"scope": "x"}}),
    "nothing": ("invalid_request", basic("demo:demo"), {}),
    "half JSON": (
        "invalid_request",
        basic("demo:demo") | {"Content-Type": "application/json"},
        {"content": b'{"grant_type": '},
    ),
    "no object": ("invalid_request", basic("demo:demo"), {"json": ["grant_type"]}),
    "XML": (
        "invalid_request",
        basic("demo:demo") | {"Content-Type": "application/xml"},
        {"content": b"<grant_type/>"},
    ),
    "too large": ("invalid_request", basic("demo:demo"), {"data": GRANT | {"x": "x" * 2_097_152}}),
    "another grant": (
        "unsupported_grant_type",
        basic("demo:demo"),
        {"data": {"grant_type": "authorization_code"}},
    ),
    "a grant in capitals": (
        "unsupported_grant_type",
        basic("demo:demo"),
        {"data": {"grant_type": "CLIENT_CREDENTIALS"}},
    ),
    "a number": ("unsupported_grant_type", basic("demo:demo"), {"json": {"grant_type": 1}}),
    "wrong secret": ("invalid_client", basic("demo:other"), {"data": GRANT}),
    "unknown client": ("invalid_client", basic("unknown:demo"), {"data": GRANT}),
    "login of a user": ("invalid_client", basic("kari:kari"), {"data": GRANT}),
    "no client": ("invalid_client", {}, {"data": GRANT}),
    "no secret": ("invalid_client", {}, {"data": GRANT | {"client_id": "demo"}}),
    "a secret that is no text": (
        "invalid_client",
        {},
        {"json": GRANT | {"client_id": "demo", "client_secret": 1}},
    ),
    "not base64": ("invalid_client", {"Authorization": "Basic !!!"}, {"data": GRANT}),
    "not UTF-8": ("invalid_client", {"Authorization": "Basic /w=="}, {"data": GRANT}),
    "no colon": ("invalid_client", basic("demo"), {"data": GRANT}),
    "another scheme": ("invalid_client", {"Authorization": "Digest x"}, {"data": GRANT}),
    "a client without secret": ("invalid_client", basic(f"{outside.CLIENT}:"), {"data": GRANT}),
}


@pytest.mark.clause("SQ-TOKEN-errors")
@pytest.mark.usefixtures("callers")
@pytest.mark.parametrize("kind", REFUSED)
async def test_what_is_refused_is_named_as_the_standard_says(served: Served, kind: str) -> None:
    error, headers, options = REFUSED[kind]
    answer = await served.client.post(PATH, headers=headers, **options)
    assert answer.status_code == 400, answer.text
    assert answer.json() == {"error": error}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.clause("SQ-TOKEN-errors")
@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (429, "too_many_requests", "temporarily_unavailable"),
        (503, "store_busy", "temporarily_unavailable"),
        (500, "internal", "server_error"),
        (431, "headers_too_large", "invalid_request"),
    ],
)
async def test_what_fails_before_any_route_is_named_so_too(status: int, code: str, error: str) -> None:
    form, body = error_body(PATH, status, code, "", b"")
    assert (form, json.loads(body)) == ("application/json", {"error": error})


@pytest.mark.clause("SQ-TOKEN-post")
async def test_only_post_asks_for_a_token(served: Served) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        answer = await served.client.request(method, PATH, headers=basic("demo:demo"))
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert answer.json() == {"error": "invalid_request"}


@pytest.mark.clause("SQ-SECURITY-001", "SQ-PATCH-006", "SQ-CONV-001")
@pytest.mark.lenient
async def test_the_token_is_sent_as_a_bearer_token(caller: Caller) -> None:
    uid = await caller.new()
    token = caller.authorization.removeprefix("Bearer ")
    for scheme in ("Bearer", "bearer", "BEARER"):
        shown = Caller(caller.served, f"{scheme} {token}")
        assert (await shown.patch(uid, {"interpreter_language": scheme}))["interpreter_language"] == scheme


@pytest.mark.clause("SQ-TOKEN-unauthenticated", "SQ-ERROR-401")
@pytest.mark.clause("SQ-CONV-001", "SQ-CONV-013")
@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer nothing", "Basic ZGVtbzo=", "Token x"])
async def test_every_address_asks_for_a_token(caller: Caller, shown: str) -> None:
    uid = await caller.new()
    nobody = Caller(caller.served, shown)
    for method, path in (
        ("GET", ""),
        ("POST", ""),
        ("GET", f"/{uid}"),
        ("PATCH", f"/{uid}"),
        ("POST", f"/{uid}?_method=PATCH"),
        ("POST", f"/{uid}/cancel"),
    ):
        answer = await nobody.call(method, path)
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthenticated."})
        assert answer.headers["www-authenticate"] == "Bearer"


def own_token(served: Served, clock: Hands, **claims: Any) -> str:
    now = int(clock().timestamp())
    usual = {"iss": "urn:appointed", "sub": "demo", "client_id": "demo", "token_use": "access", "iat": now}
    return served.sign(usual | {"exp": now + 3600} | claims, {})


@pytest.mark.clause("SQ-CONV-014")
@pytest.mark.parametrize(("left", "status"), [(1, 200), (-59, 200), (-60, 401), (-3600, 401)])
async def test_an_expired_token_is_refused_after_a_minutes_grace(
    served: Served, clock: Hands, left: int, status: int
) -> None:
    token = own_token(served, clock, exp=clock().replace(microsecond=0).timestamp() + left)
    answer = await Caller(served, f"Bearer {token}").call("GET")
    assert answer.status_code == status
    if status == 401:
        assert answer.json() == {"message": "Unauthenticated."}


async def test_a_token_expires_while_it_is_in_use(served: Served, clock: Hands) -> None:
    token = own_token(served, clock, exp=clock().timestamp() + 1)
    holder = Caller(served, f"Bearer {token}")
    assert (await holder.call("GET")).status_code == 200
    clock.move(seconds=62)
    assert (await holder.call("GET")).status_code == 401


class TestOutsideIssuer:
    @pytest.mark.usefixtures("callers")
    async def test_its_tokens_open_the_contract(self, served: Served, clock: Hands) -> None:
        token = outside.token(clock().timestamp())
        guest = Caller(served, f"Bearer {token}")
        made = await guest.made()
        assert made["department"]["id"] == 1
        assert (await guest.patch(made["id"], {"duration_in_minutes": 30}))["duration_in_minutes"] == 30

    @pytest.mark.usefixtures("callers")
    @pytest.mark.parametrize(
        "wrong",
        [
            {"key": outside.STRANGE_KEY},
            {"kid": "unknown"},
            {"iss": "https://issuer.example/other"},
            {"iss": outside.ISSUER + "/"},
            {"iss": None},
            {"iss": "urn:appointed"},
            {"client_id": "demo"},
            {"client_id": None},
            {"token_use": "id"},
            {"exp": 1},
            {"exp": None},
            {"nbf": 4_102_444_800},
        ],
        ids=lambda wrong: (
            "-".join(f"{name}={value}" for name, value in wrong.items() if name != "key") or "key"
        ),
    )
    async def test_no_other_does(self, served: Served, clock: Hands, wrong: dict[str, Any]) -> None:
        token = outside.token(clock().timestamp(), **wrong)
        answer = await Caller(served, f"Bearer {token}").call("GET")
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthenticated."})

    async def test_without_configuration_there_is_none(self) -> None:
        assert (Settings().token_issuer, Settings().token_clients) == ("", ())
