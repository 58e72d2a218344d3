"""Pages of the site that are made from their one home: settings, and the API as its document has it."""

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
HEAD = """# Settings

Made from `.env.example`, which a test compares with the code. Each is a variable of the environment or a line
of `.env`; what is empty is off, embedded, or has the default that is shown. A wrong one is named at start.

| Setting | Default | What it is |
|---|---|---|
"""
DOCUMENT = ROOT / ".tooling" / "openapi.json"
"""Written by `make docs` from the API as it is."""
REFERENCE = """# Every request of the API

Made from the OpenAPI 3.1 document of this version, [openapi.json](openapi.json): feed it to a generator of
clients, or read it with fields and examples at `/docs` of a running API. What all requests share (signing
in, paging, idempotency, errors, streams) is in [Build on the API](guides/api.md).
"""
METHODS = ("get", "post", "put", "patch", "delete")


def on_files(files: Any, config: Any) -> Any:
    """Called by mkdocs."""
    from mkdocs.structure.files import File  # here, so that a test reads the rest without mkdocs

    document = DOCUMENT.read_text()
    files.append(File.generated(config, "settings.md", content=settings()))
    files.append(File.generated(config, "openapi.json", content=document))
    files.append(File.generated(config, "reference.md", content=reference(json.loads(document))))
    return files


def settings() -> str:
    """A row for each setting; settings under one comment share it."""
    rows, comment, used = [], [], False
    for line in (ROOT / ".env.example").read_text().splitlines():
        if not line:
            comment = []
        elif line.startswith("# "):
            comment, used = ([] if used else comment) + [line[2:]], False
        elif found := re.fullmatch(r"([A-Z][A-Z0-9_]+)=(.*)", line):
            text = " ".join(comment).replace("|", "\\|").replace("<", "&lt;")
            rows.append(f"| `{found[1]}` | {f'`{found[2]}`' if found[2] else ''} | {text} |")
            used = True
    return HEAD + "\n".join(rows) + "\n"


def reference(document: dict[str, Any]) -> str:
    """A table of requests for each tag, in the document's order of tags."""
    found = [
        (about.get("tags", ["Other"])[0], method.upper(), path, about)
        for path, methods in document["paths"].items()
        for method, about in methods.items()
        if method in METHODS
    ]
    order = list(dict.fromkeys(tag for tag, *_ in found))
    found.sort(key=lambda row: order.index(row[0]))
    parts = [REFERENCE]
    for tag, rows in groupby(found, key=lambda row: row[0]):
        parts += ["", f"## {tag}", "", "| Request | What it does |", "|---|---|"]
        parts += [f"| `{method} {path}` | {_first(about)} |" for _, method, path, about in rows]
    return "\n".join(parts) + "\n"


def _first(about: dict[str, Any]) -> str:
    """The first paragraph of what is said of a request, safe in a table."""
    said = (about.get("description") or about.get("summary") or "").split("\n\n")[0]
    return " ".join(said.split()).replace("|", "\\|").replace("<", "&lt;")
