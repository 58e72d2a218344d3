"""What must wait for a person (PRODUCT 5). Rules only: outputs that any of them holds back do not ship."""

from dataclasses import dataclass
from typing import Any, Literal

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


def rule_for(output: dict[str, Any]) -> ApprovalRule | None:
    """The rule that holds this output, if any. `type` is a fixed enum, never free text."""
    kind = str(output.get("type", ""))
    held: dict[str, tuple[bool, Risk, str]] = {
        "email": (bool(output.get("cold_outreach")), "medium", "cold outreach by email"),
        "ad_copy": (True, "high", "advertisements are public"),
        "blackbox_strategy": (
            int(output.get("risk_level") or 0) >= PLAY_RISK_FROM,
            "high",
            "a play of this risk",
        ),
        "payment": (True, "critical", "money is spent"),
        "deletion": (True, "high", "something is deleted"),
        "api_call": (bool(output.get("writes")), "medium", "another system is changed"),
    }
    applies, risk, reason = held.get(kind, (False, "low", ""))
    return ApprovalRule(kind, risk, reason) if applies else None
