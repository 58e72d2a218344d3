"""How plans of the playbook do: `make eval-plans` (or `python -m evals.plans [--show NAME] [--json]`).

Thirty companies by five categories, a week each at 90 minutes a day. Prints, and exits non-zero when short:

* floors and budgets: every day two to eight tasks within its minutes, follow-ups on later days
* unsourced: lines that fail the claim check, asked again from outside the composer
* sourced: share of tasks that cite a fact; at least 75%
* swap: share of a plan's titles that another company's plan of the same category has too, at most 20%
* own words: share of words inside the founder's quotations and slots, for information
"""

import argparse
import itertools
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args
from uuid import NAMESPACE_URL, uuid5

from backend.core import data_files
from backend.domain.facts import Evidence, Fact
from backend.skills.claims import Checker
from backend.skills.composers import assets, company, extraction, playbook
from backend.skills.composers.moves import MovePlanRequest, compose
from backend.skills.composers.playbook import Category
from backend.skills.figures import figures

TEXTS = Path(__file__).with_name("plans.yaml")
BRIEFS = Path(__file__).parents[1] / "tests" / "skills" / "briefs"
MINUTES = 90
LEAST_SOURCED, MOST_SHARED = 0.75, 0.20
GOALS: dict[Category, str] = {
    "ignite": "be known to more of the people who need this",
    "capture": "ten new orders this month",
    "authority": "be believed by careful buyers",
    "repair": "fewer complaints and fewer people lost",
    "rally": "more repeat orders and referrals",
}
SETTLES = {card.id for card in playbook.cards() if "conflict" in card.needs}
SHARED = {card.id for card in playbook.cards() if card.last}
"""The review stands in every plan by design; it counts in no comparison."""


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    facts: list[Fact]
    evidence: Evidence
    profile: dict[str, Any]


def companies() -> Iterator[Company]:
    """Those of `plans.yaml`, and those of the tests, all read by the extractor."""
    listed = data_files.read(TEXTS)
    listed += [data_files.read(path) for path in sorted(BRIEFS.glob("*.yaml"))]
    for entry in listed:
        evidence = Evidence(
            id=uuid5(NAMESPACE_URL, entry["name"]), name=entry["name"], text=entry["text"]
        )
        facts = extraction.extract([evidence]).facts
        profile = dict(company.profile(facts, [evidence]))
        profile["company_name"] = entry["name"]
        yield Company(entry["name"], list(facts), evidence, profile)


def plan(of: Company, category: Category) -> dict[str, Any]:
    request = MovePlanRequest(goal=GOALS[category], category=category, minutes_per_day=MINUTES)
    return compose(request, of.facts, of.profile, [of.evidence])


def crowded(made: dict[str, Any]) -> list[str]:
    """Days out of bounds, as sentences."""
    found = []
    for day in made["execution"]:
        minutes, tasks = day["total_minutes"], len(day["tasks"])
        if not 2 <= tasks <= 8 or minutes > MINUTES:
            found.append(f"day {day['day']}: {tasks} tasks, {minutes} minutes")
    return found


def unsourced(of: Company, made: dict[str, Any]) -> list[str]:
    """Lines of tasks that rest on nothing. Our own counts are words, so they are allowed as such."""
    material = assets.sort(of.facts, [of.evidence], of.name)
    checker = Checker(
        of.facts,
        [of.evidence],
        goal=made["goal"],
        banned=material.banned,
        frozen=material.frozen,
        names=[of.name],
    )
    found = []
    for task in tasks_of(made):
        for text in (task["title"], task["description"], task["deliverable"]):
            own = [figure.value for figure in figures(text) if figure.spelled]
            broken = checker.check(text, owner_numbers=own, audience="founder")
            allowed = 7 if task["card"] in SETTLES else 0
            found += [f"{v.why}: {text}" for v in broken if v.rule != allowed][:1]
    return found


def tasks_of(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [task for day in made["execution"] for task in day["tasks"]]


def titles(made: dict[str, Any]) -> set[str]:
    return {task["title"] for task in tasks_of(made) if task["card"] not in SHARED}


def quoted_share(made: dict[str, Any]) -> float:
    """Words of the plan that stand in quotation marks."""
    words = inside = 0
    for task in tasks_of(made):
        text = f"{task['title']} {task['description']} {task['deliverable']}"
        words += len(text.split())
        inside += sum(len(part.partition("”")[0].split()) for part in text.split("“")[1:])
    return inside / words if words else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--show", metavar="NAME", help="print the week of one company and stop")
    parser.add_argument("--category", choices=get_args(Category), default="capture")
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    chosen = parser.parse_args()
    known = list(companies())
    if chosen.show:
        (one,) = [company for company in known if company.name.startswith(chosen.show)]
        _show(plan(one, chosen.category))
        return 0
    figures_ = measure(known)
    print(json.dumps(figures_, indent=2) if chosen.json else _said(figures_))
    return 0 if figures_["passes"] else 1


def measure(known: list[Company]) -> dict[str, Any]:
    """All the figures; see the head of this file."""
    began = time.perf_counter()
    made = {(c.name, category): plan(c, category) for c in known for category in GOALS}
    seconds = time.perf_counter() - began
    by_name = {c.name: c for c in known}
    days = [f"{name}, {cat}: {line}" for (name, cat), p in made.items() for line in crowded(p)]
    lines = [
        f"{name}: {line}" for (name, _), p in made.items() for line in unsourced(by_name[name], p)
    ]
    every = [task for p in made.values() for task in tasks_of(p)]
    sourced = sum(bool(task["sources"]) for task in every) / len(every)
    swaps = [
        len(titles(made[one.name, category]) & titles(made[other.name, category]))
        / len(titles(made[one.name, category]))
        for category in GOALS
        for one, other in itertools.permutations(known, 2)
    ]
    worst = max(
        statistics.mean(
            len(titles(made[one.name, category]) & titles(made[other.name, category]))
            / len(titles(made[one.name, category]))
            for other in known
            if other is not one
        )
        for category in GOALS
        for one in known
    )
    used = {task["card"] for task in every}
    return {
        "companies": len(known),
        "plans": len(made),
        "tasks": len(every),
        "cards_used": len(used),
        "cards": len(playbook.cards()),
        "days_out_of_bounds": days,
        "unsourced_lines": lines,
        "sourced_tasks": round(sourced, 3),
        "shared_titles_mean": round(statistics.mean(swaps), 3),
        "shared_titles_worst_plan": round(worst, 3),
        "quoted_words": round(statistics.mean(map(quoted_share, made.values())), 3),
        "seconds_a_plan": round(seconds / len(made), 2),
        "passes": not days and not lines and sourced >= LEAST_SOURCED and worst <= MOST_SHARED,
    }


def _said(found: dict[str, Any]) -> str:
    lines = [
        f"{found['plans']} plans of {found['companies']} companies, {found['tasks']} tasks, "
        f"{found['cards_used']} of {found['cards']} plays used, {found['seconds_a_plan']} s a plan",
        f"days out of bounds      {len(found['days_out_of_bounds'])} (aim 0)",
        f"lines without a source  {len(found['unsourced_lines'])} (aim 0)",
        f"tasks that cite a fact  {found['sourced_tasks']:.1%} (aim {LEAST_SOURCED:.0%})",
        f"titles of another's     {found['shared_titles_mean']:.1%} on average, "
        f"{found['shared_titles_worst_plan']:.1%} for the worst plan (aim {MOST_SHARED:.0%})",
        f"words quoted            {found['quoted_words']:.1%}",
    ]
    lines += [*found["days_out_of_bounds"][:20], *found["unsourced_lines"][:20]]
    return "\n".join(lines)


def _show(made: dict[str, Any]) -> None:
    print(made["name"])
    for day in made["execution"]:
        print(f"\nDay {day['day']}: {day['theme']} ({day['total_minutes']} min)")
        for task in day["tasks"]:
            print(
                f"  [{task['platform']}, {task['estimated_minutes']} min, {task['priority']}] {task['title']}"
            )
            print(f"      {task['description']}\n      -> {task['deliverable']}")


if __name__ == "__main__":
    sys.exit(main())
