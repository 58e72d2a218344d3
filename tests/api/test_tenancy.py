"""Another tenant's ids, through every route there is: 404, as if they did not exist, and nothing happens.

The routes come from the OpenAPI document. A new one with a path parameter or an id in its body that is not
known here fails the suite.
"""

import itertools
import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fastapi import FastAPI
from httpx import Response

from backend.agents.wishes import WISHES
from backend.core.config import Settings
from backend.core.database import Database
from backend.domain.approvals import content_hash
from tests.api.documented import Operation, example, operations, places, resolved
from tests.api.test_moves import make_started
from tests.conftest import TestSupabase
from tests.people import Person
from tests.problems import problem
from tests.sales import refunded

FILES = {"noun", "format", "token"}
"""Path parameters of exports: they name no row but what is asked for, or are a secret (test_exports)."""
OPERATIONS = [operation for operation in operations() if set(operation.ids) - FILES]
NOT_IDS = {"step": "6", "version": "1", "template_id": "short-x-post"}
"""Path parameters that name no row: a step that may be written by hand and left out, not reached here."""

BODIES: dict[str, Any] = {
    "PUT /onboarding/{session_id}/steps/{step}": {},
    "POST /muse/templates/{template_id}/fill": {"values": {"fact": "Tea.", "so_what": "Ask."}},
}
"""Bodies whose schema hangs on the address."""

IDS_IN_BODIES = {
    ("POST /moves", "target_icp_id"),
    ("PUT /moves/{move_id}", "target_icp_id"),
    ("POST /moves", "campaign_id"),
    ("PUT /moves/{move_id}", "campaign_id"),
    ("POST /moves/generate", "target_icp_id"),
    ("POST /campaigns", "target_icp_id"),
    ("PUT /campaigns/{campaign_id}", "target_icp_id"),
    ("POST /campaigns/generate", "target_icp_id"),
    ("POST /agents/execute", "session_id"),
    ("POST /agents/execute/stream", "session_id"),
    ("POST /agents/runs", "session_id"),
    ("POST /feedback", "output_id"),
    ("POST /exports/calendar-links/bulk-delete", "0"),
    ("POST /daily-wins/feeds/bulk-delete", "0"),
    ("POST /moves/bulk-delete", "0"),  # test_items_and_lists
    ("POST /icps/bulk-delete", "0"),
    ("POST /muse/assets/bulk-delete", "0"),
    *itertools.product(
        (
            "POST /muse/generate",
            "PUT /muse/assets/{asset_id}",
            "POST /muse/templates/{template_id}/fill",
            "muse",
        ),
        ("icp_id", "move_id", "campaign_id"),
    ),
    ("muse", "asset_id"),
    ("muse", "task_id"),
    ("blackbox", "icp_id"),
    ("POST /blackbox/generate", "icp_id"),
    ("POST /blackbox/strategies/bulk-delete", "0"),
    ("POST /campaigns/bulk-delete", "0"),
    ("campaigns", "target_icp_id"),
    ("POST /api-keys/bulk-delete", "0"),
    ("POST /webhook-endpoints/bulk-delete", "0"),
    ("moves", "target_icp_id"),
    ("onboarding", "session_id"),
}
"""All of them are tried below; those of `request_data` under the request type."""

SNAPSHOT = """
select table_name from information_schema.columns
where table_schema = 'public' and column_name = 'workspace_id' order by table_name
"""


@dataclass(frozen=True)
class Tenant:
    """A person with one of everything; `ids` by the name of the path parameter."""

    person: Person
    ids: dict[str, str]

    def rows(self) -> dict[str, list[str]]:
        """Everything the database holds of this workspace."""
        with self.person.sql() as sql:
            tables = [name for (name,) in sql.execute(SNAPSHOT)]
            return {name: self._rows_of(sql, name) for name in tables}

    def _rows_of(self, sql: psycopg.Connection, table: str) -> list[str]:
        statement = f"select t::text from public.{table} t where workspace_id = %s order by 1"
        return [row for (row,) in sql.execute(statement.encode(), (self.person.workspace_id,))]


async def furnish(person: Person, database: Database) -> Tenant:
    icp = (await person.post("/icps", json={"name": "Shops"})).json()["icp"]
    move = await make_started(person)
    task = (await person.get(f"/moves/{move['id']}/tasks")).json()["tasks"][0]
    campaign = (await person.post("/campaigns", json={"name": "Diwali"})).json()["campaign"]
    session = (await person.get("/onboarding/session")).json()["session"]
    note = await refunded(database, person)
    return Tenant(
        person,
        {
            "icp_id": icp["id"],
            "move_id": move["id"],
            "campaign_id": campaign["id"],
            "task_id": task["id"],
            "session_id": session["id"],
            "evidence_id": _evidence(person, session["id"]),
            "invoice_id": str(note.invoice_id),
            "credit_note_id": str(note.id),
            "payment_id": str(note.payment_id),
            "asset_id": _asset(person),
            "strategy_id": _strategy(person),
            "win_id": _win(person),
            "feed_id": _feed(person),
            **_held(person),
            "memory_id": _episode(person),
            **_opened(person),
        },
    )


def _feed(person: Person) -> str:
    with person.sql() as sql:
        row = sql.execute(
            "insert into public.win_feeds (workspace_id, url, title)"
            " values (%s, 'https://example.com/feed?' || gen_random_uuid(), 'News') returning id",
            (person.workspace_id,),
        ).fetchone()
    assert row is not None
    return str(row[0])


def _episode(person: Person) -> str:
    with person.sql() as sql:
        row = sql.execute(
            "insert into public.episodic_memory (workspace_id, episode_type, content)"
            " values (%s, 'preference', '{\"text\": \"Short lines\"}') returning id",
            (person.workspace_id,),
        ).fetchone()
    assert row is not None
    return str(row[0])


def _opened(person: Person) -> dict[str, str]:
    """A key, an endpoint that listens, and something it was sent."""
    with person.sql() as sql:
        row = sql.execute(
            "with key as (insert into public.api_keys (workspace_id, user_id, name, hint, key_hash,"
            " scopes) values (%(ws)s, %(user)s, 'CRM', 'rf_', %(hash)s, '{moves:read}') returning id),"
            " endpoint as (insert into public.webhook_endpoints (workspace_id, url, events, secret)"
            " values (%(ws)s, 'http://127.0.0.1:1/', '{none.happened}', 'whsec_AAAA') returning id),"
            " sent as (insert into public.webhook_deliveries (workspace_id, endpoint_id, message_id,"
            " event, payload, status) select %(ws)s, id, id, 'none.happened', '{}', 'failed'"
            " from endpoint returning id),"
            " link as (insert into public.calendar_links (workspace_id, user_id, name, token_hash)"
            " values (%(ws)s, %(user)s, 'Phone', %(hash)s) returning id)"
            " select key.id, endpoint.id, sent.id, link.id from key, endpoint, sent, link",
            {"ws": person.workspace_id, "user": person.id, "hash": uuid4().hex},
        ).fetchone()
    assert row is not None
    return {
        "api_key_id": str(row[0]),
        "endpoint_id": str(row[1]),
        "delivery_id": str(row[2]),
        "calendar_link_id": str(row[3]),
    }


def _held(person: Person) -> dict[str, str]:
    """A run that waits for a verdict, and its gate."""
    content = {"type": "ad_copy", "content": "Fresh tea."}
    with person.sql() as sql:
        row = sql.execute(
            "with run as (insert into public.agent_executions (workspace_id, user_id, session_id,"
            " request_type, request_data, status, output)"
            " values (%(ws)s, %(user)s, gen_random_uuid(), 'muse', '{}', 'waiting_approval', %(content)s)"
            " returning id), told as (insert into public.run_events (run_id, seq, workspace_id, type)"
            " select id, 1, %(ws)s, 'approval' from run)"
            " insert into public.approval_gates (workspace_id, run_id, gate_type, pending_output,"
            " content_hash) select %(ws)s, id, 'content', %(content)s, %(hash)s from run"
            " returning run_id, id",
            {
                "ws": person.workspace_id,
                "user": person.id,
                "content": json.dumps(content),
                "hash": content_hash(content),
            },
        ).fetchone()
    assert row is not None
    return {"run_id": str(row[0]), "gate_id": str(row[1])}


def _asset(person: Person) -> str:
    with person.sql() as sql:
        row = sql.execute(
            "with asset as (insert into public.muse_assets (workspace_id, title, type, content)"
            " values (%(ws)s, 'Tea', 'social', 'We sell tea.') returning id)"
            " insert into public.muse_versions (workspace_id, asset_id, version, reason, title, content)"
            " select %(ws)s, id, 1, 'generated', 'Tea', 'We sell tea.' from asset returning asset_id",
            {"ws": person.workspace_id},
        ).fetchone()
    assert row is not None
    return str(row[0])


def _strategy(person: Person) -> str:
    with person.sql() as sql:
        row = sql.execute(
            "insert into public.blackbox_strategies (workspace_id, name, focus_area, risk_level)"
            " values (%s, 'Give tea away', 'virality', 4) returning id",
            (person.workspace_id,),
        ).fetchone()
    assert row is not None
    return str(row[0])


def _win(person: Person) -> str:
    with person.sql() as sql:
        row = sql.execute(
            "insert into public.daily_wins (workspace_id, topic, hook, won_on)"
            " values (%s, 'Tea', 'Is it five yet?', current_date) returning id",
            (person.workspace_id,),
        ).fetchone()
    assert row is not None
    return str(row[0])


def _evidence(person: Person, session_id: str) -> str:
    with person.sql() as sql:
        row = sql.execute(
            "insert into public.evidence_items (workspace_id, session_id, source_type, source_name,"
            " text, processing_status) values (%s, %s, 'file', 'a.md', 'We sell tea.', 'completed')"
            " returning id",
            (person.workspace_id, session_id),
        ).fetchone()
    assert row is not None
    return str(row[0])


@pytest.fixture
async def tenant(owner: Person, app: FastAPI) -> Tenant:
    return await furnish(owner, app.state.database)


@pytest.fixture
async def intruder(stranger: Person, app: FastAPI) -> Tenant:
    return await furnish(stranger, app.state.database)


@pytest.fixture(autouse=True)
def no_waiting(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no worker here; what is admitted by a control is not waited for."""
    monkeypatch.setattr(settings, "run_wait_seconds", 0.0001)


async def call(person: Person, operation: Operation, ids: dict[str, str]) -> Response:
    """A request that is right in everything but, perhaps, whose ids it names."""
    path = operation.path.format(**ids, **NOT_IDS)
    if operation.media_type == "multipart/form-data":
        return await person.request(
            operation.method, path, files={"file": ("b.md", b"We sell jam.")}
        )
    if operation.body is None:
        return await person.request(operation.method, path)
    given: dict[str, Any] = {"url": "http://127.0.0.1:1/", "target_icp_id": None, "corrections": []}
    given["campaign_id"] = None
    given.update(content_hash=None, modifications=None, resolutions=[], market=None)
    given.update(icp_id=None, move_id=None, campaign_id=None, posted_url="https://example.com/")
    body = BODIES.get(str(operation), example(operation.body, given))
    return await person.request(operation.method, path, json=body)


def test_every_route_with_ids_is_known(app: FastAPI) -> None:
    in_the_app = {
        str(operation) for operation in operations(app.openapi()) if set(operation.ids) - FILES
    }
    assert in_the_app == {str(operation) for operation in OPERATIONS}
    assert len(in_the_app) >= 18


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
async def test_ids_of_another_tenant(
    tenant: Tenant, intruder: Tenant, supabase: TestSupabase, operation: Operation
) -> None:
    """Alone, and mixed with the caller's own; told apart from ids of nothing by no word of the answer."""
    names = [name for name in operation.ids if name not in NOT_IDS]
    before = tenant.rows(), intruder.rows()
    for whose in itertools.product((tenant, intruder), repeat=len(names)):
        if tenant not in whose:
            continue
        ids = {name: at.ids[name] for name, at in zip(names, whose, strict=True)}
        nothing = {name: intruder.ids[name] if at is intruder else str(uuid4())
                   for name, at in zip(names, whose, strict=True)}  # fmt: skip
        answer = await call(intruder.person, operation, ids)
        absent = await call(intruder.person, operation, nothing)
        body = problem(answer, 404, absent.json()["code"])
        assert body["detail"] == absent.json()["detail"]
    assert (tenant.rows(), intruder.rows()) == before
    assert supabase.objects_of(tenant.person) == supabase.objects_of(intruder.person) == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
async def test_the_owner_is_let_in(tenant: Tenant, operation: Operation) -> None:
    """Without this control the test above could pass for a wrong reason.

    What is missing behind a row that was found (no file, no run yet) is told in other words than a row.
    """
    names = [name for name in operation.ids if name not in NOT_IDS]
    absent = await call(tenant.person, operation, {name: str(uuid4()) for name in names})
    answer = await call(tenant.person, operation, {name: tenant.ids[name] for name in names})
    unreachable = answer.status_code == 422 and answer.json()["code"] == "url_unreachable"
    assert answer.status_code not in (401, 403, 405, 422) or unreachable, answer.text
    assert answer.status_code != 404 or answer.json()["code"] != absent.json()["code"], answer.text
    assert b"internal_error" not in answer.content


def test_every_id_in_a_body_is_known() -> None:
    found = {
        (str(operation), str(at[-1]))
        for operation in operations()
        if operation.json_body
        for at, schema in places(operation.json_body)
        if schema.get("format") == "uuid"
    }
    for request_type, wish in WISHES.items():
        schema = wish.request.model_json_schema()
        for at, part in places(resolved(schema, schema)):
            if part.get("format") == "uuid":
                found.add((request_type, str(at[-1])))
    assert found == IDS_IN_BODIES


class TestIdsInBodies:
    async def refused(
        self, tenant: Tenant, intruder: Tenant, method: str, path: str, body: dict[str, Any]
    ) -> dict[str, Any]:
        before = tenant.rows(), intruder.rows()
        answer = await intruder.person.request(method, path, json=body)
        assert answer.status_code == 404, answer.text
        assert (tenant.rows(), intruder.rows()) == before
        return problem(answer, 404, answer.json()["code"])

    async def test_a_new_move(self, tenant: Tenant, intruder: Tenant) -> None:
        body = {"category": "rally", "goal": "x", "target_icp_id": tenant.ids["icp_id"]}
        refusal = await self.refused(tenant, intruder, "POST", "/moves", body)
        assert refusal["code"] == "reference_not_found"

    async def test_a_changed_move(self, tenant: Tenant, intruder: Tenant) -> None:
        path = f"/moves/{intruder.ids['move_id']}"
        body = {"name": "Theirs", "target_icp_id": tenant.ids["icp_id"]}
        refusal = await self.refused(tenant, intruder, "PUT", path, body)
        assert refusal["code"] == "reference_not_found"

    async def test_a_strategy(self, tenant: Tenant, intruder: Tenant) -> None:
        body = {"icp_id": tenant.ids["icp_id"]}
        refusal = await self.refused(tenant, intruder, "POST", "/blackbox/generate", body)
        assert refusal["code"] == "icp_not_found"

    @pytest.mark.parametrize("field", ["icp_id", "move_id", "campaign_id"])
    async def test_copy(self, tenant: Tenant, intruder: Tenant, field: str) -> None:
        body = {"content_type": "social", "topic": "Fresh tea", field: tenant.ids[field]}
        refusal = await self.refused(tenant, intruder, "POST", "/muse/generate", body)
        assert refusal["code"] == f"{field.removesuffix('_id')}_not_found"
        changes = {"title": "Theirs", field: tenant.ids[field]}
        path = f"/muse/assets/{intruder.ids['asset_id']}"
        refusal = await self.refused(tenant, intruder, "PUT", path, changes)
        assert refusal["code"] == "reference_not_found"
        filled = {"values": {"fact": "Tea.", "so_what": "Ask."}, field: tenant.ids[field]}
        path = "/muse/templates/short-x-post/fill"
        refusal = await self.refused(tenant, intruder, "POST", path, filled)
        assert refusal["code"] == "reference_not_found"

    async def test_a_move_of_their_campaign(self, tenant: Tenant, intruder: Tenant) -> None:
        body = {"campaign_id": tenant.ids["campaign_id"]}
        path = f"/moves/{intruder.ids['move_id']}"
        await self.refused(tenant, intruder, "PUT", path, body)
        new = {"category": "rally", "goal": "x", **body}
        refusal = await self.refused(tenant, intruder, "POST", "/moves", new)
        assert refusal["code"] == "reference_not_found"

    async def test_a_generated_move(self, tenant: Tenant, intruder: Tenant) -> None:
        body = {"goal": "Sell more tea", "target_icp_id": tenant.ids["icp_id"]}
        await self.refused(tenant, intruder, "POST", "/moves/generate", body)

    @pytest.mark.parametrize("made", ["POST /campaigns", "POST /campaigns/generate", "PUT"])
    async def test_a_campaign(self, tenant: Tenant, intruder: Tenant, made: str) -> None:
        method, _, path = made.partition(" ")
        path = path or f"/campaigns/{intruder.ids['campaign_id']}"
        body = {"name": "Theirs", "target_icp_id": tenant.ids["icp_id"]}
        if path.endswith("generate"):
            del body["name"]
        refusal = await self.refused(tenant, intruder, method, path, body)
        assert refusal["code"] in ("reference_not_found", "icp_not_found")

    @pytest.mark.parametrize("path", ["/agents/execute", "/agents/execute/stream"])
    @pytest.mark.parametrize(
        ("request_type", "field", "whose", "code"),
        [
            ("moves", "target_icp_id", "icp_id", "icp_not_found"),
            ("campaigns", "target_icp_id", "icp_id", "icp_not_found"),
            ("onboarding", "session_id", "session_id", "session_not_found"),
            ("muse", "asset_id", "asset_id", "asset_not_found"),
            ("blackbox", "icp_id", "icp_id", "icp_not_found"),
            ("muse", "icp_id", "icp_id", "icp_not_found"),
            ("muse", "move_id", "move_id", "move_not_found"),
            ("muse", "campaign_id", "campaign_id", "campaign_not_found"),
            ("muse", "task_id", "task_id", "task_not_found"),
        ],
    )
    async def test_a_run(
        self,
        tenant: Tenant,
        intruder: Tenant,
        path: str,
        request_type: str,
        field: str,
        whose: str,
        code: str,
    ) -> None:
        rest = {
            "moves": {"goal": "Sell more tea"},
            "muse": {"content_type": "social", "topic": "Fresh tea", "how": "shorter"}
            if field == "asset_id"
            else {"content_type": "social", "topic": "Fresh tea"},
            "onboarding": {"step": 1},
            "blackbox": {"outcome": "More tea drinkers"},
            "campaigns": {"goal": "Sell more tea"},
        }[request_type]
        if field == "task_id":
            rest["move_id"] = intruder.ids["move_id"]
        body = {"request_type": request_type, "request_data": {**rest, field: tenant.ids[whose]}}
        refusal = await self.refused(tenant, intruder, "POST", path, body)
        assert refusal["code"] == code

    async def test_a_conversation_of_the_same_name_is_another(
        self, tenant: Tenant, intruder: Tenant
    ) -> None:
        """`session_id` beside the request only names a conversation: it neither joins nor delays theirs."""
        body = {
            "request_type": "moves",
            "request_data": {"goal": "Sell more tea"},
            "session_id": tenant.ids["session_id"],
        }
        for person in (tenant.person, intruder.person):
            answer = await person.post("/agents/execute", json=body)
            assert answer.status_code == 200, answer.text
        with tenant.person.sql() as sql:
            runs = sql.execute(
                "select r.workspace_id, j.lock from public.agent_executions r"
                " join jobs.procrastinate_jobs j on j.args ->> 'run_id' = r.id::text"
                " where r.session_id = %s",
                (tenant.ids["session_id"],),
            ).fetchall()
        assert len({workspace for workspace, _ in runs}) == len({lock for _, lock in runs}) == 2
