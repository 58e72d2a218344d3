"""Small English: plurals, number words, halves, and the safe transforms of the founder's own text.

Nothing here rewrites meaning. A transform trims marks, or cuts at a clause border where the rest takes
nothing back; where no safe cut exists the answer is None and the caller goes without (COMPOSER 1).
"""

import re

# fmt: off
_UNITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
# fmt: on
NUMBER_WORDS: dict[str, int] = {
    **{word: n for n, word in enumerate(_UNITS)},
    **{word: n * 10 for n, word in enumerate(_TENS) if word},
    "hundred": 100,
    "dozen": 12,
}


def number_word(n: int) -> str:
    """`7` -> "seven", `45` -> "forty-five"; figures from 100 on."""
    if n < len(_UNITS):
        return _UNITS[n]
    tens, ones = divmod(n, 10)
    if tens >= len(_TENS):
        return str(n)
    return _TENS[tens] + (f"-{_UNITS[ones]}" if ones else "")


_HALVES = {
    "five": "three",
    "six": "three",
    "eight": "four",
    "ten": "five",
    "twelve": "six",
    "twenty": "ten",
}
_COUNT = "|".join(_HALVES)
_SMALL = "|".join(_UNITS[1:])
_COUNTED = re.compile(
    rf"\b(?:(?P<part>{_SMALL})(?P<of> of (?:the )?)(?P<whole>{_COUNT})|(?P<count>{_COUNT}))\b"
    r"(?! (?:minutes?|seconds?|hours?|days?|weeks?|months?|lines?|steps?|words|points)\b)",
    re.I,
)


def halve_counts(text: str) -> str:
    """Counts of work halved, times and lengths left: "Ring the five, two of the ten" for an hour's half.

    "three of the five" stays a part of its whole: "two of the three".
    """
    return _COUNTED.sub(_halved, text)


def has_counts(text: str) -> bool:
    """Whether half the work is a thing for this text."""
    return bool(_COUNTED.search(text))


def _halved(match: re.Match[str]) -> str:
    if match["count"]:
        return _like(match["count"], _HALVES[match["count"].lower()])
    whole = _HALVES[match["whole"].lower()]
    part = _HALVES.get(match["part"].lower(), match["part"].lower())
    if NUMBER_WORDS[part] >= NUMBER_WORDS[whole]:
        part = number_word(NUMBER_WORDS[whole] - 1)
    return f"{_like(match['part'], part)}{match['of']}{whole}"


def _like(written: str, word: str) -> str:
    return word.capitalize() if written[0].isupper() else word


def plural(phrase: str) -> str:
    """Plural of a noun phrase, by its last word: `purchase manager` -> "purchase managers"."""
    head, _, last = phrase.rpartition(" ")
    return f"{head} {_plural_word(last)}".strip()


def _plural_word(word: str) -> str:
    if word.endswith("ss"):
        return word + "es"
    if not word or word.endswith("s") or word.lower() in {"people", "staff", "men", "women"}:
        return word
    if word.isupper():
        return word + "s"
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    if re.search(r"(?:ch|sh|x|z)$", word):
        return word + "es"
    return re.sub(r"man$", "men", word) if word.endswith("man") else word + "s"


# ---------------------------------------------------------------- the founder's text

_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])")
_RST_LINK = re.compile(r"`([^`<]+?)\s*<[^>`]+>`__?")
_TAG = re.compile(r"</?[A-Za-z][^>]*>")
_MARKS = re.compile(r"[*`]+|(?<!\w)_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)")


_BROKEN_WORD = re.compile(r"(?<=[a-z])(?:\u00ad|-)[ \t]*[\r\n]+\s*(?=[a-z])|\u00ad")


def plain(text: str) -> str:
    """Text without Markdown, reStructuredText or HTML marks, on one line; the words are untouched.

    A word that a page broke at the end of a line is whole again.
    """
    text = _IMAGE.sub(" ", _BROKEN_WORD.sub("", text))
    text = _RST_LINK.sub(r"\1", _LINK.sub(r"\1", text))
    text = _MARKS.sub("", _TAG.sub("", text))
    return re.sub(r"\s+", " ", text).strip()


def tidy(text: str) -> str:
    """`plain`, without a leading bullet or number and without closing punctuation."""
    text = re.sub(r"^(?:[-•–—>#+|:]+|\d{1,2}[.)])\s+", "", plain(text))
    return re.sub(r"[\s.;,:|–—-]+$", "", re.sub(r"^[\s.;,:|–—\[-]+", "", text))


# A remainder that opens like this, or holds this, changes what the first part says.
_TAKES_BACK = re.compile(
    r"\b(?:but|unless|except|excluding|however|only|if|until|though|although|while|instead|not|no|"
    r"never|without|provided|subject|up to|starting|depend\w*|otherwise|rather|than|before|minimum)\b"
    r"|n['’]t\b|\*",
    re.I,
)
_STRONG_BORDER = re.compile(r"(?<=[.!?])\s+(?=[\"“A-Z₹$\d])|\s*;\s+|\s+[–—]\s+|\s+-\s+")
_SOFT_BORDER = re.compile(
    r",\s+(?=(?:so|which|because|and (?:we|it|they|you|he|she|there|that|then|i))\b)"
    r"|\s+(?=because\b)",
    re.I,
)
_DANGLING = re.compile(
    r"(?:\b(?:and|or|the|a|an|of|to|for|with|by|in|on|at|from|that|which|is|are|our|your|we|as|than)"
    r"|[,(:–—-])$",
    re.I,
)
_SUBORDINATE = re.compile(
    r"^(?:if|when|while|because|which|who|that|after|before|unless|although|though|but|and|or|"
    r"since|until|as|whether|in (?:19|20)\d\d)\b",
    re.I,
)
_ENOUGH_WORDS = 3


def shorten(text: str, limit: int) -> str | None:
    """The longest opening of `text` that ends at a clause border and fits `limit` characters.

    None when nothing fits, or when what would be left out takes back or conditions what stays.
    """
    text = tidy(text)
    if len(text) <= limit:
        return text
    borders = [*_STRONG_BORDER.finditer(text), *_SOFT_BORDER.finditer(text)]
    for border in sorted(borders, key=lambda match: -match.start()):
        kept, dropped = tidy(text[: border.start()]), text[border.end() :]
        if len(kept) <= limit and stands_alone(kept) and not _TAKES_BACK.search(dropped):
            return kept
    return None


_QUESTION = re.compile(
    r"(?:^|[,;.–—-]\s+|\b(?:so|then)\s+)((?:why|what|how|can|will|is|are|do|does|who)\b[^?]{6,}\?)\s*$",
    re.I,
)


def short_question(text: str, limit: int) -> str | None:
    """The closing question of a spoken doubt: "I paid once, why will yours be different?"."""
    found = _QUESTION.search(plain(text))
    return found.group(1) if found and len(found.group(1)) <= limit else shorten(text, limit)


def stands_alone(text: str) -> bool:
    """Whether a clause can be read without its neighbours: whole words, brackets closed, no loose end."""
    return (
        len(text.split()) >= _ENOUGH_WORDS
        and not _DANGLING.search(text)
        and not _SUBORDINATE.search(text)
        and text.count("(") == text.count(")")
        and text.count('"') % 2 == 0
    )


def sentence(text: str) -> str:
    """First letter large and one closing mark, for text of ours; quotes of the founder stay as they are."""
    text = text.strip()
    if not text:
        return text
    closed = text if re.search(r"[.?!]”?$", text) else text + "."
    return closed[0].upper() + closed[1:]


_QUOTED = re.compile(r"(“[^”]*”)")


def mend(text: str) -> str:
    """Spaces and doubled punctuation left where a slot was filled; nothing inside “quotes” changes."""
    parts = [part if part.startswith("“") else _mend_own(part) for part in _QUOTED.split(text)]
    text = "".join(parts)
    text = re.sub(r"([.?!]”)\s*[.,;](?=\s|$)", r"\1", text)
    return text.strip()


def _mend_own(text: str) -> str:
    text = re.sub(r"\s+([,.;:?!])", r"\1", re.sub(r"\s{2,}", " ", text))
    return re.sub(r"([.,;:?!])(?:\s*[.,;])+(?=\s|$)", r"\1", text)
