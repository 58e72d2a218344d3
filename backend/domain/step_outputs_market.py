"""What the steps about the market give: prices, rivals, category, differences, channels, sizes."""

from typing import Literal

from pydantic import Field

from backend.domain.step_outputs import Output, Part, Sourced


class Tier(Part):
    """A price as found, and what it comes to; `arithmetic` spells the sums out."""

    name: str
    price: float | None = None
    price_max: float | None = None
    currency: str = ""
    period: str = ""
    price_text: str = ""
    per_month: float | None = None
    per_year: float | None = None
    per_unit: float | None = None
    unit: str = ""
    arithmetic: list[str] = Field(default_factory=list)
    disputed: bool = False
    """Another document gives another price; neither is used until that is settled."""
    sources: list[str] = Field(default_factory=list)


class Benchmark(Part):
    """A rival's price that stands in the evidence."""

    rival: str
    text: str
    sources: list[str]


class Pricing(Output):
    """Step 6."""

    tiers: list[Tier] = Field(default_factory=list)
    benchmarks: list[Benchmark] = Field(default_factory=list)


class Rival(Part):
    name: str
    kind: Literal["direct", "indirect", "status_quo"]
    sources: list[str] = Field(default_factory=list)


class WebFind(Part):
    """A find of the search, in strangers' words; no fact rests on it. `about` is the field or the rival."""

    kind: Literal["web", "news"]
    about: str
    title: str
    url: str
    outlet: str
    quote: str
    tainted: Literal[True] = True


class Searched(Output):
    """`search_note` says why nothing, or not all, was searched. What a founder writes into either is left
    out: they are the search's alone."""

    found: list[WebFind] = Field(default_factory=list)
    search_note: str | None = None


class Research(Searched):
    """Step 7: what buyers say, in their own words, and what else they could do."""

    pains: list[Sourced] = Field(default_factory=list)
    desires: list[Sourced] = Field(default_factory=list)
    objections: list[Sourced] = Field(default_factory=list)
    triggers: list[Sourced] = Field(default_factory=list)
    verbatim: list[Sourced] = Field(default_factory=list)
    rivals: list[Rival] = Field(default_factory=list)


class Competitor(Part):
    name: str
    kind: Literal["direct", "indirect", "status_quo"] = "direct"
    positioning: str | None = None
    strengths: list[Sourced] = Field(default_factory=list)
    weaknesses: list[Sourced] = Field(default_factory=list)
    sources: list[str] = Field(default_factory=list)


class Competitors(Searched):
    """Step 8."""

    competitors: list[Competitor] = Field(default_factory=list)


class Rung(Part):
    rank: int
    name: str
    mentions: int
    reason: str
    sources: list[str] = Field(default_factory=list)


class Ladder(Output):
    """Step 9: who is met most often comes first."""

    ladder: list[Rung] = Field(default_factory=list)


class Option(Part):
    name: str
    why: str
    sources: list[str] = Field(default_factory=list)


class MarketCategory(Output):
    """Step 10."""

    category: str | None = None
    reasoning: str = ""
    sources: list[str] = Field(default_factory=list)
    alternatives: list[Option] = Field(default_factory=list)


class Strength(Part):
    """`score` 0-100 by the formula that stands beside it."""

    text: str
    score: int = Field(ge=0, le=100)
    formula: str
    sources: list[str] = Field(default_factory=list)


class Usps(Output):
    """Step 11."""

    usps: list[Strength] = Field(default_factory=list)
    differentiators: list[Strength] = Field(default_factory=list)


class Capability(Part):
    """`rivals`: what the evidence says of each; `unknown` where it is silent."""

    capability: str
    us: Literal["yes"] = "yes"
    rivals: dict[str, Literal["yes", "no", "unknown"]] = Field(default_factory=dict)
    sources: list[str] = Field(default_factory=list)


class Axis(Part):
    name: str
    low: str
    high: str


class Point(Part):
    """A place on the map, 0 or 1 on each axis; null is not known."""

    name: str
    x: float | None
    y: float | None


class Matrix(Output):
    """Step 12."""

    rows: list[Capability] = Field(default_factory=list)
    axes: list[Axis] = Field(default_factory=list)
    points: list[Point] = Field(default_factory=list)


class Positioning(Output):
    """Step 13."""

    category: str | None = None
    positioning_statement: str | None = None
    usps: list[Sourced] = Field(default_factory=list)
    differentiators: list[Sourced] = Field(default_factory=list)
    sources: dict[str, list[str]] = Field(default_factory=dict)


class Choice(Part):
    text: str
    why: str
    sources: list[str] = Field(default_factory=list)


class Focus(Output):
    """Step 14."""

    keep: list[Choice] = Field(default_factory=list)
    drop: list[Choice] = Field(default_factory=list)


class Channel(Part):
    rank: int
    channel: str
    score: int
    reasons: list[str]
    sources: list[str] = Field(default_factory=list)


class Channels(Output):
    """Step 21. The score is a count; the reasons say of what."""

    channels: list[Channel] = Field(default_factory=list)


class Assumption(Part):
    name: str
    value: float | None
    unit: str
    given_by: Literal["founder", "evidence", "nobody"]
    sources: list[str] = Field(default_factory=list)


class Size(Part):
    customers: float
    revenue_inr: float | None
    formula: str


class Sizes(Output):
    """Step 22: arithmetic on numbers that the founder gave; null where one is missing."""

    tam: Size | None = None
    sam: Size | None = None
    som: Size | None = None
    assumptions: list[Assumption] = Field(default_factory=list)
