"""What each step of the onboarding gives, as the OpenAPI shows it (PRODUCT 4).

Every text carries the ids of the facts it rests on; what the evidence does not say is empty and stands as a
question under `missing`. Markets and messages are in `step_outputs_market` and `step_outputs_message`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.domain.facts import Fact, Missing
from backend.domain.foundation import Stage

Verdict = Literal["accept", "correct", "reject"]


class Part(BaseModel):
    """A piece of a step's data; what a model adds beyond it is left out."""

    model_config = ConfigDict(extra="ignore")


class Output(Part):
    missing: list[Missing] = []


class Sourced(Part):
    """A text and the facts it rests on. A founder's own text has no sources."""

    text: str = Field(min_length=1, max_length=5000)
    sources: list[str] = []


class Unread(Part):
    item_id: UUID
    source_name: str
    error: str | None


class VaultCount(Output):
    """Step 1."""

    items: int = 0
    readable: int = 0
    words: int = 0
    pages: int = 0
    failed: list[Unread] = []


class Quarantined(Part):
    """A line that speaks to the machine: shown, never used."""

    evidence_id: UUID
    start: int
    end: int
    quote: str
    reason: str


class Extraction(Output):
    """Step 2."""

    facts: list[Fact] = []
    quarantined: list[Quarantined] = []


class Place(Part):
    """Where something is said: `page` and `line` count from 1."""

    fact_id: str
    quote: str
    evidence_id: UUID
    source: str
    page: int | None = None
    line: int | None = None


class Side(Place):
    """One of the things said, with its place."""

    value: str
    again: list[Place] = []
    """Other statements that say the same: they stand and fall with this one."""


class Disagreement(Part):
    id: str
    """`C01`, `C02` ... within the step."""
    attribute: str = Field(min_length=1, max_length=60)
    """What sort of thing it is about: `price`, `count`, `claim` (so or not so), or the attribute's own name:
    `founded`, `team`, `hours`, `refund` ...
    """
    subject: str
    question: str
    sides: list[Side] = Field(min_length=2)


def statements_of(conflict: Mapping[str, Any]) -> Iterator[str]:
    """Ids of the facts that take a side in a contradiction, as step 3 gave it."""
    for side in conflict["sides"]:
        yield side["fact_id"]
        yield from (place["fact_id"] for place in side.get("again", ()))


class Contradictions(Output):
    """Step 3. A fact in conflict is used in no plan and no copy until the founder has settled it."""

    conflicts: list[Disagreement] = []
    compared: int = 0
    """How many facts carry something that can be compared."""


class Corrected(Part):
    fact_id: str
    was: str
    now: str


class TruthSheet(Part):
    facts: list[Fact] = []
    rejected: list[Fact] = []
    corrected: list[Corrected] = []


class Ruling(Part):
    """What the founder said once of a fact; it holds when the facts are extracted anew."""

    quote: str
    verdict: Verdict
    correction: str | None = None


class Settled(Part):
    """A contradiction that the founder settled: `keep` is the quote that stands; null, both do. `lost` are
    the quotes of all statements that fall with the other sides.
    """

    quotes: list[str]
    keep: str | None
    lost: list[str] = []
    note: str = ""


class Truth(Output):
    """Step 4."""

    truth_sheet: TruthSheet = TruthSheet()
    quarantined: list[Quarantined] = []
    rulings: list[Ruling] = []
    settled: list[Settled] = []
    open_conflicts: list[str] = []
    """Ids of step 3's conflicts that are not settled."""


class Offer(Part):
    name: str
    price: float | None = None
    price_max: float | None = None
    currency: str = ""
    period: str = ""
    price_text: str = ""
    sources: list[str] = []


class Company(Output):
    """Step 5."""

    company_name: str | None = None
    industry: str | None = None
    company_stage: Stage | None = None
    website_url: str | None = None
    offers: list[Offer] = []
    sources: dict[str, list[str]] = {}


class CustomerProfile(Part):
    """An ICP as `icp_profiles` holds it."""

    name: str = Field(min_length=1, max_length=200)
    tagline: str | None = None
    code: str | None = None
    is_primary: bool = False
    is_secondary: bool = False
    demographics: dict[str, Any] = {}
    psychographics: dict[str, Any] = {}
    behaviors: dict[str, Any] = {}
    market_sophistication: dict[str, Any] = {}
    scores: dict[str, int] = {}
    summary: str | None = None
    sources: dict[str, list[str]] = {}
    missing: list[Missing] = []


class PlanLimit(Part):
    plan: str
    max_icps: int | None
    left_out: list[str]
    message: str


class Profiles(Output):
    """Step 15."""

    icps: list[CustomerProfile] = []
    plan_limit: PlanLimit | None = None


class Synthesis(Output):
    """Step 23. The vector beside it stays inside."""

    summary: str = Field(min_length=1, max_length=8000)


class Indexed(Output):
    """Step 24: what can be found by meaning and by relation from now on."""

    vectors: int = 0
    entities: int = 0
    relationships: int = 0


class Check(Part):
    step: int
    title: str
    status: str
    required: bool
    open_questions: int


class Review(Output):
    """Step 25."""

    ready: bool = False
    checks: list[Check] = []
    facts: int = 0
    corrected: int = 0
    rejected: int = 0
    open_conflicts: list[str] = []
    set_aside: int = 0
