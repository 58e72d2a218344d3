"""The documents name files that exist: what holds a line of security.md is really there."""

import re
from pathlib import Path

import pytest

from backend.cli.openapi import document

ROOT = Path(__file__).parents[2]
FOLDERS = r"backend|tests|docs|deploy|frontend|supabase|evals|benchmarks|\.ci"
PATH = re.compile(
    rf"`((?:{FOLDERS})/[^`\s]+|SECURITY\.md|Makefile|Dockerfile|uv\.lock|\.importlinter)`"
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)")
DOCUMENTS = sorted(
    p for p in (ROOT / "docs").rglob("*.md") if "adr" not in p.parts and "guides" not in p.parts
)


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_path_and_link_leads_somewhere(file: Path) -> None:
    text = file.read_text()
    missing = [name for name in PATH.findall(text) if not (ROOT / name).exists()]
    missing += [name for name in LINK.findall(text) if not (file.parent / name).exists()]
    assert missing == []


def test_every_endpoint_that_is_named_exists() -> None:
    known = {
        (method.upper(), re.sub(r"{\w+}", "{}", path))
        for path, operations in document()["paths"].items()
        for method in operations
    }
    named = {
        (method, re.sub(r"{\w+}", "{}", path))
        for file in DOCUMENTS
        for method, path in re.findall(
            r"`(GET|POST|PUT|PATCH|DELETE) (/api/v1/[\w/{}-]+)`", file.read_text()
        )
    }
    assert named
    assert named - known == set()


def test_every_line_of_the_lists_is_answered() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    lines = re.findall(r"^\| ((?:API|LLM|V)\d+) .*\| .* \| (\w.*) \|$", text, re.MULTILINE)
    wanted = [f"API{n}" for n in range(1, 11)]
    wanted += [f"LLM{n:02}" for n in range(1, 11)] + [f"V{n}" for n in range(1, 18)]
    assert [line for line, _ in lines] == wanted
    states = {re.split(r"[;:, ]", state)[0] for _, state in lines}
    assert states <= {"Held", "Partly", "Operator", "None", "Not"}
