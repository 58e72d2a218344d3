"""Places named in a text, from a list of towns, states and countries."""

import functools
import re

import yaml

from backend.skills.composers.lexicon import DATA


@functools.lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    lists: dict[str, str] = yaml.safe_load((DATA / "places.yaml").read_text(encoding="utf-8"))
    names = {" ".join(name.split()) for listed in lists.values() for name in listed.split(",")}
    ordered = sorted(names, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(re.escape(name) for name in ordered)})\b")


def find(text: str) -> list[str]:
    """Places in order of appearance, each once, spelled as in the text."""
    return list(dict.fromkeys(_pattern().findall(text)))
