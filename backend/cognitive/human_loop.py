"""What must wait for a person (PRODUCT 5), by rule, and what a person's edit must keep to."""

from dataclasses import dataclass
from typing import Any, Literal

from backend.cognitive import reflection
from backend.core.errors import Unprocessable
from backend.domain.approvals import GateType
from backend.skills.claims import Checker
from backend.skills.registry import SkillCard, misfits

GATE_TYPES: dict[str, GateType] = {
    "email": "content",
    "ad_copy": "content",
    "blackbox_strategy": "strategy",
    "payment": "payment",
    "deletion": "deletion",
    "api_call": "external_action",
}
Risk = Literal["low", "medium", "high", "critical"]
GATE_WAIT_HOURS = 24
PLAY_RISK_FROM = 7
"""Black box plays from this risk level (1 to 10) on."""


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """Why an output is held, and how grave that is."""

    output_type: str
    risk: Risk
    reason: str

    @property
    def gate_type(self) -> GateType:
        return GATE_TYPES[self.output_type]


def rule_for(output: dict[str, Any]) -> ApprovalRule | None:
    """The rule that holds this output, if any. `type` is a fixed enum, never free text."""
    kind = str(output.get("type", ""))
    held: dict[str, tuple[bool, Risk, str]] = {
        "email": (bool(output.get("cold_outreach")), "medium", "cold outreach by email"),
        "ad_copy": (True, "high", "advertisements are public"),
        "blackbox_strategy": (
            int(output.get("risk_level") or 0) >= PLAY_RISK_FROM,
            "high",
            _of_play(output),
        ),
        "payment": (True, "critical", "money is spent"),
        "deletion": (True, "high", "something is deleted"),
        "api_call": (bool(output.get("writes")), "medium", "another system is changed"),
    }
    applies, risk, reason = held.get(kind, (False, "low", ""))
    return ApprovalRule(kind, risk, reason) if applies else None


def _of_play(output: dict[str, Any]) -> str:
    """The level, and what can go wrong first."""
    level = f"risk {output.get('risk_level')} of 10"
    return ". ".join([level, *list(output.get("risk_reasons") or [])[:1]]).rstrip(".")


def edited(
    held: dict[str, Any], changes: dict[str, Any], card: SkillCard | None, checker: Checker
) -> dict[str, Any]:
    """The held output with a person's changes (JSON merge patch, RFC 7396). Takes milliseconds: use a thread.

    What ships after an edit keeps to the same rules as before it. Raises Unprocessable
    `modification_invalid` (the skill's schema) and `claims_unsupported`, each with every problem.
    """
    changed: dict[str, Any] = _merged(held, changes)
    if changed.get("type") != held.get("type"):
        raise Unprocessable("The type of an output cannot be changed.", code="modification_invalid")
    if card is None:
        return changed
    if errors := misfits(card.output_validator, changed):
        raise Unprocessable(
            f"The edit does not fit: {errors[0]}", code="modification_invalid", problems=errors
        )
    found = reflection.reflect(card.evaluation, {"result": changed, "demands": {}}, checker)
    if found.drop:
        raise Unprocessable(
            "The edit claims something that your evidence does not say.",
            code="claims_unsupported",
            problems=found.issues,
        )
    return changed


def _merged(value: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(value) if isinstance(value, dict) else {}
    for name, part in patch.items():
        if part is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), part)
    return merged
