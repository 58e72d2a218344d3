"""What the business is called, by vote of the places where documents say so; no name when they do not.

A wrong name is worse than none: every plan and text would carry it.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from backend.domain.facts import Evidence
from backend.skills.composers import places
from backend.skills.composers.layout import flatten
from backend.skills.composers.lexicon import DATA, words

ENOUGH = 3.0
"""Votes below which the name stays open. A sentence about the firm is 1.5, a title 2, a legal form 3."""
FIRST_LINE = 2.0
MOST_SENTENCES = 4
REPEATED = 2
MOST_SHOUTED = 2
EARLY = 400
"""Characters: a firm that opens the document with its own name means it."""

_WORD = r"\b[A-Z][\w&'+]*(?:[.-][A-Za-z][\w']*)*"
_JOINED = rf"{_WORD}(?:[ ](?:{_WORD}|&|of|and|the)){{0,4}}"
_LEGAL_FORM = (
    r"(?:(?:Pvt|Private)\.?\s*(?:Ltd|Limited)\.?|LLP|Ltd\.?|Limited|Inc\.?|LLC|L\.L\.C\.?|GmbH|Corp\.?|Corporation"
    r"|PLC|Pty|B\.V\.|S\.A\.|Co\.)"
)
_LEGAL = re.compile(rf"({_JOINED}),?\s+{_LEGAL_FORM}(?!\w)")
# "Lotus sells ...", "Lotus itself was ...": a name, then a verb that firms are the subject of.
_SUBJECT = re.compile(
    rf"(?:^|(?<=[.!?:]\s)|(?<=\n))[^\w\n\"']{{0,6}}({_JOINED})[*_]{{0,2}}(?: itself| also)?"
    rf"\s+(?:{'|'.join(sorted(words('firm_verbs')))})\b",
    re.M,
)
_NAMED = re.compile(
    r"(?:\b(?:[Aa]bout|[Ww]elcome to|WELCOME TO|[Ww]hy(?: choose)?|[Cc]hoose|[Ii]ntroducing|[Mm]eet|[Aa]t"
    r"|[Jj]oin|[Cc]ontact|[Pp]owered by|[Bb]uilt by|[Mm]ade by|brand|called|named|[Tt]eam)\s+"
    rf"|©\s*(?:\d{{4}}(?:-\d{{4}})?\s*)?)({_JOINED})"
)
_OTHERS = re.compile(  # rivals, customers and tools, whose names stand in a document too
    r"(?:[Uu]nlike|compar\w+ (?:us )?(?:with|to)|(?:[Cc]ustomers|[Cc]lients) include|including|such as|vs\.?"
    r"|switch\w* from|instead of|alternative to|integrat\w+ with|works with|[Ss]upplying|deals (?:mostly )?to"
    rf"|quotes from|stopped buying|[Pp]artners?:)\s+({_JOINED})"
)
_DOMAIN = re.compile(r"(?:@|www\.|https?://(?:www\.)?)([a-z0-9-]{3,40})\.[a-z]{2,12}\b", re.I)
_TITLE_CUT = re.compile(r"\s+[|–—•·:-]+\s+|\s*[|:]\s*|\s+-\s+")

Votes = dict[str, float]


def company_name(evidence: Sequence[Evidence]) -> str | None:
    """The name as the evidence spells it, or None when no place in it settles the question."""
    votes: Votes = defaultdict(float)
    for item in evidence:
        _vote(item, votes)
    _corroborate(evidence, votes)
    firms = [entry for entry in votes.items() if places.find(entry[0]) != [entry[0]]]
    ranked = sorted(firms, key=lambda entry: (-entry[1], entry[0]))
    if not ranked or ranked[0][1] < ENOUGH:
        return None
    return ranked[0][0]


def _vote(item: Evidence, votes: Votes) -> None:
    flat = flatten(item.text)
    marked = item.text  # line breaks count: a name starts a line
    for title, weight in _titles(item.text):
        for name in _of_title(title):
            letterhead = weight == FIRST_LINE and _is_uncommon(name)
            votes[name] += weight + letterhead
    sentences: dict[str, int] = defaultdict(int)
    for name in _names(_SUBJECT.findall(marked)):
        sentences[name] += 1
    for name, count in sentences.items():
        early = marked.find(name) < EARLY
        votes[name] += (1.5 + (" " in name)) * min(count, MOST_SENTENCES) + early
    for name in set(_names(_NAMED.findall(flat))):
        votes[name] += 1.0
    for legal in _LEGAL.finditer(flat):
        name = _trim_legal(legal)
        if name:
            votes[_brand(name, legal.group(), flat)] += 3.0
    for name in votes:
        votes[name] += flat.count(name) >= REPEATED
    for name in _names(_OTHERS.findall(flat)):
        if name in votes:
            votes[name] -= 0.5


def _names(found: Iterable[str]) -> Iterator[str]:
    for phrase in found:
        name = _trim(phrase)
        if name:
            yield name


def _trim(phrase: str) -> str:
    """Without little words at the ends; "" when what is left is no name."""
    tokens = phrase.split()
    while tokens and tokens[-1].lower() in ("of", "and", "the", "&"):
        tokens.pop()
    if not tokens or tokens[0].lower() in words("not_names"):
        return ""
    name = " ".join(tokens).strip(".,'")
    common = len(tokens) == 1 and (name.lower() in _common() or len(name) < 3)
    shouted = name.isupper() and len(tokens) > 3
    return "" if common or shouted or tokens[0].lower().endswith("ing") else name


def _is_uncommon(name: str) -> bool:
    """Holds a word that is none of the language's everyday ones: "Lotus Polymers", not "Delivery Terms"."""
    return any(word.lower().strip("&.,") not in _common() for word in name.split() if len(word) > 2)


@functools.lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset((DATA / "common_words.txt").read_text(encoding="utf-8").split())


def _trim_legal(legal: re.Match[str]) -> str:
    """A legal form makes a name even of a common word: "Balloons Inc."."""
    tokens = legal.group(1).split()
    return "" if tokens[0].lower() in words("not_names") else " ".join(tokens)


def _brand(name: str, full: str, flat: str) -> str:
    """ "Lotus Dairy Foods Ltd" is "Lotus Dairy" where the text uses that alone, else it stays whole."""
    tokens = full.split()
    for size in range(1, len(name.split()) + 1):
        short = " ".join(tokens[:size]).rstrip(",")
        following = re.escape(tokens[size]) if size < len(tokens) else "$"
        alone = len(re.findall(rf"\b{re.escape(short)}\b(?!,?\s+{following})", flat))
        if alone >= 2 and _trim(short):
            return short
    return " ".join(tokens).rstrip(",")


# ---------------------------------------------------------------- titles, domains, file names


def _titles(text: str) -> Iterator[tuple[str, float]]:
    """The first lines and the Markdown title, each with its weight.

    Where several lines stand in capitals, they are the headings of a list, not the firm's name.
    """
    shouted = sum(1 for line in text.splitlines() if line.isupper() and len(line.split()) <= 6)
    shown = [line.strip() for line in text.splitlines() if re.search(r"\w", line)][:3]
    for n, line in enumerate(shown):
        if len(line.split()) <= 14 and not (line.isupper() and shouted > MOST_SHOUTED):
            yield re.sub(r"^#+\s*", "", line), FIRST_LINE if n == 0 else 1.0


def _of_title(title: str) -> Iterator[str]:
    """Candidates of a title: each part between dashes and bars, without the words for the paper itself."""
    bare = re.sub(r"\([^)]*\)|[\"*_#]", " ", flatten(title))
    for part in _TITLE_CUT.split(bare):
        firm, placed, _ = part.partition(", ")
        if placed and len(firm.split()) > 1:  # "Lotus Facility Services, Nagpur"
            kept = firm.split()
        else:
            kept = [word for word in part.split() if not _is_of_paper(word)]
        if 1 <= len(kept) <= 4 and all(word[0].isupper() or word == "&" for word in kept):
            name = _trim(" ".join(kept))
            if name:
                yield name


def _is_of_paper(word: str) -> bool:
    named = word.lower().strip(".,:") in words("paper_words")
    return named or bool(re.search(r"\d{4}", word))


def _corroborate(evidence: Sequence[Evidence], votes: Votes) -> None:
    """A domain or file name that spells a candidate speaks for it."""
    domains = {domain for item in evidence for domain in _domains(item.text)}
    files = {_squeeze(PurePath(item.name).stem) for item in evidence}
    for name in votes:
        squeezed = _squeeze(name)
        if len(squeezed) < 3:
            continue
        if any(domain == squeezed or domain.startswith(squeezed) for domain in domains):
            votes[name] += 3.0
        if any(squeezed in file for file in files):
            votes[name] += 1.5


def _domains(text: str) -> set[str]:
    foreign = words("free_mail") | words("social_sites")
    return {_squeeze(found) for found in _DOMAIN.findall(text) if found.lower() not in foreign}


def _squeeze(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
