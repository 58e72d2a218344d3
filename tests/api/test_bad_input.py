"""Bodies and queries that no client should send: each answer says what is wrong and where; nothing changes.

Bodies are made from the OpenAPI document, right in everything but one place; so each answer is about that
place, and a new endpoint is tried the day it is mounted.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any, get_args
from uuid import uuid4

import hypothesis
import pytest
from fastapi import FastAPI
from httpx import Response
from hypothesis import strategies as st

from backend.agents.wishes import WISHES
from backend.api.run_lines import RequestType
from tests.api.documented import Operation, Path, example, operations, places, replaced, resolved
from tests.api.test_tenancy import NOT_IDS, Tenant, furnish
from tests.people import Person
from tests.problems import assert_readable, problem
from tests.shop import DETAILS

JSON = {"content-type": "application/json"}
NOT_A_USERS = {"POST /auth/webhook", "POST /webhooks/phonepe"}
"""They take any JSON from their servers, and nothing without a secret (test_auth, test_webhooks)."""
WRITES = [
    operation
    for operation in operations()
    if operation.json_body and str(operation) not in NOT_A_USERS
]
HUGE = 10**400


@pytest.fixture
async def tenant(paying_owner: Person, app: FastAPI) -> Tenant:
    """Without a budget, because there is no worker here: a run that could be admitted answers 402."""
    with paying_owner.sql() as sql:
        sql.execute(
            "update public.users set budget_limit_monthly = 0 where id = %s", (paying_owner.id,)
        )
        sql.execute(
            "update public.onboarding_sessions set current_step = 4 where workspace_id = %s",
            (paying_owner.workspace_id,),
        )
    return await furnish(paying_owner, app.state.database)


def path_of(tenant: Tenant, operation: Operation) -> str:
    return operation.path.format(**tenant.ids, **{**NOT_IDS, "step": 4})


def right(tenant: Tenant, operation: Operation) -> Any:
    """A body that nothing is wrong with."""
    assert operation.json_body
    own = {
        "target_icp_id": tenant.ids["icp_id"],
        "campaign_id": tenant.ids["campaign_id"],
        "session_id": tenant.ids["session_id"],
        "icp_id": tenant.ids["icp_id"],
        "move_id": tenant.ids["move_id"],
        "posted_url": "https://example.com/",
        "url": "http://127.0.0.1:1/",
        "request_type": "moves",
        "request_data": {"goal": "Sell more tea"},
        "billing_details": {**DETAILS, "gstin": None, "country": "IN"},
    }
    if "template_id" in operation.ids:
        own["values"] = {"fact": "We sell tea.", "so_what": "Ask."}
    return example(operation.json_body, own)


async def send(tenant: Tenant, operation: Operation, body: Any) -> Response:
    """Bodies are written by hand: httpx refuses what we want to send."""
    return await tenant.person.request(
        operation.method, path_of(tenant, operation), content=_written(body), headers=JSON
    )


def _written(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def pointer(at: Path) -> str:
    return "/".join(map(str, ("body", *at)))


async def refused(tenant: Tenant, operation: Operation, body: Any, at: Path) -> dict[str, str]:
    """Check that the body is refused, and at this place first."""
    answer = await send(tenant, operation, body)
    document = problem(answer, 422, "validation_failed")
    first: dict[str, str] = document["errors"][0]
    assert f"{first['pointer']}/".startswith(f"{pointer(at)}/"), document
    assert document["detail"] == f"{first['pointer']}: {first['message']}"
    assert_readable(first["message"])
    return first


# --- JSON ---------------------------------------------------------------------------------------------

UNREADABLE: dict[str, tuple[bytes, str, str]] = {
    "broken": (b'{"name": ', "json_invalid", "body: The JSON is broken at character 9:"),
    "two values": (b"{} {}", "json_invalid", "body: The JSON is broken at character 3:"),
    "not UTF-8": (b'{"name": "\xff"}', "json_invalid", "The body is not UTF-8 text."),
    "bottomless": (b"[" * 200_000, "json_invalid", "The JSON is nested too deeply."),
    "endless number": (
        b'{"a": ' + b"9" * 5000 + b"}",
        "json_invalid",
        "The JSON holds a number with too many digits.",
    ),
    "a list": (b"[]", "validation_failed", "body: This must be an object."),
    "text": (b'"name"', "validation_failed", "body: This must be an object."),
}


BEHIND_THE_BODY = ("url_unreachable", "nothing_to_write")
"""Said of what a body points to; the body itself was taken."""


@pytest.mark.parametrize("operation", WRITES, ids=str)
class TestJson:
    async def test_a_right_body_is_taken(self, tenant: Tenant, operation: Operation) -> None:
        """The control: the bodies below differ from this one in one place."""
        answer = await send(tenant, operation, right(tenant, operation))
        refused = answer.status_code in (400, 415, 422, 500)
        assert not refused or answer.json()["code"] in BEHIND_THE_BODY, answer.text

    async def test_unreadable(self, tenant: Tenant, operation: Operation) -> None:
        before = tenant.rows()
        for content, code, detail in UNREADABLE.values():
            answer = await send(tenant, operation, content)
            assert problem(answer, 422, code)["detail"].startswith(detail)
        assert tenant.rows() == before

    async def test_another_content_type(self, tenant: Tenant, operation: Operation) -> None:
        body, path = _written(right(tenant, operation)), path_of(tenant, operation)
        for kind in ("text/plain", "application/x-www-form-urlencoded", None):
            headers = {"content-type": kind} if kind else {}
            answer = await tenant.person.request(
                operation.method, path, content=body, headers=headers
            )
            document = problem(answer, 415, "unsupported_media_type")
            assert document["detail"].startswith("Send application/json; ")

    async def test_unknown_fields(self, tenant: Tenant, operation: Operation) -> None:
        """In every object that has a shape of its own."""
        assert operation.json_body
        body = right(tenant, operation)
        for at, schema in places(operation.json_body):
            if "properties" in schema:
                spoiled = replaced(body, (*at, "surprise"), 1)
                first = await refused(tenant, operation, spoiled, (*at, "surprise"))
                assert first["message"] == "There is no such field."

    async def test_characters_that_cannot_be_kept(
        self, tenant: Tenant, operation: Operation
    ) -> None:
        """NUL and half a surrogate pair, in every text and in every document of free shape."""
        assert operation.json_body
        body, before = right(tenant, operation), tenant.rows()
        for at, schema in places(operation.json_body):
            for character in ("\0", "\ud800"):
                for bad in _with(schema, f"a{character}b"):
                    await refused(tenant, operation, replaced(body, at, bad), at)
        assert tenant.rows() == before

    async def test_numbers_out_of_bounds(self, tenant: Tenant, operation: Operation) -> None:
        assert operation.json_body
        body = right(tenant, operation)
        for at, schema in places(operation.json_body):
            if schema.get("type") == "integer":
                for bad in (HUGE, -HUGE, 1.5, "1e3"):
                    await refused(tenant, operation, replaced(body, at, bad), at)
            if _is_free(schema):
                for bad in (float("nan"), float("inf"), _deep(200)):
                    await refused(tenant, operation, replaced(body, at, {"key": bad}), at)

    async def test_values_of_another_kind(self, tenant: Tenant, operation: Operation) -> None:
        assert operation.json_body
        body = right(tenant, operation)
        for at, schema in places(operation.json_body):
            for bad in _of_another_kind(schema):
                answer = await send(tenant, operation, replaced(body, at, bad))
                document = problem(answer, 422, "validation_failed")
                assert document["errors"][0]["pointer"].startswith(pointer(at))

    async def test_nothing_where_something_should_be(
        self, tenant: Tenant, operation: Operation
    ) -> None:
        """Null is taken where the document says so, and refused at its place where it does not."""
        assert operation.json_body
        body = right(tenant, operation)
        for at, _ in places(operation.json_body):
            answer = await send(tenant, operation, replaced(body, at, None))
            if answer.status_code == 422 and answer.json()["code"] in BEHIND_THE_BODY:
                continue  # the body was taken, and what it asks for cannot be
            if answer.status_code == 422:
                assert "errors" in answer.json(), answer.text
                found = [error["pointer"] for error in answer.json()["errors"]]
                assert any(f"{place}/".startswith(f"{pointer(at)}/") for place in found)
            else:
                assert answer.status_code in (200, 402, 404, 409), answer.text


def _with(schema: dict[str, Any], text: str) -> Iterator[Any]:
    """Values of this schema that hold the text; addresses have a check, and a code, of their own."""
    constrained = {"enum", "const", "format"} & schema.keys() or schema.get("title") == "Url"
    if schema.get("type") == "string" and not constrained:
        yield text
    if _is_free(schema):
        yield from ({"key": [text]}, {text: 1})


def _is_free(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "object" and "properties" not in schema


def _deep(levels: int) -> Any:
    return json.loads("[" * levels + "]" * levels)


def _of_another_kind(schema: dict[str, Any]) -> list[Any]:
    by_type: dict[str, list[Any]] = {
        "string": [7, ["text"], {"a": 1}],
        "integer": ["many", [], {}],
        "number": ["many", [], {}],
        "boolean": ["perhaps", 2],
        "array": ["text", {}, 7],
        "object": ["text", [], 7],
    }
    return by_type[str(schema["type"])]


async def test_a_plan_that_is_taken_can_be_started(paying_owner: Person) -> None:
    """A plan becomes task rows only when the move starts; what cannot become one is refused before."""
    (update,) = (operation for operation in WRITES if str(operation) == "PUT /moves/{move_id}")
    assert update.json_body
    plan = example(update.json_body)["execution"]
    schema, started = update.json_body["properties"]["execution"], 0
    for at, _ in places(schema):
        for odd in (None, "", 0, [], {}):
            new = await paying_owner.post("/moves", json={"category": "rally", "goal": "x"})
            path = f"/moves/{new.json()['move']['id']}"
            taken = await paying_owner.put(path, json={"execution": replaced(plan, at, odd)})
            if taken.status_code == 200:
                answer = await paying_owner.post(f"{path}/start")
                assert answer.status_code == 200, (at, odd, answer.text)
                started += 1
    assert started > 10


class TestRequestData:
    """`request_data` of the agents has a shape for each request type."""

    @pytest.mark.parametrize("request_type", sorted(set(WISHES) & set(get_args(RequestType))))
    async def test_unknown_and_unkeepable(self, tenant: Tenant, request_type: str) -> None:
        (execute,) = (operation for operation in WRITES if operation.path == "/agents/execute")
        schema = WISHES[request_type].request.model_json_schema()
        schema = resolved(schema, schema)
        own = {"session_id": tenant.ids["session_id"], "target_icp_id": tenant.ids["icp_id"]}
        data = example(schema, own)
        for at, part in places(schema):
            if "properties" in part:
                spoiled = replaced(data, (*at, "surprise"), 1)
                body = {"request_type": request_type, "request_data": spoiled}
                await refused(tenant, execute, body, ("request_data", *at, "surprise"))
            for bad in _with(part, "a\0b"):
                spoiled = replaced(data, at, bad)
                body = {"request_type": request_type, "request_data": spoiled}
                await refused(tenant, execute, body, ("request_data",))


# --- anything at all ----------------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\0", "\ud800", "1970-01-01", "9999-12-31", HUGE, "javascript:x", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def spoiled_bodies(draw: st.DrawFn, operation: Operation, body: Any) -> Any:
    """A right body with anything in one to three places; now and then anything at all."""
    assert operation.json_body
    known = [at for at, _ in places(operation.json_body) if at]
    if not known or draw(st.integers(0, 9)) == 0:
        return draw(ANYTHING)
    for at in sorted(draw(st.lists(st.sampled_from(known), min_size=1, max_size=3)), reverse=True):
        try:
            body = replaced(body, at, draw(ANYTHING))
        except (TypeError, KeyError, IndexError):  # an outer place was replaced before
            continue
    return body


@pytest.mark.parametrize("operation", WRITES, ids=str)
class TestAnything:
    async def test_is_never_our_fault(self, tenant: Tenant, operation: Operation) -> None:
        body = right(tenant, operation)
        seen: list[int] = []

        @hypothesis.settings(
            max_examples=60,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(spoiled_bodies(operation, body))
        def collect(candidate: Any) -> None:
            bodies.append(candidate)

        bodies: list[Any] = []
        collect()
        for candidate in bodies:
            answer = await send(tenant, operation, candidate)
            seen.append(answer.status_code)
            assert answer.status_code < 500 or answer.status_code in (502, 503), candidate
            if answer.status_code >= 400:
                problem(answer, answer.status_code, answer.json()["code"])
        assert 422 in seen


@pytest.mark.parametrize(
    "path", ["/moves", "/icps", "/moves/{move_id}/tasks", "/muse/assets", "/blackbox/strategies"]
)
async def test_any_query_is_never_our_fault(tenant: Tenant, path: str) -> None:
    cursors = [f"{at}|{uuid4()}" for at in ("2026garbage", "2026-13-01", "infinity", "0001-01-01")]
    encoded = [base64.b64encode(cursor.encode()).decode() for cursor in cursors]
    values = ["0", "-1", str(HUGE), "1.5", "\0", "²", "2026-01-01", "nan", "", *encoded]
    for name in ("limit", "offset", "cursor", "status", "type", "day", "surprise"):
        for value in values:
            answer = await tenant.person.get(path.format(**tenant.ids), params={name: value})
            assert answer.status_code in (200, 422), (name, value)
            if answer.status_code == 422:
                problem(answer, 422, answer.json()["code"])
