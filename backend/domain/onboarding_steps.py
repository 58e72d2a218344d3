"""The 25 steps of the onboarding as a table: what each is called, gives, needs, and who may leave it out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.core.errors import NotFound
from backend.domain import step_outputs as given
from backend.domain import step_outputs_market as market
from backend.domain import step_outputs_message as message

REQUIRED = frozenset({1, 2, 4, 7, 13, 15, 23})
"""What completion needs (PRODUCT 4). Every other step may be skipped."""
LAST = 25

CHAPTERS = ("The pile", "What is true", "The market", "Your place in it", "The words", "The plan")


@dataclass(frozen=True, slots=True)
class Step:
    """`needs`: steps whose results it cannot do without. `by_hand`: whether a founder may write its data."""

    number: int
    title: str
    chapter: int
    output: type[given.Output]
    skill: str | None = None
    needs: tuple[int, ...] = ()
    by_hand: bool = True

    @property
    def required(self) -> bool:
        return self.number in REQUIRED

    @property
    def skippable(self) -> bool:
        return not self.required


_TABLE = (
    Step(1, "Evidence vault", 1, given.VaultCount, by_hand=False),
    Step(2, "Auto extraction", 1, given.Extraction, "fact_extraction", by_hand=False),
    Step(3, "Contradictions", 2, given.Contradictions, "contradiction_detection", (2,), False),
    Step(4, "Truth validation", 2, given.Truth, None, (2,), by_hand=False),
    Step(5, "Company and offer", 2, given.Company, "company_profile", (4,)),
    Step(6, "Pricing", 3, market.Pricing, "pricing_analysis", (4,)),
    Step(7, "Market research", 3, market.Research, "market_research", (4,)),
    Step(8, "Competitors", 3, market.Competitors, "competitor_analysis", (4,)),
    Step(9, "Competitive ladder", 3, market.Ladder, "competitor_ranking", (4,)),
    Step(10, "Market category", 3, market.MarketCategory, "category_choice", (4,)),
    Step(11, "USPs", 4, market.Usps, "differentiation_analysis", (4,)),
    Step(12, "Capability matrix", 4, market.Matrix, "capability_matrix", (4,)),
    Step(13, "Positioning", 4, market.Positioning, "positioning_creation", (4,)),
    Step(14, "Focus and sacrifice", 4, market.Focus, "focus_choice", (4,)),
    Step(15, "ICP profiles", 5, given.Profiles, "icp_generation", (4, 13)),
    Step(16, "Buying process", 5, message.BuyingProcess, "buying_process", (4,)),
    Step(17, "Guardrails", 5, message.Guardrails, "messaging_guardrails", (4,)),
    Step(18, "Soundbites", 5, message.Soundbites, "soundbite_generation", (4,)),
    Step(19, "Message hierarchy", 5, message.Hierarchy, "message_hierarchy", (4,)),
    Step(20, "Brand voice", 5, message.Voice, "voice_measurement", (4,)),
    Step(21, "Channels", 6, market.Channels, "channel_ranking", (4,)),
    Step(22, "Market size", 6, market.Sizes, "market_sizing", (4,)),
    Step(23, "Synthesis", 6, given.Synthesis, "foundation_synthesis", (4, 13, 15)),
    Step(24, "Memory", 6, given.Indexed, None, (4, 23), by_hand=False),
    Step(25, "Final review", 6, given.Review, None, (4,), by_hand=False),
)
STEPS: Mapping[int, Step] = {step.number: step for step in _TABLE}


def get(number: int) -> Step:
    """Raises NotFound `step_not_available`."""
    if number not in STEPS:
        raise NotFound(
            f"Step {number} is not available.", code="step_not_available", available=list(STEPS)
        )
    return STEPS[number]


def following(number: int) -> int:
    """The step that opens next; the last one opens nothing."""
    return next((n for n in STEPS if n > number), number)


def plain(data: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A step's data in the shape its output promises. Raises pydantic's ValidationError."""
    return STEPS[number].output.model_validate(data).model_dump(mode="json")
