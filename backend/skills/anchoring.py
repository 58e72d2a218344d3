"""A model's answer held to what the composer's answer is by construction, before anybody judges it.

Models copy sentences well and count characters badly: a quotation is looked up in its document, and what
does not stand there is dropped. What only our own planner may declare is taken out.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from backend.domain.facts import Evidence
from backend.skills.composers import quantities
from backend.skills.composers.text import units

Mend = Callable[[Mapping[str, Any], dict[str, Any]], dict[str, Any]]


def mend(skill_id: str, inputs: Mapping[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    """The answer as it may go on; the same for skills that need no mending."""
    found = _MENDERS.get(skill_id)
    return found(inputs, output) if found else output


def _facts(inputs: Mapping[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    """Facts whose quotation stands in its document, with its true place, figures and number."""
    evidence = {str(item["id"]): Evidence.model_validate(item) for item in inputs["evidence"]}
    listed = output.get("facts")
    if not isinstance(listed, list):
        return output
    facts = [fact for claimed in listed for fact in _anchored(claimed, evidence)]
    place = {key: number for number, key in enumerate(evidence)}
    facts.sort(key=lambda fact: (place[str(fact["evidence_id"])], fact["start"]))
    kept = list({(f["evidence_id"], f["start"], f["end"]): f for f in facts}.values())
    for number, fact in enumerate(kept, start=1):
        fact["id"] = f"F{number:02}"
    return {**output, "facts": kept, "not_found": len(listed) - len(kept)}


def _anchored(claimed: Any, evidence: Mapping[str, Evidence]) -> Iterator[dict[str, Any]]:
    if not isinstance(claimed, dict) or not str(claimed.get("quote") or "").strip():
        return
    named = evidence.get(str(claimed.get("evidence_id")))
    for item in [named] if named else evidence.values():
        span = _find(str(claimed["quote"]), item.text)
        if span:
            yield _fact(claimed, item, *span)
            return


def _find(quote: str, text: str) -> tuple[int, int] | None:
    """Where the quotation stands, whatever its line breaks."""
    words = [re.escape(word) for word in quote.split()]
    found = re.search(r"\s+".join(words), text)
    return found.span() if found else None


def _fact(claimed: Mapping[str, Any], item: Evidence, start: int, end: int) -> dict[str, Any]:
    quote = item.text[start:end]
    currency = quantities.dominant_currency(item.text)
    read = [
        quantity.model_dump()
        for unit in units(item.text)
        if unit.start < end and start < unit.end
        for quantity in quantities.read(unit, currency)
        if start <= quantity.start and quantity.end <= end
    ]
    page = sum(begin <= start for begin in item.page_starts)
    sure = claimed.get("confidence")
    return {
        "id": "F",
        "category": claimed.get("category"),
        "fact": " ".join(quote.split()),
        "quote": quote,
        "evidence_id": str(item.id),
        "source": item.name,
        "start": start,
        "end": end,
        "page": page,
        "section": str(claimed.get("section") or ""),
        "speaker": _speaker(claimed, quote),
        "confidence": sure if isinstance(sure, int | float) and 0 <= sure <= 1 else 0.5,
        "needs_verification": True,
        "quantities": read,
    }


def _speaker(claimed: Mapping[str, Any], quote: str) -> str:
    """Who is quoted, if the quotation names them."""
    speaker = str(claimed.get("speaker") or "")
    return speaker if speaker in quote else ""


def _plan(inputs: Mapping[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    """Only our own playbook knows which task settles a conflict of figures; a model may not say so."""
    days = output.get("execution")
    for day in days if isinstance(days, list) else []:
        tasks = day.get("tasks") if isinstance(day, dict) else None
        for task in tasks if isinstance(tasks, list) else []:
            if isinstance(task, dict):
                task.pop("settles_conflict", None)
    return {"target_icp": None, "not_used": [], "engine": "model", **output}


GAP = ("slot", "why", "question", "unlocks")
LONGEST_GAP, MOST_GAPS = 300, 5


def _copy(inputs: Mapping[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    """Sources are found anew by the claim check; what a model says it rests on is not taken for it.

    A model's own counts and how it built a piece are not its to declare either.
    """
    pieces = output.get("pieces")
    for piece in pieces if isinstance(pieces, list) else []:
        lines = piece.get("lines") if isinstance(piece, dict) else None
        for line in lines if isinstance(lines, list) else []:
            if isinstance(line, dict):
                line["sources"] = []
                for undeclared in line.keys() - {"slot", "style", "text", "sources"}:
                    del line[undeclared]
        if isinstance(piece, dict):
            for undeclared in piece.keys() - {"title", "lines", "hashtags"}:
                del piece[undeclared]
    asked = output.get("missing")
    gaps = (
        [_gap(gap) for gap in asked[:MOST_GAPS] if isinstance(gap, dict)]
        if isinstance(asked, list)
        else asked
    )
    kept = {"type": output.get("type"), "pieces": pieces, "missing": gaps}
    return {**kept, "not_used": [], "engine": "model"}


def _gap(gap: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(gap.get(name) or "")[:LONGEST_GAP] for name in GAP}


def _wins(inputs: Mapping[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    """What an idea rests on is found by the claim check; the calendar we read ourselves."""
    wins = output.get("wins")
    for win in wins if isinstance(wins, list) else []:
        if isinstance(win, dict):
            for undeclared in ("facts", "owner_numbers", "reason", "platform"):
                win.pop(undeclared, None)
            if win.get("source_kind") == "holiday":
                win["source_kind"] = "evidence"
    return {**output, "engine": "model"}


MOST_STEPS = 8


def _strategy(inputs: Mapping[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    """The risk is the founder's wish, not the model's opinion: it decides whether somebody must approve."""
    phases = output.get("phases")
    for phase in phases if isinstance(phases, list) else []:
        steps = phase.get("steps") if isinstance(phase, dict) else None
        for step in steps[:MOST_STEPS] if isinstance(steps, list) else []:
            if isinstance(step, dict):
                step["sources"] = []
                step.pop("owner_numbers", None)
    wish = inputs["request"]
    own = {
        "risk_level": wish["risk_level"],
        "focus_area": wish["focus_area"],
        "outcome": wish["outcome"],
    }
    kept = {name: value for name, value in output.items() if name not in ("play", "owner_numbers")}
    return {**kept, **own, "type": "blackbox_strategy", "not_used": [], "engine": "model"}


COPY = (
    "email_writing", "social_post", "blog_writing", "ad_copy", "video_script", "carousel_content",
    "landing_page", "short_message", "copy_rewrite",
)  # fmt: skip
_MENDERS: dict[str, Mend] = {
    "fact_extraction": _facts,
    "move_planning": _plan,
    "strategy_synthesis": _strategy,
    "quick_generation": _wins,
    **dict.fromkeys(COPY, _copy),
}
