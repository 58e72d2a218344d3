"""Perception by rule: what the words of a request show, and whether there is enough to go on."""

import re

from backend.cognitive.protocol import Perception
from backend.routing import hlk_router, recall

MIN_WORDS = 2
NAMES = re.compile(r"(?<!^)(?<![.!?] )\b[A-Z][\w&'-]+(?: [A-Z][\w&'-]+)*")
CURRENCY = r"(?:₹|Rs\.? ?|INR ?|\$)"
AMOUNT = r"\d[\d,]*(?:\.\d+)?(?: ?(?:lakh|crore|k|%))?"
FIGURES = re.compile(CURRENCY + "?" + AMOUNT, re.I)
TIMES = re.compile(
    r"\b(?:today|tomorrow|tonight|this (?:week|month|quarter)|next (?:week|month)|"
    r"(?:in|within|for) (?:\w+) (?:days?|weeks?|months?)|by \w+day)\b",
    re.I,
)
MONEY = re.compile(rf"\bbudget (?:of |is )?{CURRENCY}?{AMOUNT}|{CURRENCY}{AMOUNT}", re.I)
QUALITY = re.compile(
    r"\b(?:short|brief|detailed|simple|formal|friendly|no jargon|in hindi)\b", re.I
)
URGENT = re.compile(r"\b(?:urgent\w*|asap|right now|immediately|emergency)\b", re.I)
NEGATIVE = re.compile(
    r"\b(?:bad|angry|complain\w*|losing|lost|failing|problem|worst|refund\w*)\b", re.I
)
POSITIVE = re.compile(r"\b(?:great|love|happy|excited|thanks|best|proud|celebrat\w*)\b", re.I)
FORMAL = re.compile(r"\b(?:kindly|please|regards|herewith|request you)\b", re.I)


def perceive(query: str) -> Perception:
    """What the request says about itself. Below two words it asks back instead of guessing."""
    urgent = bool(URGENT.search(query))
    unclear = len(re.findall(r"\w+", query)) < MIN_WORDS
    return Perception(
        raw_input=query,
        entities=list(dict.fromkeys([*NAMES.findall(query), *FIGURES.findall(query)])),
        primary_intent=hlk_router.action_of(query.lower()),
        sentiment="urgent" if urgent else _sentiment(query),
        formality="urgent" if urgent else "formal" if FORMAL.search(query) else "casual",
        references_previous=recall.refers_back(query),
        requires_clarification=unclear,
        clarification_questions=["What should this achieve, and for whom?"] if unclear else [],
        time_constraints=TIMES.findall(query),
        budget_constraints=[found.strip() for found in MONEY.findall(query)],
        quality_requirements=[found.lower() for found in QUALITY.findall(query)],
    )


def _sentiment(query: str) -> str:
    bad, good = len(NEGATIVE.findall(query)), len(POSITIVE.findall(query))
    if bad == good:
        return "neutral"
    return "negative" if bad > good else "positive"
