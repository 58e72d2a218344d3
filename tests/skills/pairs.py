"""Pairs of our own documents that disagree, with the places where they do: see disagreeing/README.md."""

import re
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from backend.domain.facts import Evidence

DISAGREEING = Path(__file__).with_name("disagreeing")
_MARK = re.compile(r"\{(\w+)\|([^{}]*)\}")

Span = tuple[int, int]


@dataclass(frozen=True)
class Pair:
    one: Evidence
    other: Evidence
    conflicts: dict[str, tuple[Span, Span]]
    """By name: where the first document says it, and where the second one does."""


def names() -> list[str]:
    return sorted(path.stem for path in DISAGREEING.glob("*.txt"))


def read(name: str) -> Pair:
    raw = (DISAGREEING / f"{name}.txt").read_text(encoding="utf-8")
    (one, marked), (other, other_marked) = map(_unmarked, raw.split("\n=====\n"))
    if marked.keys() != other_marked.keys():
        raise ValueError(
            f"{name}: {sorted(marked.keys() ^ other_marked.keys())} stands on one side only"
        )
    return Pair(
        _evidence(f"{name} 1", one),
        _evidence(f"{name} 2", other),
        {key: (span, other_marked[key]) for key, span in marked.items()},
    )


def _unmarked(raw: str) -> tuple[str, dict[str, Span]]:
    text, marked, at = "", {}, 0
    for found in _MARK.finditer(raw):
        text += raw[at : found.start()]
        marked[found.group(1)] = (len(text), len(text) + len(found.group(2)))
        text += found.group(2)
        at = found.end()
    return text + raw[at:], marked


def _evidence(name: str, text: str) -> Evidence:
    return Evidence(id=uuid5(NAMESPACE_URL, name), name=name, text=text)
