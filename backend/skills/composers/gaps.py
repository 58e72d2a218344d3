"""What to ask the founder next: the missing kinds of fact, those that hold back most cards first."""

from collections import Counter
from collections.abc import Iterable

from backend.domain.facts import Missing
from backend.skills.composers.material import Assets
from backend.skills.composers.questions import missing
from backend.skills.composers.selection import Resting

SLOTS = {
    "positioning": "positioning",
    "offer": "offers",
    "low": "offers",
    "high": "offers",
    "free": "offers",
    "price": "offers",
    "diff": "differentiators",
    "second": "differentiators",
    "proof": "proof_points",
    "stat": "proof_points",
    "praise": "customer_quote",
    "objection": "objections",
    "pain": "fears",
    "trigger": "buying_triggers",
    "constraint": "constraints",
    "origin": "company_info",
}
"""The question slot behind each kind of asset; what is not here is not asked for."""


def gaps(assets: Assets, resting: Iterable[Resting]) -> list[Missing]:
    """One question for each missing slot, the one that would bring most cards into play first."""
    waiting: Counter[str] = Counter()
    for note in resting:
        waiting.update({SLOTS[need] for need in note.lacks if need in SLOTS})
    known = {slot for kind, slot in SLOTS.items() if assets.get(kind)}
    lacking = dict.fromkeys(slot for slot in SLOTS.values() if slot not in known)
    return [missing(slot) for slot in sorted(lacking, key=lambda slot: -waiting[slot])]
