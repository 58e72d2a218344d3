"""The documents name files that exist: what holds a line of security.md is really there."""

import re
import runpy
from pathlib import Path

import pytest

from backend.cli.openapi import document
from backend.core.config import Settings

ROOT = Path(__file__).parents[2]
FOLDERS = r"backend|tests|docs|deploy|frontend|supabase|evals|benchmarks|\.ci"
PATH = re.compile(
    rf"`((?:{FOLDERS})/[^`\s]+|SECURITY\.md|Makefile|Dockerfile|uv\.lock|\.importlinter)`"
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)")
GENERATED = {"settings.md", "reference.md", "openapi.json"}
"""Pages that the site's build makes."""
DOCUMENTS = sorted(
    p for p in (ROOT / "docs").rglob("*.md") if "adr" not in p.parts and "guides" not in p.parts
)


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_path_and_link_leads_somewhere(file: Path) -> None:
    text = file.read_text()
    missing = [name for name in PATH.findall(text) if not (ROOT / name).exists()]
    missing += [
        name
        for name in LINK.findall(text)
        if name not in GENERATED and not (file.parent / name).exists()
    ]
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


def test_the_page_of_settings_has_each_with_its_sentence() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|.*\| (.*) \|$",
        runpy.run_path(str(ROOT / ".ci" / "docs_pages.py"))["settings"](),
        re.MULTILINE,
    )
    assert {name.lower() for name, _ in rows} == set(Settings.model_fields)
    assert [name for name, sentence in rows if len(sentence) < 20] == []


def test_the_deployment_guide_names_settings_that_exist() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text()
    named = set(re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`", text))
    others = {"UPSTASH_REDIS_URL"}  # another name for REDIS_URL
    assert named
    assert {name for name in named if name.lower() not in Settings.model_fields} <= others


def test_every_line_of_the_lists_is_answered() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    lines = re.findall(r"^\| ((?:API|LLM|V)\d+) .*\| .* \| (\w.*) \|$", text, re.MULTILINE)
    wanted = [f"API{n}" for n in range(1, 11)]
    wanted += [f"LLM{n:02}" for n in range(1, 11)] + [f"V{n}" for n in range(1, 18)]
    assert [line for line, _ in lines] == wanted
    states = {re.split(r"[;:, ]", state)[0] for _, state in lines}
    assert states <= {"Held", "Partly", "Operator", "None", "Not"}
