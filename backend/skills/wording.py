"""Words for the claim check: content words, names, negation, strong words, statements. No evidence here."""

import functools
import re
from collections.abc import Iterable
from pathlib import Path

from backend.core import data_files
from backend.skills.composers.language import NUMBER_WORDS

_DATA = Path(__file__).with_name("data")

_WORD = re.compile(r"[A-Za-z][A-Za-z'’&+#.-]*[A-Za-z+#]|[A-Za-z]|\d+[A-Za-z]+")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”]?\s+(?=[A-Z₹$\d“\"…(])|\n+")
_CLAUSE = re.compile(
    r"\s*[;:—–()|]\s*|,\s+|\s-\s|\s+(?=\b(?:but|while|whereas|so that|because)\b)", re.I
)
_ABBREVIATION = re.compile(
    r"\b(?:Rs|Mr|Mrs|Ms|Dr|Pvt|Ltd|Co|No|St|vs|approx|e\.g|i\.e|excl|incl)\.$", re.I
)


@functools.lru_cache(maxsize=1)
def _lists() -> dict[str, frozenset[str]]:
    listed = data_files.read(_DATA / "claim_words.yaml")
    return {name: frozenset(text.split()) for name, text in listed.items()}


def listed(name: str) -> frozenset[str]:
    """A word list of `data/claim_words.yaml`."""
    return _lists()[name]


# ---------------------------------------------------------------- words, sentences, clauses


def words(text: str) -> list[str]:
    return [word.strip(".-'’") for word in _WORD.findall(text)]


@functools.lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A rough stem: enough to see `reconciling` and `reconciliation` as neighbours of `reconcile`."""
    word = re.sub(r"['’]s?$", "", word.lower())
    if len(word) > 4:
        return re.sub(r"(?:ations?|ings?|ers?|ed|es|s|ly|ment|e)$", "", word)
    return re.sub(r"s$", "", word) if len(word) == 4 else word


def stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text))


@functools.lru_cache(maxsize=4_000)
def content(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning."""
    stop = listed("stop")
    return frozenset(
        stem(word) for word in words(text) if word.lower() not in stop and not _is_number(word)
    )


def _is_number(word: str) -> bool:
    return all(part in NUMBER_WORDS for part in word.lower().split("-"))


def sentences(text: str) -> list[str]:
    parts: list[str] = []
    for part in _SENTENCE.split(text):
        if parts and _ABBREVIATION.search(parts[-1]):
            parts[-1] = f"{parts[-1]} {part}"
        else:
            parts.append(part)
    return [part.strip() for part in parts if re.search(r"\w", part)]


def clauses(text: str) -> list[str]:
    return [
        clause
        for sentence in sentences(text)
        for clause in _CLAUSE.split(sentence)
        if re.search(r"\w", clause)
    ]


# ---------------------------------------------------------------- around a number

_BESIDE = 3
"""Content words looked at on each side of a number inside an instruction."""
_INSTRUCTION_BORDER = re.compile(
    r"[.,;:—–()…“”|?!]|\b(?:and|then|with|so|that|who|which|if|when|after|before|while|into|instead)\b",
    re.I,
)


def clause_around(sentence: str, start: int, end: int) -> str:
    """The clause that holds the number; the whole sentence when the clause has too few words to judge."""
    left = max((m.end() for m in _CLAUSE.finditer(sentence, 0, start)), default=0)
    right = next((m.start() for m in _CLAUSE.finditer(sentence, end)), len(sentence))
    clause = sentence[left:right]
    return clause if len(content(clause)) > 1 else sentence


def phrase_around(sentence: str, start: int, end: int) -> str:
    """The few words beside a number in an instruction, words of instructing left out."""
    before = sentence[:start]
    left = max((m.end() for m in _INSTRUCTION_BORDER.finditer(before)), default=0)
    after = _INSTRUCTION_BORDER.search(sentence, end)
    right = after.start() if after else len(sentence)
    near = [w for w in words(before[left:]) if not _instructs(w)][-_BESIDE:]
    far = [w for w in words(sentence[end:right]) if not _instructs(w)]
    return " ".join([*near, *far[:_BESIDE]])


@functools.lru_cache(maxsize=8192)
def _instructs(word: str) -> bool:
    """`pay` and `pays` alike."""
    return bool({word.lower(), *_bases(word.lower())} & listed("instruction"))


# ---------------------------------------------------------------- names

_NAME = re.compile(r"\b[A-Z][\w'’.&+-]*(?:\s+(?:&\s+)?[A-Z][\w'’&+-]*)*")
_MIXED = re.compile(r"\b[a-z]+[A-Z]\w*|\b[A-Za-z]\w*\d\w*\b")


def names(sentence: str, small_words: frozenset[str]) -> list[str]:
    """Capitalised runs that are no ordinary words.

    The first word of a sentence counts when neither the evidence (`small_words`: what it writes in small
    letters) nor the list of common words knows it.
    """
    found = []
    for match in _NAME.finditer(sentence):
        name = match.group(0).rstrip(".'’-")
        if _opens(sentence, match.start()):
            name = _without_common_opening(name, small_words)
        if name and not all(is_neutral(word) for word in name.split()):
            found.append(name)
    return [*found, *_MIXED.findall(sentence)]


_ADDRESS = re.compile(
    r"https?://[^\s)\]>\"”]+|\bwww\.[^\s)\]>\"”]+|[\w.+-]+@[\w-]+(?:\.\w+)*|"
    r"\b[\w-]+(?:\.[\w-]+)*\.(?:com|in|org|net|io|co|app|dev|shop|store|example|info|biz|xyz)\b(?:/\S*)?",
    re.I,
)


def addresses(sentence: str) -> list[str]:
    """Web and mail addresses, also those without a scheme; UPI ids are shaped like the latter."""
    return [found.rstrip(".,;:!?") for found in _ADDRESS.findall(sentence)]


def is_neutral(word: str) -> bool:
    """Names of channels, days and months need no evidence."""
    return re.sub(r"['’]s$", "", word.lower()) in listed("neutral_names")


def _opens(sentence: str, at: int) -> bool:
    return not re.search(r"\w", re.split(r"[:.!?…]\s|[\"“(]", sentence[:at])[-1])


def _without_common_opening(name: str, small_words: frozenset[str]) -> str:
    first, _, rest = name.partition(" ")
    small = re.sub(r"['’]s$", "", first.lower())
    return rest if small in small_words or is_common(first) else name


@functools.lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    common = frozenset((_DATA / "common_words.txt").read_text(encoding="utf-8").split())
    return common | listed("stop") | listed("instruction") | listed("ordinary")


@functools.lru_cache(maxsize=8192)
def is_common(word: str) -> bool:
    """Whether a word, or what it is derived from, is on the list of ordinary English words."""
    small = re.sub(r"['’](?:s|re|ve|ll|d|t)?$", "", word.lower())
    if small in _common() or word.lower().replace("’", "'") in _common():
        return True
    if _DERIVED.search(small) or _is_compound(small):
        return True
    bare = re.sub(r"^(?:un|re|non|pre|mis|over|under|out)(?=[a-z]{4})", "", small)
    return any(base in _common() for base in (bare, *_bases(small), *_bases(bare)))


_DERIVED = re.compile(r"(?:ness|less|ments|tions|ities|ively|ably|ingly|edly)$")
"""Endings that hardly any name has."""


def _bases(word: str) -> set[str]:
    """`hurries` -> hurry, `stopping` -> stop, `used` -> use."""
    cut = {
        word[: -len(ending)]
        for ending in ("s", "es", "ed", "d", "ing", "ly", "er", "r", "est")
        if word.endswith(ending) and len(word) - len(ending) > 2
    }
    silent = {base + "e" for base in cut}
    final_y = {base[:-1] + "y" for base in cut if base.endswith("i")}
    single = {base[:-1] for base in cut if base[-1] == base[-2]}
    return cut | silent | final_y | single


def _is_compound(word: str) -> bool:
    """`home-made`, `razor-sharp`: one known part after the first is enough, names have capitals there."""
    _, *parts = word.split("-")
    return any(part in _common() or part in NUMBER_WORDS for part in parts)


_SUBJECT = re.compile(r"^(?:At\s+)?((?:[A-Z][\w'’.&-]*\s+(?:&\s+)?){1,4})(?=[a-z])")
_RESULT = re.compile(
    r"\b(?:cut|closed|moved|saved|saves|reduced|recovered|recovers|grew|brought|got|doubled|went|dropped|"
    r"raised|increased|won|sold|filled|switched|pays|paid|finished|earned)\b"
)


def subject(text: str) -> frozenset[str]:
    """Stems of the named subject of a result ("Acme Traders cut ..."); empty when there is none."""
    found = _SUBJECT.match(text)
    if not found or not _RESULT.search(text):
        return frozenset()
    name = words(found.group(1))
    if len(name) == 1 and is_common(name[0]):
        return frozenset()
    return frozenset(stem(word) for word in name if len(word) > 2)


def says_one(sentence: str) -> bool:
    """Whether a result is told as that of a single customer, though without the name."""
    return bool(re.search(r"\bone (?!of a kind\b)[a-z]+|\ba (?:customer|client)\b", sentence, re.I))


# ---------------------------------------------------------------- strong words and negation

_STRONG = re.compile(
    r"\b(?:cheapest|best|better than|finest|no\.? ?1|number one|leading|leader|largest|biggest|fastest|"
    r"quickest|lowest|highest|smartest|easiest|safest|simplest|top-rated|unmatched|unbeatable|"
    r"award[- ]winning|only|guarantee[ds]?|certified|proven|promise[sd]?|100%|always|never fails?|"
    r"world[- ]class|trusted by|loved by|as seen in|featured in|permanent(?:ly)?|instant(?:ly)?|zero risk|"
    r"risk[- ]free|you will|you'll|you’ll|will (?:save|cut|get|recover|double|grow|earn|make)|"
    r"nearly|almost|over|more than|at least|up to|under|less than|about|around|roughly|"
    r"average|typically|unlimited|lifetime|forever|free)\b",
    re.I,
)
_GENERAL = re.compile(
    r"\b(?:(?:every|all|any|each) (?!of\b|the\b|your\b|our\b|day\b|week\b|month\b|year\b|time\b)[a-z]+|"
    r"everyone|everybody|most)\b",
    re.I,
)
_HARMLESS = re.compile(
    r"\bover (?:to|the phone|lunch|chai|coffee|a call)\b|\babout\b(?!\s*(?:[₹$€£]|rs|\d|\w+ty\b))|"
    r"\baround\b(?!\s*(?:[₹$€£]|rs|\d))|\bunder (?:the|your|it|each)\b|\bat least one\b|\bmost of\b",
    re.I,
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|without|none|nobody|nothing|neither|nor|cannot)\b|n['’]t\b", re.I
)


def strong_words(text: str, *, general: bool) -> list[str]:
    """Words that promise, rank or round, as written; with `general` those that speak of all.

    "Check each page" asks for work, "each page sells" claims something: instructions are read without.
    """
    bare = _HARMLESS.sub(" ", text)
    found = [*_STRONG.finditer(bare), *(_GENERAL.finditer(bare) if general else ())]
    return [match.group(0) for match in found]


def negated(text: str) -> bool:
    return bool(_NEGATION.search(text))


# ---------------------------------------------------------------- statements

_VERB = re.compile(
    r"\b(?:is|are|was|were|am|has|have|had|will|would|can|could|does|do|did|may|must|should|shall|"
    r"[a-z]{3,}(?:s|ed)|got|cut|won|made|sold|grew|paid|gave|took|went|came|kept|left|built|brought|found|"
    r"work|cover|offer|help|serve|match|ship|deliver|need|want|love|use|run|give|make|sell|build|support|"
    r"provide|include|cost|save|take|get|keep|pay|trust|choose|prefer|recover)\b"
)
_COMPANY_SUBJECT = re.compile(
    r"^(?:and |but |so |because |that )?"
    r"(?:we|our|us|i|my|it|its|customers?|clients?|users|patients|guests|"
    r"the (?:company|product|team|firm|business|app|tool|service|shop|platform|software|clinic|founders?)|"
    r"(?:our|all|most|many|every|each|these|the|average) ?(?:\w+ )?"
    r"(?:customers?|clients?|users?|buyers?|firms?|patients?|guests?|partners?|owners?|companies|businesses|"
    r"teams))\b(?!['’]s (?:own )?words)",
    re.I,
)
_LEADS_IN = re.compile(
    r"^(?:if|when|where|what|why|how|who|which|whose|whether|unless|until|once|before|after|while|as soon as|"
    r"let|please|do not|don['’]t|never|no|nobody|then|first|next|and|or|not)\b",
    re.I,
)


_INTRODUCES = re.compile(
    r"[^:;,.]{0,60}\b(?:says?|said|told|tells?|wrote|writes?|asks?|asked|puts? it)\b[^:;,.]{0,30}:$",
    re.I,
)
"""What stands before a quotation says who speaks; the quotation is checked by itself."""


def is_statement(sentence: str, company_names: Iterable[str], *, strict: bool) -> bool:
    """Whether a sentence asserts something that needs a fact.

    Questions, instructions and fragments without a verb do not. Outside `strict`, only a sentence whose
    subject is the company, its product or its customers does.
    """
    bare = sentence.strip(' "“”…-•*')
    if bare.endswith("?") or not _VERB.search(bare) or _INTRODUCES.match(bare):
        return False
    if _COMPANY_SUBJECT.match(bare) or any(_is_subject(name, bare) for name in company_names):
        return True
    if not strict or _LEADS_IN.match(bare):
        return False
    first = re.match(r"[A-Za-z'’-]+", bare)
    return not (first and first.group(0).lower() in listed("instruction"))


def _is_subject(name: str, sentence: str) -> bool:
    return bool(name) and bool(
        re.match(rf"(?:the )?{re.escape(name)}(?:['’]s \w+)?\b", sentence, re.I)
    )
