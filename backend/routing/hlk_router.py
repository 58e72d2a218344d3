"""The high-level classification of a request: domain, category, action (PRODUCT 6).

By rule: a table of cue words. It decides when meaning alone did not, and it always names the action. The
routing path says `hlk:rules`, so nobody takes it for a model's judgement.
"""

import re
from dataclasses import dataclass
from typing import Literal

Action = Literal["create", "read", "update", "delete", "analyze", "generate"]

# Verbs such as "write" are no cues: they say what to do, not about what.
CUES: dict[str, tuple[str, ...]] = {
    "onboarding": ("onboarding", "upload", "evidence", "pitch deck", "set up", "setup", "brochure"),
    "moves": (
        "move",
        "week",
        "daily plan",
        "seven day",
        "7 day",
        "7-day",
        "battle plan",
        "tasks",
        "hafte",
        "roz",
    ),
    "campaigns": ("campaign", "90 day", "90-day", "quarter", "phases", "months", "marathon"),
    "muse": (
        "email",
        "post",
        "blog",
        "copy",
        "script",
        "carousel",
        "caption",
        "newsletter",
        "headline",
        "subject line",
    ),
    "blackbox": ("black box", "blackbox", "risky", "bold", "crazy", "growth hack", "stunt"),
    "daily_wins": ("daily win", "today", "trend", "trending", "quick idea", "this morning", "aaj"),
    "analytics": ("perform", "results", "report", "conversion", "analytics", "compare", "metrics"),
    "foundation": (
        "foundation",
        "positioning",
        "brand voice",
        "summary",
        "summarise",
        "who we are",
    ),
    "settings": (
        "subscription",
        "invoice",
        "billing",
        "time zone",
        "password",
        "budget",
        "plan upgrade",
    ),
}
DOMAINS: dict[str, str] = {"onboarding": "onboarding", "settings": "utility"}
ACTIONS: tuple[tuple[Action, str], ...] = (
    ("delete", r"delete|remove|drop|cancel"),
    ("update", r"update|change|edit|refresh|rewrite|improve|continue|confirm"),
    ("analyze", r"analy[sz]e|compare|why|perform\w*|report|check"),
    (
        "generate",
        r"plan|create|generate|write|draft|build|make|design|suggest|give me|propose|help me",
    ),
    ("read", r"show|what|which|who|where|summari[sz]e|tell|list|how"),
)


@dataclass(frozen=True, slots=True)
class HlkDecision:
    """`confidence` is the share of the cues found that point to the category; 0 without any cue."""

    domain: str
    category: str
    action: Action
    keywords: list[str]
    confidence: float
    reasoning: str


def decide(text: str, hint: str | None = None) -> HlkDecision:
    """Classify by cue words; `hint` is a category known already, for which only the action is open."""
    lowered = text.lower()
    found = {category: _cues(lowered, cues) for category, cues in CUES.items()}
    total = sum(map(len, found.values()))
    best = max(found, key=lambda category: len(found[category]))
    category = hint or (best if found[best] else "unknown")
    keywords = found.get(category, [])
    return HlkDecision(
        domain=DOMAINS.get(category, "product"),
        category=category,
        action=action_of(lowered),
        keywords=keywords,
        confidence=round(len(keywords) / total, 2) if total else 0.0,
        reasoning=f"cue words: {', '.join(keywords)}" if keywords else "no cue word",
    )


def action_of(lowered: str) -> Action:
    """The first kind of verb the request uses; without one, it is taken as a wish to generate."""
    hits = [
        (m.start(), action)
        for action, cue in ACTIONS
        if (m := re.search(rf"\b(?:{cue})\b", lowered))
    ]
    return min(hits)[1] if hits else "generate"


def _cues(lowered: str, cues: tuple[str, ...]) -> list[str]:
    return [cue for cue in cues if re.search(rf"\b{re.escape(cue)}", lowered)]
