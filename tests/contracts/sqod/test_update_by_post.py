"""POST with `_method=PATCH` (components.parameters.PatchMethod), and which place of the verb counts."""

from typing import Any

import pytest

from tests.contracts.sqod.caller import LEAST, Caller, data, parts

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

LATE = {"status": "late"}
PATCH = {"_method": "PATCH"}
OVERRIDE = {"X-HTTP-Method-Override": "PATCH"}


@pytest.mark.clause("SQ-ROUTE-post")
@pytest.mark.clause("SQ-METHOD-001", "SQ-METHOD-002", "SQ-METHOD-005")
async def test_multipart_with_the_verb_in_the_query(caller: Caller) -> None:
    made = await caller.made()
    form = parts(LATE | {"claimant[name]": "John Doe"})
    answer = data(await caller.call("POST", f"/{made['id']}", files=form, query="?_method=PATCH"))
    assert answer == made | LATE | {"claimant": made["claimant"] | {"name": "John Doe"}}


FORMS = {
    "multipart": lambda members: {"files": parts(members)},
    "urlencoded": lambda members: {"data": members},
    "json": lambda members: {"json": members},
}


async def posted(caller: Caller, uid: str, form: str, members: dict[str, str], **options: Any) -> Any:
    return await caller.call("POST", f"/{uid}", **FORMS[form](members), **options)


@pytest.mark.clause("SQ-VERB-case")
@pytest.mark.clause("SQ-METHOD-002")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("verb", ["PATCH", "patch", "Patch"])
@pytest.mark.lenient("query._method")
async def test_the_verb_stands_in_the_query_the_body_or_a_header(
    caller: Caller, form: str, verb: str
) -> None:
    for members, options in (
        (LATE, {"query": f"?_method={verb}"}),
        (LATE | {"_method": verb}, {}),
        (LATE, {"headers": {"X-HTTP-Method-Override": verb}}),
    ):
        made = await caller.made()
        answer = await posted(caller, made["id"], form, members, **options)
        assert data(answer) == made | LATE


# (verb in the header, in the body, in the query, is it a patch): the first of them that speaks counts.
ORDER = [
    ("PATCH", "PUT", "PUT", True),
    ("PATCH", None, "DELETE", True),
    ("PUT", "PATCH", "PATCH", False),
    ("", "PATCH", "PUT", True),
    (None, "PATCH", "PUT", True),
    (None, "PUT", "PATCH", False),
    (None, None, "PUT", False),
    (None, "POST", "PATCH", False),
]


@pytest.mark.clause("SQ-VERB-order")
@pytest.mark.clause("SQ-METHOD-005")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("header", "field", "query", "is_patch"), ORDER)
@pytest.mark.lenient("query._method")
async def test_the_header_comes_before_the_body_and_the_body_before_the_query(
    caller: Caller, form: str, header: str | None, field: str | None, query: str, is_patch: bool
) -> None:
    uid = await caller.new()
    answer = await posted(
        caller,
        uid,
        form,
        LATE | ({} if field is None else {"_method": field}),
        query=f"?_method={query}",
        headers={} if header is None else {"X-HTTP-Method-Override": header},
    )
    assert answer.status_code == (200 if is_patch else 405), answer.text
    assert (await caller.read(uid))["status"] == ("late" if is_patch else "scheduled")


@pytest.mark.clause("SQ-VERB-unknown")
@pytest.mark.clause("SQ-METHOD-005")
@pytest.mark.parametrize("verb", ["PUT", "DELETE", "POST", "FOO"])
async def test_any_other_verb_is_not_allowed(caller: Caller, verb: str) -> None:
    uid = await caller.new()
    body = await caller.refused(uid, LATE, 405, "method_not_allowed", "POST", query=f"?_method={verb}")
    told = f"The {verb} method is not supported for route api/v1/appointments/{uid}."
    assert body == {"message": f"{told} Supported methods: GET, HEAD, PATCH."}


@pytest.mark.clause("SQ-VERB-no-letters")
@pytest.mark.parametrize("verb", ["PA%20TCH", "P4TCH", "%00", "PATCH%0d"])
async def test_what_is_no_verb_is_a_bad_request(caller: Caller, verb: str) -> None:
    uid = await caller.new()
    await caller.refused(uid, LATE, 400, "invalid_request", "POST", query=f"?_method={verb}")


@pytest.mark.lenient("query._method")
async def test_a_verb_given_by_another_place_reads_as_that_verb(caller: Caller) -> None:
    uid = await caller.new()
    answer = await caller.call("POST", f"/{uid}", query="?_method=GET")
    assert data(answer)["id"] == uid


@pytest.mark.clause("SQ-METHOD-004")
async def test_without_one_a_post_is_not_allowed_and_a_patch_needs_none(caller: Caller) -> None:
    uid = await caller.new()
    await caller.refused(uid, LATE, 405, "method_not_allowed", "POST")
    assert (await caller.patch(uid, LATE))["status"] == "late"


@pytest.mark.clause("SQ-VERB-post-only")
@pytest.mark.clause("SQ-METHOD-003", "SQ-METHOD-004")
@pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
@pytest.mark.lenient("query._method")
async def test_only_a_post_stands_for_another_verb(caller: Caller, verb: str) -> None:
    made = await caller.made()
    query = f"?_method={verb}"
    assert data(await caller.call("GET", f"/{made['id']}", query=query)) == made
    assert data(await caller.call("GET", f"/{made['id']}", headers=OVERRIDE)) == made
    assert await caller.patch(made["id"], LATE | {"_method": verb}, query=query) == made | LATE
    assert (await caller.call("GET", query=query)).status_code == 200


@pytest.mark.clause("SQ-METHOD-003")
async def test_other_addresses_do_without(caller: Caller) -> None:
    made = data(await caller.call("POST", body=LEAST | PATCH, headers=OVERRIDE), 201)
    cancelled = await caller.call("POST", f"/{made['id']}/cancel", PATCH, query="?_method=PATCH")
    assert data(cancelled)["status"] == "cancelled"


async def test_an_empty_post_that_stands_for_patch_changes_nothing(caller: Caller) -> None:
    made = await caller.made()
    assert data(await caller.call("POST", f"/{made['id']}", query="?_method=PATCH")) == made
    assert len(await caller.history(made["id"])) == 1


@pytest.mark.clause("SQ-METHOD-002")
async def test_the_same_is_refused_as_by_patch(caller: Caller) -> None:
    uid = await caller.new()
    options: dict[str, Any] = {"method": "POST", "query": "?_method=PATCH"}
    by_post = await caller.refused(uid, {"duration_in_minutes": 0}, **options)
    assert by_post == await caller.refused(uid, {"duration_in_minutes": 0})
    stale = {"If-Match": '"7"'}
    await caller.refused(uid, LATE, 412, "precondition_failed", headers=stale, **options)


@pytest.mark.clause("SQ-VERB-member")
@pytest.mark.lenient("query._method")
async def test_all_three_at_once(caller: Caller) -> None:
    made = await caller.made()
    options = {"headers": OVERRIDE, "query": "?_method=patch"}
    assert data(await caller.call("POST", f"/{made['id']}", LATE | PATCH, **options)) == made | LATE
