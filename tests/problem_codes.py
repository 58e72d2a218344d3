"""Every `code` of a problem, read from the source; `python -m tests.problem_codes` writes docs/errors.md.

A code stands in a call of one of the classes of `core/errors.py`, or of a function that passes its `code`
parameter on to one.
"""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import backend.domain
from backend.core import errors
from backend.core.records import TABLES

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "errors.md"
HEAD = """# Problem codes

Every error is `application/problem+json` (RFC 9457). `code` is what clients branch on: it never changes its
meaning. `detail` is a sentence for people and may change; `…` stands for what depends on the case.
`make contract` writes this list from the source, and a test compares the two.

| code | status | detail |
|---|---|---|
"""
BY_STATUS = {
    "route_not_found": (404, "Not Found"),
    "method_not_allowed": (405, "Method Not Allowed"),
    "validation_failed": (422, "…: … (each place is in `errors`)"),
}
"""What the framework itself refuses."""

Known = dict[str, set[tuple[int, str]]]


def all_codes() -> Known:
    """By code, the statuses and sentences it comes with."""
    known: Known = {code: {what} for code, what in BY_STATUS.items()}
    modules = [ast.parse(path.read_text()) for path in sorted((ROOT / "backend").rglob("*.py"))]
    classes = _classes(modules)
    for module in modules:
        _collect(module, classes, known)
    for status, code, detail in classes.values():
        known.setdefault(code, {(status, detail)})
    for module in pkgutil.iter_modules(backend.domain.__path__):
        importlib.import_module(f"backend.domain.{module.name}")
    for name, table in TABLES.items():
        known.setdefault(f"{name}_not_found", set()).add((404, f"{table.noun} not found"))
    return known


def _classes(modules: list[ast.Module]) -> dict[str, tuple[int, str, str]]:
    """Error classes by name: status, default code, default detail."""
    known = {"AppError": (500, errors.AppError.default_code, errors.AppError.default_detail)}
    found = True
    while found:
        found = False
        for node in (n for module in modules for n in ast.walk(module)):
            if not isinstance(node, ast.ClassDef) or node.name in known:
                continue
            base = next((_name(b) for b in node.bases if _name(b) in known), None)
            if base is None:
                continue
            own = {
                _name(s.targets[0]): ast.literal_eval(s.value)
                for s in node.body
                if isinstance(s, ast.Assign) and isinstance(s.value, ast.Constant)
            }
            status, code, detail = known[base]
            known[node.name] = (
                own.get("status", status),
                own.get("default_code", code),
                own.get("default_detail", detail),
            )
            found = True
    return known


def _collect(module: ast.Module, classes: dict[str, tuple[int, str, str]], known: Known) -> None:
    passing = _passing(module, classes)
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        if name in classes:
            status, default, detail = classes[name]
            given = _argument(node, "code", None)
            codes = _texts(given) if given else [default]
        elif name in passing:
            place, status, detail = passing[name]
            codes = _texts(_argument(node, "code", place))
        else:
            continue
        said = next((t for a in node.args for t in _texts(a) if " " in t), detail)
        for code in codes:
            if "…" not in code:
                known.setdefault(code, set()).add((status, said))


def _passing(
    module: ast.Module, classes: dict[str, tuple[int, str, str]]
) -> dict[str, tuple[int, int, str]]:
    """Functions with a parameter `code`: its place, and the class they raise."""
    found = {}
    for node in ast.walk(module):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        names = [a.arg for a in node.args.args]
        inside = [_name(c.func) for c in ast.walk(node) if isinstance(c, ast.Call)]
        raised = [name for name in inside if name in classes]
        if "code" in names and raised:
            found[node.name] = (names.index("code"), *classes[raised[-1]][::2])
    return found


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _argument(call: ast.Call, name: str, place: int | None) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[place] if place is not None and len(call.args) > place else None


def _texts(node: ast.expr | None) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(p.value if isinstance(p, ast.Constant) else "…" for p in node.values)]
    return []


def _rows() -> Iterator[str]:
    for code, said in sorted(all_codes().items()):
        statuses = ", ".join(str(status) for status in sorted({status for status, _ in said}))
        details = " / ".join(sorted({detail for _, detail in said})).replace("|", "\\|")
        yield f"| `{code}` | {statuses} | {details} |"


def document() -> str:
    return HEAD + "\n".join(_rows()) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document())
