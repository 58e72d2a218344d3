"""What holds for every route: health, CORS, limits, errors, the specification's list of routes."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from httpx import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse

from backend.core.auth import get_current_user, get_identity
from backend.core.config import Settings
from backend.core.security_headers import SecurityHeadersMiddleware
from tests.people import Person
from tests.problems import problem

PUBLIC = {
    ("GET", "/health"): "liveness, as specified",
    ("GET", "/live"): "liveness",
    ("GET", "/ready"): "readiness",
    ("GET", "/metrics"): "has a token of its own",
    ("GET", "/api/v1/exports/calendars/{token}.ics"): "the address is the secret",
    ("POST", "/api/v1/auth/webhook"): "signed or with a shared secret",
    ("GET", "/api/v1/billing/plans"): "a price list",
    ("POST", "/api/v1/webhooks/phonepe"): "signed by the gateway",
}


def depends_on(dependant: Any, call: Any) -> bool:
    return any(d.call is call or depends_on(d, call) for d in dependant.dependencies)


def test_every_route_demands_a_user_or_is_on_the_list(app: FastAPI) -> None:
    api_routes = [
        r for r in iter_route_contexts(app.routes) if isinstance(r.original_route, APIRoute)
    ]
    assert len(api_routes) > 30
    open_routes = {
        (method, route.path)
        for route in api_routes
        for method in route.methods
        if not depends_on(route.dependant, get_current_user)
        and not depends_on(route.dependant, get_identity)
    }
    assert open_routes == set(PUBLIC)


async def test_operation_ids_are_short_and_unique(http: AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    ids = [op["operationId"] for path in document["paths"].values() for op in path.values()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z_]{3,40}", id) for id in ids)
    assert document["openapi"].startswith("3.1")
    assert (document["info"]["title"], document["info"]["version"]) == ("Raptorflow API", "6.0.0")


class TestHealth:
    async def test_as_specified(self, http: AsyncClient) -> None:
        answer = await http.get("/health")
        assert answer.json() == {"status": "healthy", "version": "6.0.0", "graph_ready": True}

    async def test_alive_and_ready(self, http: AsyncClient) -> None:
        assert (await http.get("/live")).json() == {"status": "alive"}
        ready = await http.get("/ready")
        assert ready.status_code == 200
        assert ready.json()["database"] == "ok"

    async def test_a_seller_who_is_not_registered_degrades_it(
        self, http: AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "company_name", "Sample Seller")
        body = (await http.get("/ready")).json()
        assert (body["status"], body["invoices"]) == ("degraded", "degraded")
        assert body["missing"] == ["COMPANY_ADDRESS", "COMPANY_GSTIN"]
        monkeypatch.setattr(settings, "company_address", "1 Sample Road")
        monkeypatch.setattr(settings, "company_gstin", "29AABCU9603R1ZJ")
        body = (await http.get("/ready")).json()
        assert (body["status"], body["invoices"], body["missing"]) == ("ok", "ok", [])

    async def test_a_bad_token_does_not_disturb_it(self, http: AsyncClient) -> None:
        answer = await http.get("/health", headers={"authorization": "Bearer nonsense"})
        assert answer.status_code == 200


class TestCors:
    ORIGIN = "https://app.raptorflow.com"

    async def test_preflight_needs_no_token(self, http: AsyncClient) -> None:
        answer = await http.options(
            "/api/v1/moves",
            headers={"origin": self.ORIGIN, "access-control-request-method": "POST"},
        )
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == self.ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"

    async def test_other_origins_get_nothing(self, http: AsyncClient) -> None:
        answer = await http.get("/health", headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in answer.headers

    async def test_errors_carry_it_too(self, http: AsyncClient) -> None:
        answer = await http.get("/api/v1/moves", headers={"origin": self.ORIGIN})
        problem(answer, 401, "token_missing")
        assert answer.headers["access-control-allow-origin"] == self.ORIGIN

    async def test_even_bugs_do(
        self, app: FastAPI, owner: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def broken(*_: Any, **__: Any) -> None:
            raise ZeroDivisionError("secret detail")

        monkeypatch.setattr("backend.domain.foundation.get", broken)
        answer = await owner.get("/foundation", headers={"origin": self.ORIGIN})
        body = problem(answer, 500, "internal_error")
        assert body["detail"] == "Internal server error"
        assert "secret detail" not in answer.text
        assert answer.headers["access-control-allow-origin"] == self.ORIGIN


class TestErrors:
    async def test_the_document_promises_problems(self, http: AsyncClient, owner: Person) -> None:
        document = (await http.get("/openapi.json")).json()
        assert "HTTPValidationError" not in document["components"]["schemas"]
        answer = problem(await owner.post("/moves", json={}), 422, "validation_failed")
        for operations in document["paths"].values():
            for operation in operations.values():
                content = operation["responses"]["default"]["content"]
                schema = content["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}
        assert set(answer) == set(document["components"]["schemas"]["Problem"]["properties"])

    async def test_unknown_route(self, http: AsyncClient) -> None:
        problem(await http.get("/api/v1/unicorns"), 404, "route_not_found")

    async def test_wrong_method(self, owner: Person) -> None:
        answer = await owner.request("PATCH", "/moves")
        problem(answer, 405, "method_not_allowed")
        assert "GET" in answer.headers["allow"]

    async def test_body_over_the_limit_by_its_length(self, owner: Person) -> None:
        answer = await owner.post("/moves", json={"goal": "x" * (1024 * 1024 + 1)})
        problem(answer, 413, "payload_too_large")

    async def test_body_over_the_limit_as_it_arrives(self, owner: Person) -> None:
        async def chunks() -> Any:
            for _ in range(40):
                yield b"x" * 65536

        headers = {"content-type": "application/json"}
        answer = await owner.post("/moves", content=chunks(), headers=headers)
        problem(answer, 413, "payload_too_large")

    async def test_a_request_id_is_taken_over_if_it_is_harmless(self, http: AsyncClient) -> None:
        kept = await http.get("/live", headers={"x-request-id": "abc-12345"})
        assert kept.headers["x-request-id"] == "abc-12345"
        made = await http.get("/live", headers={"x-request-id": 'x"; drop'})
        assert re.fullmatch(r"[0-9a-f]{32}", made.headers["x-request-id"])


class TestSecurityHeaders:
    async def test_data_runs_nothing_is_framed_nowhere_and_kept_by_nobody(
        self, http: AsyncClient, owner: Person
    ) -> None:
        for answer in (await owner.get("/api/v1/moves"), await http.get("/api/v1/no-such")):
            said = answer.headers
            assert said["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert said["x-content-type-options"] == "nosniff"
            assert (said["referrer-policy"], said["cache-control"]) == ("no-referrer", "no-store")
            assert "strict-transport-security" not in said  # not on one's own machine

    async def test_the_documentation_may_fetch_its_scripts_and_nothing_else(
        self, http: AsyncClient
    ) -> None:
        for path in ("/docs", "/redoc"):
            answer = await http.get(path)
            policy = answer.headers["content-security-policy"]
            fetched = set(re.findall(r'(?:src|href)="(https://[^/"]+)', answer.text))
            assert fetched
            assert all(host in policy for host in fetched), fetched

    async def test_production_insists_on_https(self) -> None:
        app = SecurityHeadersMiddleware(PlainTextResponse("."), https_only=True)
        async with AsyncClient(transport=ASGITransport(app), base_url="https://api") as client:
            answer = await client.get("/")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
