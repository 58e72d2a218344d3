"""Perception by rule: what the words of a request show, and whether there is enough to go on."""

import re

from backend.cognitive.protocol import Perception
from backend.routing import hlk_router, intent_router, recall

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
_NUMBER = r"(\d{1,2}|" + "|".join(intent_router.NUMBER_WORDS) + ")"
LENGTHS = re.compile(
    rf"\b(?:in|within|for|over|during) (?:the next |only |exactly )?({_NUMBER}[ -](day|week)s?)\b",
    re.I,
)
A_DAY = re.compile(
    rf"\b({_NUMBER.replace('1,2', '1,3')} ?(min\w*|hours?|hrs?) (?:a|per|each|every) day)\b", re.I
)
_CHANNEL = "(" + "|".join(name for name in intent_router.CHANNELS if len(name) > 1) + ")"
EXCLUDED = re.compile(
    rf"\b(?:no|not|never|without|avoid|except)(?: on| via| use| using| any)? {_CHANNEL}\b", re.I
)
WANTED = re.compile(rf"\b(?:on|via|through|by|over|only|use|using) {_CHANNEL}\b", re.I)
URGENT = re.compile(r"\b(?:urgent\w*|asap|right now|immediately|emergency)\b", re.I)
NEGATIVE = re.compile(
    r"\b(?:bad|angry|complain\w*|losing|lost|failing|problem|worst|refund\w*)\b", re.I
)
POSITIVE = re.compile(r"\b(?:great|love|happy|excited|thanks|best|proud|celebrat\w*)\b", re.I)
FORMAL = re.compile(r"\b(?:kindly|please|regards|herewith|request you)\b", re.I)


def perceive(query: str) -> Perception:
    """What the request says about itself. Below two words, or against itself, it asks instead of guessing."""
    urgent = bool(URGENT.search(query))
    questions = contradictions(query)
    if len(re.findall(r"\w+", query)) < MIN_WORDS:
        questions = ["What should this achieve, and for whom?"]
    return Perception(
        raw_input=query,
        entities=list(dict.fromkeys([*NAMES.findall(query), *FIGURES.findall(query)])),
        primary_intent=hlk_router.action_of(query.lower()),
        sentiment="urgent" if urgent else _sentiment(query),
        formality="urgent" if urgent else "formal" if FORMAL.search(query) else "casual",
        references_previous=recall.refers_back(query),
        requires_clarification=bool(questions),
        clarification_questions=questions,
        time_constraints=TIMES.findall(query),
        budget_constraints=[found.strip() for found in MONEY.findall(query)],
        quality_requirements=[found.lower() for found in QUALITY.findall(query)],
    )


def contradictions(query: str) -> list[str]:
    """A question for each limit that the request sets twice, differently."""
    questions = []
    for what, values in (("duration", _durations(query)), ("time a day", _minutes(query))):
        if len(values) > 1:
            named = " and ".join(dict.fromkeys(values.values()))
            questions.append(f"You name two limits for the {what}: {named}. Which one holds?")
    excluded = {found.lower() for found in EXCLUDED.findall(query)}
    wanted = {found.lower() for found in WANTED.findall(EXCLUDED.sub(" ", query))}
    questions += [
        f"You both ask for {channel} and rule it out. Should it be used?"
        for channel in sorted(excluded & wanted)
    ]
    return questions


def _durations(query: str) -> dict[int, str]:
    """Days -> how they were named, of every length that a plan is asked to have."""
    found = {}
    for text, number, unit in LENGTHS.findall(query):
        count = intent_router.NUMBER_WORDS.get(number.lower()) or int(number)
        found[count * (7 if unit.lower() == "week" else 1)] = text.strip()
    return found


def _minutes(query: str) -> dict[int, str]:
    found = {}
    for text, number, unit in A_DAY.findall(query):
        count = intent_router.NUMBER_WORDS.get(number.lower()) or int(number)
        found[count * (60 if unit.lower().startswith("h") else 1)] = text.strip()
    return found


def _sentiment(query: str) -> str:
    bad, good = len(NEGATIVE.findall(query)), len(POSITIVE.findall(query))
    if bad == good:
        return "neutral"
    return "negative" if bad > good else "positive"
