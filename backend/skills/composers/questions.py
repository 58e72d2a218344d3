"""The question that would fill a gap, for every slot the composers may leave empty."""

import functools

from backend.core import data_files
from backend.domain.facts import Missing
from backend.skills.composers.lexicon import DATA


@functools.lru_cache(maxsize=1)
def _questions() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = data_files.read(DATA / "questions.yaml")
    return loaded


def missing(slot: str, of: str = "") -> Missing:
    """The gap of a slot; `of` names whose it is (an ICP), so that two profiles' gaps stay apart."""
    return Missing(slot=f"{of}.{slot}" if of else slot, **_questions()[slot])


def known(slot: str) -> Missing | None:
    """The question for a slot that is ours, else nothing."""
    return missing(slot) if slot in _questions() else None
