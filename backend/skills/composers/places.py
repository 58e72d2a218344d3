"""Places named in a text, from a list of towns, states and countries."""

import functools
import re

from backend.core import data_files
from backend.skills.composers.lexicon import DATA

_NEXT_NAME = re.compile(r" ([A-Z][\w'&]*)")
_WHERE = re.compile(r"\b(?:in|at|from|near|around|across|of|outside|to|and|or|,) ?$", re.I)


@functools.lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    lists: dict[str, str] = data_files.read(DATA / "places.yaml")
    names = {" ".join(name.split()) for listed in lists.values() for name in listed.split(",")}
    ordered = sorted(names, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(re.escape(name) for name in ordered)})\b")


def find(text: str) -> list[str]:
    """Places in order of appearance, each once, spelled as in the text; "Dubai Chocolate" names none."""
    found = (match for match in _pattern().finditer(text) if not _names_a_thing(text, match))
    return list(dict.fromkeys(match.group() for match in found))


def _names_a_thing(text: str, match: re.Match[str]) -> bool:
    """The place is the first word of a longer name, and no word before it says where."""
    rest = _NEXT_NAME.match(text, match.end())
    if not rest or _pattern().match(text, rest.start(1)):
        return False
    return not _WHERE.search(text, 0, match.start())
