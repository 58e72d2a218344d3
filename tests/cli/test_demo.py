"""`raptorflow demo`: a founder's way over real HTTP, on a stack of its own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.skills.figures import figures
from tests.cli.running import raptorflow, servers_of
from tests.founders import PAGES, pdf
from tests.local.holders import temporary_folder

PRICES = """---
title: Tidewater Tiles, price list
layout: page
---

| Tile | Price |
| --- | --- |
| Sample box | Rs 600 |
| Hexagon, per box | Rs 1,850 |
| Terrazzo, per box | Rs 2,400 |
"""
GOAL = "Ten new builders this month"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with temporary_folder() as path:
        yield path


@pytest.fixture(scope="module")
def walked(folder: Path) -> dict[str, Any]:
    """What the demo printed for a PDF of two pages and a price list in Markdown."""
    (folder / "tiles.pdf").write_bytes(pdf())
    (folder / "prices.md").write_text(PRICES)
    evidence = ("--evidence", "tiles.pdf", "--evidence", "prices.md")
    done = raptorflow(folder, "demo", "--json", "--goal", GOAL, *evidence)
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def tasks(walked: dict[str, Any]) -> list[dict[str, Any]]:
    return [task for day in walked["move"]["execution"] for task in day["tasks"]]


def test_it_prints_one_object_with_everything(walked: dict[str, Any]) -> None:
    assert {
        "workspace", "foundation", "facts", "icps", "move", "assets", "usage", "steps", "seconds"
    } <= walked.keys()  # fmt: skip
    assert walked["usage"]["cost_usd"] == 0
    assert all(step["status"] == 200 for step in walked["steps"])


def test_every_fact_names_the_passage_it_stands_on(walked: dict[str, Any]) -> None:
    texts = "\n".join([PRICES, *(line for page in PAGES for line in page)])
    assert len(walked["facts"]) >= 6
    for fact in walked["facts"]:
        assert fact["quote"] in texts
        assert fact["end"] - fact["start"] == len(fact["quote"])


def test_seven_days_of_two_to_eight_tasks(walked: dict[str, Any]) -> None:
    days = walked["move"]["execution"]
    assert [day["day"] for day in days] == list(range(1, 8))
    assert all(2 <= len(day["tasks"]) <= 8 for day in days)
    assert walked["move"]["status"] == "active"
    assert walked["move"]["tasks"][0]["status"] == "completed"


def test_no_figure_that_the_documents_do_not_give(walked: dict[str, Any]) -> None:
    pages = [line for page in PAGES for line in page]
    given = {f.value for text in (PRICES, GOAL, *pages) for f in figures(text)}
    for task in tasks(walked):
        text = f"{task['title']} {task['description']}"
        digits = {f.value for f in figures(text) if any(c.isdigit() for c in f.text)}
        assert digits <= given, text


def test_the_plan_speaks_of_this_company(walked: dict[str, Any]) -> None:
    assert walked["foundation"]["company_name"] == "Tidewater Tiles"
    text = json.dumps(tasks(walked))
    assert "Tidewater Tiles" in text
    assert "Sample box" in text


def test_documents_that_say_nothing_end_with_the_step_and_the_reason(folder: Path) -> None:
    (folder / "empty.md").write_text("---\nlayout: page\n---\n\nTo be written.\n")
    done = raptorflow(folder, "demo", "--evidence", "empty.md")
    assert done.returncode == 1
    assert "Step 23: Synthesis: The documents say nothing yet" in done.stderr + done.stdout


def test_nothing_of_it_is_left(folder: Path, walked: dict[str, Any]) -> None:
    assert servers_of(folder) == []
    assert sorted(path.name for path in folder.iterdir()) == ["empty.md", "prices.md", "tiles.pdf"]
