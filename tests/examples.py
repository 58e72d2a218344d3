"""Examples and problems of the OpenAPI document, as tests saw them: recorded, kept as data, shown.

`make examples` runs tests of the API with RECORD_EXAMPLES set, and adds what they saw to
backend/api/examples.json. What is in the file stays as long as it is true: an example that no longer fits its
schema is taken anew, and a test finds it stale before that.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from backend.api.examples import RECORDED, general
from backend.cli import openapi
from tests.problem_codes import all_codes

Schema = dict[str, Any]
VARIABLE = "RECORD_EXAMPLES"
PROBLEM = "application/problem+json"
ODD = re.compile(
    r"test_(bad_\w+|injection|nonsense_models|tenancy|python_client|idempotency|every_list)\.py"
)
"""Tests whose requests nobody would take as an example; their problems count."""
MOST_BYTES, MOST_ROWS, MOST_TEXT = 6_000, 2, 300
HIDDEN = [
    (re.compile(r"\b(rf_|whsec_|eyJ)[A-Za-z0-9+/=_.-]{12,}"), r"\1…"),
    (re.compile(r"\b[0-9a-f]{32,}\b"), "5f2c…"),
    (re.compile(r"(?<=/)[A-Za-z0-9_-]{40,}(?=\.ics)"), "…"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "https://gateway.example.com"),
]
"""What looks like a secret, is as good as random, or differs from run to run."""


# --- what a call was about -------------------------------------------------------------------------------


@cache
def document() -> Schema:
    """Of the routers as they are, without what was recorded of them."""
    return openapi.document()


@cache
def _routes() -> list[tuple[re.Pattern[str], str, str]]:
    found = [
        (path, method.upper(), str(operation["operationId"]))
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]
    found.sort(key=lambda route: route[0].count("{"))  # what is spelled out goes first
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", p) + "/?"), m, o) for p, m, o in found]


def operation_of(request: httpx.Request) -> str | None:
    """The operationId that a request was for."""
    routes = (o for p, m, o in _routes() if m == request.method and p.fullmatch(request.url.path))
    return next(routes, None)


def said_of(operation: str) -> set[tuple[int, str]]:
    """Statuses and codes that the document names for an operation."""
    responses = document()["components"]["responses"]
    return {
        (int(status), code)
        for status, answer in _operations()[operation]["responses"].items()
        if "$ref" in answer
        for code in responses[answer["$ref"].rpartition("/")[2]]["content"][PROBLEM]["examples"]
    }


@cache
def _operations() -> dict[str, Schema]:
    return {
        operation["operationId"]: operation
        for methods in document()["paths"].values()
        for operation in methods.values()
    }


# --- recording -------------------------------------------------------------------------------------------


def recording() -> bool:
    return VARIABLE in os.environ


def recorder() -> Callable[[httpx.Response], Any] | None:
    """A response hook for the client of the tests; None unless recording was asked for."""
    folder = os.environ.get(VARIABLE)
    if folder is None:
        return None
    file = Path(folder) / f"{os.getpid()}.jsonl"

    async def record(answer: httpx.Response) -> None:
        operation = operation_of(answer.request)
        kind = answer.headers.get("content-type", "")
        if operation is None or kind not in ("application/json", PROBLEM):
            return
        await answer.aread()
        is_json = answer.request.headers.get("content-type") == "application/json"
        try:
            body = json.loads(await answer.request.aread()) if is_json else None
        except (ValueError, RecursionError, httpx.StreamError):
            body = None
        call = {
            "operation": operation,
            "status": answer.status_code,
            "test": os.environ.get("PYTEST_CURRENT_TEST", ""),
            "kind": kind,
            "sent": body,
            "said": answer.json(),
        }
        with file.open("a") as lines:
            lines.write(json.dumps(call) + "\n")

    return record


# --- what fits -------------------------------------------------------------------------------------------


def misfits(value: Any, schema: Schema, exact: bool = True) -> str | None:
    """Why a value is no example of a schema. `exact`: all its members are there, and no others."""
    whole = {**schema, "components": document()["components"]}
    error = next(iter(Draft202012Validator(whole).iter_errors(value)), None)
    if error is not None:
        return f"{error.json_path}: {error.message[:200]}"
    return next(_unlike(value, schema, "$"), None) if exact else None


def _unlike(value: Any, schema: Schema, at: str) -> Iterator[str]:
    schema = _resolved(schema)
    choices = [_resolved(choice) for choice in schema.get("anyOf", [])]
    if choices:
        tried = [list(_unlike(value, c, at)) for c in choices if misfits(value, c, False) is None]
        yield from min(tried, key=len, default=[])
    elif isinstance(value, dict) and "properties" in schema:
        members = schema["properties"]
        for name in sorted(members.keys() ^ value.keys()):
            yield f"{at}: `{name}` is {'missing' if name in members else 'no member any more'}"
        for name in members.keys() & value.keys():
            yield from _unlike(value[name], members[name], f"{at}.{name}")
    elif isinstance(value, list) and "items" in schema:
        for n, item in enumerate(value):
            yield from _unlike(item, schema["items"], f"{at}[{n}]")


def _resolved(schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    named: Schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return _resolved(named)


def answer_schema(operation: str, status: str) -> Schema | None:
    """The schema of an answer in JSON."""
    content = _operations()[operation]["responses"].get(status, {}).get("content", {})
    schema: Schema | None = content.get("application/json", {}).get("schema")
    return schema


def request_schema(operation: str) -> Schema | None:
    content = _operations()[operation].get("requestBody", {}).get("content", {})
    schema: Schema | None = content.get("application/json", {}).get("schema")
    return schema


# --- the file --------------------------------------------------------------------------------------------


def merged(known: Schema, calls: list[Schema]) -> Schema:
    """What was known and is true still, with what the calls add."""
    codes = all_codes()
    sentences = {
        code: {str(status): detail for status, detail in sorted(said, reverse=True)}
        for code, said in sorted(codes.items())
    }
    made: Schema = {}
    for path, methods in document()["paths"].items():
        for method, described in methods.items():
            operation = described["operationId"]
            old = known.get("operations", {}).get(operation, {})
            seen = [call for call in calls if call["operation"] == operation]
            problems = {
                (int(status), code)
                for status, said in old.get("problems", {}).items()
                for code in said
                if status in sentences.get(code, {})
            }
            for call in seen:
                code, status = call["said"].get("code"), str(call["status"])
                if call["kind"] == PROBLEM and status in sentences.get(code, {}) and status < "500":
                    problems.add((call["status"], code))
                    sentences[code][status] = _plain(call["said"]["detail"])
            entry: Schema = {}
            example = _kept(operation, old) or _best(operation, seen)
            if example:
                entry["example"] = example
            follows = general(method.upper(), path, described)
            for number, code in sorted(problems):
                if code not in follows.get(number, ()):
                    entry.setdefault("problems", {}).setdefault(str(number), []).append(code)
            if entry:
                made[operation] = entry
    for code, said in known.get(
        "problems", {}
    ).items():  # what was said before stays, for a quiet file
        for status in sentences.get(code, {}).keys() & said.keys():
            sentences[code][status] = said[status]
    return {"problems": sentences, "operations": made}


def _kept(operation: str, old: Schema) -> Schema | None:
    example: Schema | None = old.get("example")
    return example if example and stale(operation, example) is None else None


def stale(operation: str, example: Schema) -> str | None:
    """Why a kept example is not one any more."""
    schema = answer_schema(operation, example["status"])
    if schema is None:
        return f"{operation} does not answer {example['status']} in JSON"
    why = misfits(example["answer"], schema)
    asked = request_schema(operation)
    if why is None and "request" in example:
        why = misfits(example["request"], asked, exact=False) if asked else "it takes no body"
    elif why is None and asked and asked.get("required"):
        why = "it takes a body"
    return f"{operation}: {why}" if why else None


def _best(operation: str, calls: list[Schema]) -> Schema | None:
    """Of the good answers the fullest that is short enough."""
    made = []
    for call in calls:
        if call["kind"] == PROBLEM or call["status"] >= 300 or ODD.search(call["test"]):
            continue
        example: Schema = {"status": str(call["status"]), "answer": _plain(call["said"])}
        if call["sent"] is not None and request_schema(operation):
            example["request"] = _plain(call["sent"])
        text = json.dumps(example, ensure_ascii=False)
        if stale(operation, example) is None:
            bare = sum(value in (None, [], {}) for value in example["answer"].values())
            leaves = list(_leaves(example["answer"]))
            empty = sum(leaf in (None, "", [], {}) for leaf in leaves) / len(leaves)
            made.append((len(text) > MOST_BYTES, bare, empty, len(text), text, example))
    return min(made, key=lambda one: one[:5])[5] if made else None


def _leaves(value: Any) -> Iterator[Any]:
    """What is no object or list, or an empty one."""
    parts = list(value.values()) if isinstance(value, dict) else value
    if isinstance(value, dict | list) and parts:
        for part in parts:
            yield from _leaves(part)
    else:
        yield value


def _plain(value: Any) -> Any:
    """Lists and texts cut short, secrets taken out."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value[:MOST_ROWS]]
    if not isinstance(value, str):
        return value
    for pattern, instead in HIDDEN:
        value = pattern.sub(instead, value)
    return value if len(value) <= MOST_TEXT else value[: MOST_TEXT - 1] + "…"


def main(tests: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                *(tests or ["tests/api"]),
            ],
            env={**os.environ, VARIABLE: folder},
        )
        calls = [
            json.loads(line)
            for file in sorted(Path(folder).glob("*.jsonl"))
            for line in file.read_text().splitlines()
        ]
    known = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    made = merged(known, calls)
    RECORDED.write_text(json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    told = f"{len(calls)} calls seen; {len(made['operations'])} operations told of\n"
    sys.stdout.write(told)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
