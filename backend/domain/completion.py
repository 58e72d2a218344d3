"""The end of the onboarding: what the steps gave becomes foundation and ICPs, each value with its source."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from backend.core.database import Tx
from backend.core.errors import Conflict
from backend.domain import foundation, icps, onboarding
from backend.domain.onboarding_steps import REQUIRED, STEPS

LOCK = """
select * from public.onboarding_sessions where workspace_id = %(workspace_id)s and id = %(id)s for update
"""
COMPLETE = """
update public.onboarding_sessions set status = 'completed', completed_at = now()
where workspace_id = %(workspace_id)s and id = %(id)s and status = 'in_progress'
returning *
"""
FINISH_FOUNDATION = """
update public.foundations set onboarding_completed = true where workspace_id = %(workspace_id)s
"""
COMPANY = ("company_name", "industry", "company_stage", "website_url", "offers")

Results = Mapping[int, dict[str, Any]]


async def complete(tx: Tx, id: UUID) -> dict[str, Any]:
    """Fill foundation and ICPs from the steps and close the session. Repeating it changes nothing.

    Raises Conflict `onboarding_incomplete` with `missing_steps`: those never run, or stale.
    """
    row = await tx.one(LOCK, {"id": id})
    if row is None:
        raise onboarding.table.missing()
    if row["status"] == "completed":
        return row
    results = onboarding.results(row)
    missing = sorted(n for n in REQUIRED if n in STEPS and n not in results)
    if missing:
        raise Conflict(
            f"Steps still to run: {', '.join(map(str, missing))}.",
            code="onboarding_incomplete",
            missing_steps=missing,
        )
    by_hand = {int(n) for n, kept in row["step_data"].items() if kept.get("by") == "user"}
    await _fill(tx, results, by_hand)
    await icps.replace_generated(tx, results[15]["icps"])
    summary = results[23]
    await foundation.set_summary(tx, summary["summary"], summary["embedding"], summary["embedder"])
    await tx.run(FINISH_FOUNDATION)
    closed = await tx.one(COMPLETE, {"id": id})
    assert closed is not None, "locked above while in progress"
    return closed


async def _fill(tx: Tx, results: Results, by_hand: set[int]) -> None:
    values = {**columns(results)}
    sources = {name: _source(step, found, by_hand) for name, (step, found) in values.items()}
    company = results.get(5, {}).get("sources", {})
    for name in COMPANY:
        if name in sources and 5 not in by_hand:
            sources[name]["facts"] = company.get(name, [])
    await foundation.write(
        tx, {name: found for name, (_, found) in values.items()}, sources, by="onboarding"
    )


def _source(step: int, found: Any, by_hand: set[int]) -> dict[str, Any]:
    if step in by_hand:
        return {"source": "user", "step": step}
    return {"source": "evidence", "step": step, "facts": sorted(_fact_ids(found))}


def _fact_ids(value: Any) -> set[str]:
    """Every fact id under a `sources` anywhere in a value."""
    if isinstance(value, list):
        return {fact for item in value for fact in _fact_ids(item)}
    if not isinstance(value, dict):
        return set()
    here = value.get("sources") or []
    named = here if isinstance(here, list) else [fact for ids in here.values() for fact in ids]
    return {*named, *(fact for item in value.values() for fact in _fact_ids(item))}


def columns(results: Results) -> dict[str, tuple[int, Any]]:
    """The foundation's columns with the step each comes from; a step that gave nothing fills none."""
    company, position = results.get(5, {}), results[13]
    chosen = results.get(10, {}).get("category") or position.get("category")
    usps, focus = results.get(11, {}), results.get(14, {})
    found: dict[str, tuple[int, Any]] = {name: (5, company.get(name)) for name in COMPANY}
    found |= {
        "truth_sheet": (4, results[4]["truth_sheet"]),
        "market_research": (7, _research(results)),
        "competitors": (8, _ranked(results)),
        "positioning": (
            13,
            {
                "category": chosen,
                "positioning_statement": position.get("positioning_statement"),
                "usps": usps.get("usps") or position.get("usps", []),
                "differentiators": usps.get("differentiators")
                or position.get("differentiators", []),
                "focus": {name: focus.get(name, []) for name in ("keep", "drop")},
                "capability_matrix": _kept(results.get(12, {})),
                "sources": position.get("sources", {}),
            },
        ),
        "brand_voice": (20, results.get(20, {}).get("brand_voice")),
        "brand_voice_examples": (20, _texts(results.get(20, {}).get("examples", []))),
        "messaging_guardrails": (17, [r["rule"] for r in results.get(17, {}).get("rules", [])]),
        "soundbite_library": (18, _by_kind(results.get(18, {}).get("soundbites", []))),
        "message_hierarchy": (19, _kept(results.get(19, {}))),
    }
    return {name: (step, value) for name, (step, value) in found.items() if value}


def _research(results: Results) -> dict[str, Any]:
    """The column's three parts (PRODUCT 3), with prices, buying process, channels and sizes beside them."""
    research = _kept(results[7]) if 7 in results else {}
    rivals = research.pop("rivals", [])
    return {
        "customer_insights": research,
        "competitor_analysis": {"rivals": rivals, "ladder": results.get(9, {}).get("ladder", [])},
        "market_trends": {},
        "pricing": _kept(results.get(6, {})),
        "buying_process": _kept(results.get(16, {})),
        "channels": results.get(21, {}).get("channels", []),
        "market_size": _kept(results.get(22, {})),
    }


def _ranked(results: Results) -> list[dict[str, Any]]:
    """Competitors in the order of the ladder."""
    order = {rung["name"]: rung["rank"] for rung in results.get(9, {}).get("ladder", [])}
    found = [
        {**rival, "rank": order.get(rival["name"])}
        for rival in results.get(8, {}).get("competitors", [])
    ]
    return sorted(found, key=lambda rival: rival["rank"] or len(found) + 1)


def _kept(given: Mapping[str, Any]) -> dict[str, Any]:
    """A step's data without its open questions."""
    return {name: value for name, value in given.items() if name != "missing"}


def _texts(sourced: list[dict[str, Any]]) -> list[str]:
    return [item["text"] for item in sourced]


def _by_kind(soundbites: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    library: dict[str, list[dict[str, Any]]] = {}
    for bite in soundbites:
        rest = {name: value for name, value in bite.items() if name != "kind"}
        library.setdefault(bite["kind"], []).append(rest)
    return library
