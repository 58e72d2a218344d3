"""Customers speaking: the quoted words of a sentence, who said them, and whether they praise or object."""

import functools
import re
from dataclasses import dataclass
from typing import Literal

from backend.services.embeddings import Vectors, encode, encode_one
from backend.skills.composers.layout import flatten, plain
from backend.skills.composers.lexicon import pattern

Polarity = Literal["praise", "objection"]

_QUOTED = re.compile(r'"([^"]{12,400})"')
_AFTER_QUOTE = re.compile(r'"\s*[-,~]+\s*((?:[A-Z][\w.\']*\s?){1,4}[^.;"]{0,60})$')
_SAYS = re.compile(
    r"\b((?:(?:Mr|Mrs|Ms|Dr)\.? )?[A-Z][\w.]+(?: [A-Z][\w.]+){0,2})[^\"]{0,40}"
    r"\b(?:says|said|told|writes|wrote)\b"
)
_PRAISE = (
    "It saved us money in the first month.",
    "They were honest and helped me.",
    "I stopped using the other brand.",
    "The best service we have used.",
    "We finished faster than ever.",
    "My family loved it and asked for more.",
)
_OBJECTION = (
    "I am worried it will be too expensive.",
    "Why should I pay again?",
    "It will not work for us.",
    "My team will not like it.",
    "We lose a lot of time doing this by hand.",
    "How do I know it is safe?",
)
CUE_WEIGHT = 0.22


@dataclass(frozen=True, slots=True)
class Quotation:
    """`start` and `end` enclose the words inside the quotation marks, relative to the text given."""

    start: int
    end: int
    words: str
    speaker: str


def quotation(text: str) -> Quotation | None:
    """The first quotation of twelve characters and more in a sentence, None when nobody is quoted."""
    flat = flatten(text)  # a quoted attribute of a tag is nobody speaking
    found = _QUOTED.search(flat)
    if found is None:
        return None
    speaker = _AFTER_QUOTE.search(flat) or _SAYS.search(flat)
    said = text[found.start(1) : found.end(1)]
    return Quotation(found.start(1), found.end(1), said, _name(speaker.group(1)) if speaker else "")


def _name(words: str) -> str:
    return " ".join(words.split()).strip(" ,.-*_")


def objects(words: str) -> bool:
    """Whether a buyer doubts the offer, as against praising it or complaining of his lot."""
    flat = plain(words)
    if not pattern("to_the_seller").search(flat) or pattern("in_our_favour").search(flat):
        return False  # what has no word for the seller is a lament about life
    return polarity(words) == "objection"


@functools.lru_cache(maxsize=1)
def _examples() -> tuple[Vectors, Vectors]:
    return encode(_PRAISE), encode(_OBJECTION)


def polarity(words: str) -> Polarity:
    """Nearest example in meaning, helped by cue words; a question objects, a draw counts as praise."""
    if words.rstrip().endswith("?"):
        return "objection"
    vector = encode_one(words)
    praise, objection = (float((examples @ vector).max()) for examples in _examples())
    flat = plain(words)
    praise += CUE_WEIGHT * bool(pattern("praise").search(flat))
    objection += CUE_WEIGHT * bool(pattern("objection").search(flat))
    return "objection" if objection > praise else "praise"
