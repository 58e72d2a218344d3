"""What the steps about speaking give: buying process, guardrails, soundbites, hierarchy, voice."""

from typing import Literal

from pydantic import Field

from backend.domain.step_outputs import Output, Part, Sourced


class BuyingStage(Part):
    """One stage on the way to buying: what happens there, what they ask, what of ours answers."""

    name: str
    happens: list[Sourced] = Field(default_factory=list)
    asks: list[Sourced] = Field(default_factory=list)
    answers: list[Sourced] = Field(default_factory=list)


class BuyingProcess(Output):
    """Step 16."""

    stages: list[BuyingStage] = Field(default_factory=list)
    triggers: list[Sourced] = Field(default_factory=list)


class Guardrail(Part):
    rule: str
    kind: Literal["banned_words", "limit", "open_conflict", "unpermitted_name"]
    reason: str
    sources: list[str] = Field(default_factory=list)


class Guardrails(Output):
    """Step 17. What stands in quotation marks in a rule is a word that no text may hold."""

    rules: list[Guardrail] = Field(default_factory=list)
    banned_words: list[str] = Field(default_factory=list)


class Soundbite(Part):
    kind: Literal[
        "one_liner", "problem", "difference", "proof", "customer", "offer", "answer", "origin"
    ]
    text: str
    about: str = ""
    """The objection that an answer answers, or the person who is quoted."""
    sources: list[str] = Field(default_factory=list)


class Soundbites(Output):
    """Step 18."""

    soundbites: list[Soundbite] = Field(default_factory=list)


class Pillar(Part):
    message: str
    proof: list[Sourced] = Field(default_factory=list)
    sources: list[str] = Field(default_factory=list)


class Hierarchy(Output):
    """Step 19: one message, the pillars that carry it, the proof under each."""

    primary: Sourced | None = None
    pillars: list[Pillar] = Field(default_factory=list)
    unproven: list[str] = Field(default_factory=list)
    """Pillars with nothing under them."""


class VoiceMeasures(Part):
    """Of the company's own sentences; shares are of sentences, 0 to 1."""

    sentences: int
    median_words: float
    longest_tenth_words: float
    share_we: float
    share_you: float
    share_numbers: float
    share_questions: float
    share_negations: float
    share_exclamations: float
    contractions: float
    emoji: int
    hype_words: list[str] = Field(default_factory=list)
    local_words: list[str] = Field(default_factory=list)
    formality: Literal["formal", "plain", "casual"]


class Voice(Output):
    """Step 20. Under 30 sentences it is a hint (`enough` is false)."""

    brand_voice: str = ""
    enough: bool = False
    measures: VoiceMeasures | None = None
    examples: list[Sourced] = Field(default_factory=list)
