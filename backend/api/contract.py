"""What the OpenAPI document says beyond the types of the endpoints: who may call, headers, problems."""

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from backend.api import examples, links, versions
from backend.api.deps import transaction
from backend.api.errors import Problem
from backend.core.auth import get_current_user, get_identity

Schema = dict[str, Any]

SECURITY: Schema = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token of a signed-in user, or an API key (`rf_…`) with the scope it needs.",
    }
}
IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    "description": "Act once for this key: for 24 hours a repeated request gets the first one's answer.",
}
IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The `ETag` of the version this is meant for; 412 when it has changed since.",
}
ETAG: Schema = {"schema": {"type": "string"}, "description": "The version, for `If-Match`."}

LIMITS: Schema = {
    "RateLimit": {
        "schema": {"type": "string", "examples": ['"api";r=59;t=60']},
        "description": "What is left (`r`) of the policy, and for how many seconds (`t`).",
    },
    "RateLimit-Policy": {
        "schema": {"type": "string", "examples": ['"api";q=60;w=60']},
        "description": "So many requests (`q`) in so many seconds (`w`).",
    },
}


def describe(app: FastAPI) -> None:
    """Complete the document of this application."""
    plain: Callable[[], Schema] = app.openapi

    def openapi() -> Schema:
        if app.openapi_schema is None:
            document = plain()
            components = document.setdefault("components", {})
            components["securitySchemes"] = SECURITY
            components["headers"] = LIMITS
            components["schemas"]["Problem"] = Problem.model_json_schema()
            for route, operation in _operations(app, document):
                _complete(route, operation)
            _without_defaults(document)
            links.add(document)
            examples.add(document)
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]


def _operations(app: FastAPI, document: Schema) -> Iterator[tuple[APIRoute, Schema]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and context.path in document["paths"]:
            for method in route.methods or ():
                operation = document["paths"][context.path].get(method.lower())
                if operation:
                    operation["x-method"] = method
                    yield route, operation


def _complete(route: APIRoute, operation: Schema) -> None:
    method = operation.pop("x-method")
    parameters = operation.setdefault("parameters", [])
    if _asks(route.dependant, get_current_user) or _asks(route.dependant, get_identity):
        operation["security"] = [{"bearer": []}]
        if method == "POST":
            parameters.append(IDEMPOTENCY_KEY)
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                answer.setdefault("headers", {}).update(
                    {name: {"$ref": f"#/components/headers/{name}"} for name in LIMITS}
                )
    if method != "GET" and versions.subject(route) and _asks(route.dependant, transaction):
        parameters.append(IF_MATCH)
    if versions.envelope(route.response_model):
        operation["responses"]["200"].setdefault("headers", {})["ETag"] = ETAG
    if not parameters:
        del operation["parameters"]
    for answer in operation["responses"].values():
        _plain_first(answer.get("content", {}))


def _without_defaults(document: Schema) -> None:
    """A PUT changes only what is sent: a default there would have clients send it and reset what is there."""
    schemas: Schema = document["components"]["schemas"]
    for methods in document["paths"].values():
        body = methods.get("put", {}).get("requestBody", {}).get("content", {})
        reference = body.get("application/json", {}).get("schema", {}).get("$ref", "")
        for part in schemas.get(reference.rpartition("/")[2], {}).get("properties", {}).values():
            part.pop("default", None)


def _plain_first(content: Schema) -> None:
    """The answer that is given unless another was asked for: generators of clients take the first."""
    rest = {kind: content.pop(kind) for kind in list(content) if kind != "application/json"}
    content.update(rest)


def _asks(dependant: Any, call: Any) -> bool:
    return any(d.call is call or _asks(d, call) for d in dependant.dependencies)
