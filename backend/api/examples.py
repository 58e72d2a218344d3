"""Examples of the OpenAPI document, and the problems that each operation can answer.

What tests saw of an operation is kept in examples.json (`make examples`); what every operation of its kind
can answer follows from what it takes.
"""

import json
from pathlib import Path
from typing import Any

from backend.core.errors import Forbidden
from backend.core.problems import MEDIA_TYPE, phrase, problem_document
from backend.domain.api_keys import needed_scope

Schema = dict[str, Any]
Kind = dict[int, tuple[str, ...]]
"""Codes by status."""
RECORDED = Path(__file__).with_name("examples.json")
"""`problems`: by code and status a sentence. `operations`: by id an example, and codes by status."""
REQUEST_ID = "01930f5e8a547c3f9f431c8a2d5b7e60"

SIGNED_IN: Kind = {
    401: ("token_missing", "token_malformed", "token_invalid", "token_expired", "token_anonymous"),
    429: ("rate_limited",),
    503: ("auth_unavailable", "database_unavailable", "database_busy", "database_timeout"),
}
WITH_A_KEY: Kind = {401: ("key_invalid", "key_expired", "key_revoked"), 403: ("scope_missing",)}
WITHOUT_A_KEY: Kind = {403: ("key_not_accepted",)}
TAKES_A_PARAMETER: Kind = {422: ("validation_failed",)}
TAKES_JSON: Kind = {
    413: ("payload_too_large",),
    415: ("unsupported_media_type",),
    422: ("validation_failed", "json_invalid"),
}
TAKES_A_FORM: Kind = {413: ("payload_too_large",), 422: ("form_invalid",)}
REPEATED: Kind = {
    409: ("request_in_flight", "answer_not_kept"),
    422: ("idempotency_key_invalid", "idempotency_key_reused"),
}
VERSIONED: Kind = {412: ("precondition_failed",), 422: ("if_match_invalid",)}
PAGED: Kind = {422: ("cursor_invalid",)}

BY_PARAMETER = {"Idempotency-Key": REPEATED, "If-Match": VERSIONED, "cursor": PAGED}
BY_BODY = {"application/json": TAKES_JSON, "multipart/form-data": TAKES_A_FORM}


def add(document: Schema) -> None:
    """Put examples and problems into the finished document."""
    recorded = json.loads(RECORDED.read_text())
    told: dict[str, Schema] = recorded["operations"]
    refusals = _Refusals(document["components"], recorded["problems"])
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            own = told.get(operation["operationId"], {})
            problems = general(method.upper(), path, operation)
            for status, codes in own.get("problems", {}).items():
                problems.setdefault(int(status), set()).update(codes)
            for status, codes in sorted(problems.items()):
                operation["responses"].setdefault(str(status), refusals.reference(status, codes))
            if "example" in own:
                _show(operation, **own["example"])


def general(method: str, path: str, operation: Schema) -> dict[int, set[str]]:
    """By status the codes that follow from who may call and what is taken."""
    found: dict[int, set[str]] = {}
    for kind in _kinds(method, path, operation):
        for status, codes in kind.items():
            found.setdefault(status, set()).update(codes)
    return found


def _kinds(method: str, path: str, operation: Schema) -> list[Kind]:
    parameters = [parameter["name"] for parameter in operation.get("parameters", [])]
    kinds = [BY_PARAMETER[name] for name in parameters if name in BY_PARAMETER]
    kinds += [
        BY_BODY[kind]
        for kind in operation.get("requestBody", {}).get("content", {})
        if kind in BY_BODY
    ]
    if parameters:
        kinds.append(TAKES_A_PARAMETER)
    if "security" in operation:
        kinds += [SIGNED_IN, WITH_A_KEY if _lets_keys_in(method, path) else WITHOUT_A_KEY]
    return kinds


def _lets_keys_in(method: str, path: str) -> bool:
    try:
        needed_scope(method, path)
    except Forbidden:
        return False
    return True


class _Refusals:
    """Answers with problems, each kind of which stands once among the components."""

    def __init__(self, components: Schema, sentences: dict[str, dict[str, str]]) -> None:
        self._examples: Schema = components.setdefault("examples", {})
        self._responses: Schema = components.setdefault("responses", {})
        self._sentences = sentences
        self._names: dict[tuple[int, frozenset[str]], str] = {}

    def reference(self, status: int, codes: set[str]) -> Schema:
        kind = status, frozenset(codes)
        if kind not in self._names:
            name = phrase(status)
            number = 1 + sum(one == status for one, _ in self._names)
            self._names[kind] = component = f"{name.title().replace(' ', '')}{number}"
            content = {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {code: self._example(code, status) for code in sorted(codes)},
            }
            self._responses[component] = {"description": name, "content": {MEDIA_TYPE: content}}
        return {"$ref": f"#/components/responses/{self._names[kind]}"}

    def _example(self, code: str, status: int) -> Schema:
        said = self._sentences[code]
        name = code if min(said) == str(status) else f"{code}_{status}"
        value = problem_document(status, code, said[str(status)], REQUEST_ID)
        self._examples.setdefault(name, {"summary": value["detail"], "value": value})
        return {"$ref": f"#/components/examples/{name}"}


def _show(operation: Schema, status: str, answer: Any, request: Any = None) -> None:
    def seen(content: Schema, value: Any) -> None:
        content["application/json"]["examples"] = {"seen": {"value": value}}

    seen(operation["responses"][status]["content"], answer)
    if request is not None:
        seen(operation["requestBody"]["content"], request)
