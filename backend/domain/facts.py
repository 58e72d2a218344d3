"""Facts: sentences of the founder's own evidence, each tied to the characters it came from.

The invariant of the whole product: `quote == evidence.text[start:end]`, always (PRODUCT 4, COMPOSER 3).
"""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

FactCategory = Literal[
    "company_info",
    "positioning",
    "target_audience",
    "proof_points",
    "differentiators",
    "constraints",
    "pricing",
]
QuantityKind = Literal["price", "percent", "count", "date"]


class Quantity(BaseModel):
    """A number with its meaning, found inside a fact; offsets count characters of the evidence text."""

    model_config = ConfigDict(frozen=True)

    start: int = Field(ge=0)
    end: int = Field(gt=0)
    text: str
    kind: QuantityKind
    value: float
    """In the unit's base: rupees for INR (2.5 lakh is 250000), percent points, plain counts, years."""
    unit: str = ""
    period: str = ""
    """`month`, `year`, `seat` ... for a price; empty when the text does not say."""
    label: str = ""
    """What the number is the price or count of, in the text's own words."""
    role: Literal["", "min", "max", "before"] = ""
    """`before` marks a superseded figure ("used to be"); it never conflicts with the current one."""


class Fact(BaseModel):
    """One statement of the evidence. `fact` is the quote tidied for display; never a paraphrase."""

    id: str
    """Stable within a session: `F01`, `F02` ... in order of evidence and position."""
    category: FactCategory
    fact: str
    quote: str
    evidence_id: UUID
    source: str
    """Name of the evidence item, for people."""
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    page: int | None = None
    section: str = ""
    speaker: str = ""
    """Who says it, when the fact is a quotation of a customer."""
    confidence: float = Field(ge=0, le=1)
    needs_verification: bool = False
    quantities: list[Quantity] = []

    @model_validator(mode="after")
    def _span_fits_quote(self) -> "Fact":
        if self.end - self.start != len(self.quote):
            raise ValueError("quote must be exactly as long as its span")
        return self


class Evidence(BaseModel):
    """The text of one evidence item as composers read it."""

    id: UUID
    name: str
    text: str
    page_starts: list[int] = [0]
    """Offset of the first character of each page; a text without pages has one."""


class Missing(BaseModel):
    """A gap the evidence leaves, and the question that would fill it. Shown instead of a guess."""

    model_config = ConfigDict(frozen=True)

    slot: str
    why: str
    question: str
    unlocks: str
