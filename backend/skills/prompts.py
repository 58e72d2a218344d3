"""A card's prompt with its `{{slots}}` filled, within the tokens that the card allows.

A model is shown less of a fact or a document than a composer reads: offsets and quantities cost tokens and
say nothing. Where even that is too much, documents go first (the facts quote them), then the last facts.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from backend.services.models.prices import estimated_tokens

_SLOT = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_FENCE = "<data>\n{}\n</data>"
_REVISION = (
    "\n\nYou have answered this before. A reader wants these changes: make them, keep what is good, and "
    "answer again in full.\n{}"
)
SHOWN = {
    "facts": ("id", "category", "quote", "section", "speaker"),
    "evidence": ("id", "name", "text"),
}
"""Inputs that are shown in part -> what of each item."""
GIVES_WAY = ("evidence", "facts")


def fill(template: str, inputs: Mapping[str, Any], room_tokens: int | None = None) -> str:
    """The prompt; each value is fenced as data: it is never an instruction."""
    shown = {name: _shown(name, value) for name, value in inputs.items()}
    if room_tokens is not None and isinstance(shown.get("facts"), list):
        _fit(template, shown, room_tokens)

    def value(slot: re.Match[str]) -> str:
        return _fenced(json.dumps(shown.get(slot[1]), ensure_ascii=False, default=str))

    return _SLOT.sub(value, template)


def revised(prompt: str, wanted: str) -> str:
    """The prompt once more, for an answer with what a reader of the first one wants changed."""
    return prompt + _REVISION.format(_fenced(wanted))


def _fenced(text: str) -> str:
    return _FENCE.format(text.replace("</data>", "<\\/data>"))


def _shown(name: str, value: Any) -> Any:
    if name not in SHOWN or not isinstance(value, list):
        return value
    return [{key: item[key] for key in SHOWN[name] if item.get(key)} for item in value]


def _fit(template: str, shown: dict[str, Any], room_tokens: int) -> None:
    """Leave out documents, then facts, from the last on, until the rest has room."""
    over = estimated_tokens(template) - room_tokens
    over += sum(_tokens(shown.get(name)) for name in set(_SLOT.findall(template)))
    for name in GIVES_WAY:
        kept = shown.get(name)
        while over > 0 and isinstance(kept, list) and kept:
            over -= _tokens(kept[-1])
            kept = shown[name] = kept[:-1]


def _tokens(value: Any) -> int:
    return estimated_tokens(json.dumps(value, ensure_ascii=False, default=str))
