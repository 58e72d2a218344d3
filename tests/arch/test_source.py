"""What imports cannot say: rules about the source itself, each with the few places that may differ."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BACKEND = ROOT / "backend"

BROAD_EXCEPT_ALLOWED = {
    "backend/core/middleware.py": "the one place that answers 500",
    "backend/cognitive/engine.py": "the job loop: a run always ends, with the error in its row",
    "backend/payments/rounds.py": "a payment that cannot be settled must not keep others from it",
}
ENVIRONMENT_ALLOWED = {
    "backend/local/processes.py": "children get the environment of their parent",
}
SERVICE_DOOR_ALLOWED = {
    "backend/core/database.py",
    "backend/core/startup.py",
    "backend/domain/vital_signs.py",
    "backend/domain/workspaces.py",
    "backend/api/v1/auth.py",
    "backend/services/api_keys.py",
    "backend/services/audit.py",
    "backend/services/belongings.py",
    "backend/services/idempotency.py",
    "backend/services/mail.py",
    "backend/services/webhooks.py",
    "backend/services/jobs.py",
    "backend/services/llm.py",
    "backend/services/run_desk.py",
    "backend/services/tool_calls.py",
    "backend/services/usage_tracker.py",
    "backend/services/vault.py",
    "backend/cognitive/engine.py",
    "backend/payments/gst_service.py",
    "backend/payments/checkout.py",
    "backend/payments/inbox.py",
    "backend/payments/mandates.py",
    "backend/payments/refunding.py",
    "backend/payments/returns.py",
    "backend/payments/tending.py",
    "backend/payments/rounds.py",
    "backend/payments/settlement.py",
    "backend/payments/subscribing.py",
    "backend/worker.py",
}
FORBIDDEN_NAMES = ("manager", "helper", "util", "common", "misc", "_v2", "_new")
NAME_ALLOWED = {"backend/services/cache_manager.py"}
MAX_LINES = 400


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(BACKEND.rglob("*.py")):
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def calls(tree: ast.AST, attribute: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == attribute
        ):
            yield node


def is_broad(handler: ast.ExceptHandler) -> bool:
    kind = handler.type
    names = [kind] if isinstance(kind, ast.Name) else getattr(kind, "elts", [])
    return kind is None or any(
        isinstance(name, ast.Name) and name.id in ("Exception", "BaseException") for name in names
    )


def reraises(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None


def test_no_broad_except() -> None:
    broad = [
        f"{name}:{node.lineno}"
        for name, tree in sources()
        if name not in BROAD_EXCEPT_ALLOWED
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and is_broad(node) and not reraises(node)
    ]
    assert broad == []


def test_environment_is_read_in_one_place() -> None:
    readers = [
        f"{name}:{node.lineno}"
        for name, tree in sources()
        if name not in ENVIRONMENT_ALLOWED
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]
    assert readers == []


def test_service_door_has_few_users() -> None:
    users = {
        name
        for name, tree in sources()
        for door in ("service", "service_trip")
        for call in calls(tree, door)
        if call.args or call.keywords
    }
    assert users <= SERVICE_DOOR_ALLOWED


def test_data_goes_through_the_doors() -> None:
    found = [f"{n}:{c.lineno}" for n, tree in sources() for c in calls(tree, "table") if c.args]
    assert found == [], "rows are read over Postgres, not over the Supabase client's .table()"


def test_files_are_named_by_what_they_hold() -> None:
    bad = [
        name
        for name, _ in sources()
        if name not in NAME_ALLOWED and any(part in Path(name).stem for part in FORBIDDEN_NAMES)
    ]
    assert bad == []


def test_no_stubs() -> None:
    found = []
    for name, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = [b for b in node.body if not isinstance(b, ast.Expr)]
                if len(body) == 1 and isinstance(body[0], ast.Pass):
                    found.append(f"{name}:{node.lineno}")
            if isinstance(node, ast.Name) and node.id == "NotImplementedError":
                found.append(f"{name}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX"])
def test_nothing_is_left_for_later(word: str) -> None:
    found = [str(p.relative_to(ROOT)) for p in BACKEND.rglob("*.py") if word in p.read_text()]
    assert found == []


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in BACKEND.rglob("*.py")
        if (count := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert long == {}
