"""The company profile: name, industry, stage, website and offers, each with the facts it rests on.

Silence beats invention: what the evidence does not settle is None and becomes a question.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal, TypedDict
from urllib.parse import urlsplit

from backend.domain.facts import Evidence, Fact, Quantity
from backend.skills.composers import industries, naming
from backend.skills.composers.lexicon import words
from backend.skills.composers.offers import Offer, read_offers
from backend.skills.composers.questions import missing

Stage = Literal["idea", "mvp", "growth", "scale", "enterprise"]
FIELDS = ("company_name", "industry", "company_stage", "website_url", "offers")


class Company(TypedDict):
    company_name: str | None
    industry: str | None
    company_stage: Stage | None
    website_url: str | None
    offers: list[Offer]
    sources: dict[str, list[str]]
    """Field to the ids of the facts it rests on; absent when it rests on a title or an address alone."""
    missing: list[dict[str, Any]]


def profile(facts: Sequence[Fact], evidence: Sequence[Evidence]) -> Company:
    """What the evidence says of the firm itself."""
    name = naming.company_name(evidence)
    industry, industry_facts = industries.classify(facts, evidence)
    stage, stage_facts = _stage(facts)
    offers = read_offers(facts)
    sources = {
        "company_name": [fact.id for fact in facts if name and name in fact.quote][:5],
        "industry": industry_facts,
        "company_stage": stage_facts,
        "offers": sorted({fact_id for offer in offers for fact_id in offer["sources"]}),
    }
    company: Company = {
        "company_name": name,
        "industry": industry,
        "company_stage": stage,
        "website_url": _website(evidence, name),
        "offers": offers,
        "sources": {field: found for field, found in sources.items() if found},
        "missing": [],
    }
    found = {"company_name": name, "industry": industry, "company_stage": stage, "offers": offers}
    found["website_url"] = company["website_url"]
    company["missing"] = [missing(field).model_dump() for field in FIELDS if not found[field]]
    return company


# ---------------------------------------------------------------- website

_URL = re.compile(
    r"(?:https?://|\bwww\.)([a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z]{2,12})(?:/[^\s)\]>\"']*)?",
    re.I,
)
_BARE_DOMAIN = re.compile(
    r"(?<![@\w.-])([a-z0-9][a-z0-9-]{2,}\.(?:com|in|co\.in|org|net|io|co|app|shop|store|dev|ai|biz|co\.uk))\b(?![@\w])",
    re.I,
)


def _website(evidence: Sequence[Evidence], name: str | None) -> str | None:
    """The firm's own address: where a page came from, else one that spells the firm's name."""
    for item in evidence:
        if re.match(r"https?://", item.name):
            parts = urlsplit(item.name)
            if parts.hostname and not _foreign(parts.hostname):
                return f"{parts.scheme}://{parts.hostname}"
    squeezed = re.sub(r"[^a-z0-9]", "", (name or "").lower())
    if len(squeezed) < 3:
        return None
    for item in evidence:
        for pattern in (_URL, _BARE_DOMAIN):
            for host in pattern.findall(item.text):
                if not _foreign(host) and squeezed in re.sub(r"[^a-z0-9]", "", host.lower()):
                    return f"https://{host.lower()}"
    return None


def _foreign(host: str) -> bool:
    return bool(set(host.lower().split(".")) & words("social_sites"))


# ---------------------------------------------------------------- stage

_IDEA = re.compile(
    r"\b(?:pre-?launch|at the idea stage|validating (?:the|an) idea|launching soon|coming soon)\b",
    re.I,
)
_MVP = re.compile(
    r"\b(?:private|public|closed|open)? ?beta\b|\bMVP\b|\bprototype\b|\bearly access\b|\bwaitlist\b",
    re.I,
)
_STAFF = re.compile(r"^(?:employees?|staff|people|team)\b", re.I)
_USERS = re.compile(
    r"\b(?:customers?|clients?|users?|firms?|companies|businesses|fleets?|schools?|clinics?|stores?|buyers?"
    r"|subscribers?|members?|families|homes|patients?|students?|teams?)$",
    re.I,
)


def _stage(facts: Sequence[Fact]) -> tuple[Stage | None, list[str]]:
    """By head count, then customers, then the words of beginners; None when nothing counts."""
    staff = _largest(facts, ("company_info",), _STAFF)
    if staff:
        value, fact_id = staff
        stage: Stage = "enterprise" if value >= 1000 else "scale" if value >= 200 else "growth"
        return stage, [fact_id]
    users = _largest(facts, ("proof_points", "company_info"), _USERS)
    if users and users[0] >= 50:
        return "growth", [users[1]]
    for stage_name, pattern in (("mvp", _MVP), ("idea", _IDEA)):
        speaking = [
            fact.id
            for fact in facts
            if fact.category in ("company_info", "positioning", "constraints")
            and pattern.search(fact.quote)
        ]
        if speaking:
            return ("mvp" if stage_name == "mvp" else "idea"), speaking[:1]
    return None, []


def _capped(fact: Fact, quantity: Quantity) -> bool:
    """ "Up to 500 patients" is a limit of the offer, not a count of customers."""
    return fact.quote[: quantity.start - fact.start].lower().rstrip().endswith("up to")


def _largest(
    facts: Sequence[Fact], categories: tuple[str, ...], unit: re.Pattern[str]
) -> tuple[float, str] | None:
    counts = [
        (quantity.value, fact.id)
        for fact in facts
        if fact.category in categories and not fact.needs_verification
        for quantity in fact.quantities
        if quantity.kind == "count" and unit.search(quantity.unit) and not _capped(fact, quantity)
    ]
    return max(counts) if counts else None
