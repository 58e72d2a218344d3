"""What stands above the cells of a row: the titles in the head of its table."""

import re
from collections.abc import Iterable
from uuid import UUID

from backend.domain.facts import Evidence, Fact
from backend.skills.composers import layout


class Columns:
    """The titles of the tables of some documents; each table is read once."""

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        self._texts = {item.id: item.text for item in evidence}
        self._known: dict[tuple[UUID, int], tuple[str, ...]] = {}

    def titles(self, fact: Fact) -> tuple[str, ...]:
        """One a cell, from the left; none where the statement is no row below a head."""
        text = self._texts.get(fact.evidence_id, "")
        if "|" not in fact.quote or not text:
            return ()
        return self._above(fact.evidence_id, text, text.rfind("\n", 0, fact.start) + 1)

    def title(self, fact: Fact, column: int) -> str:
        """Of one cell, counted from 0; empty where there is none."""
        titles = self.titles(fact)
        return titles[column] if column < len(titles) else ""

    def _above(self, document: UUID, text: str, start: int) -> tuple[str, ...]:
        """Up the table to its head, or to a line whose titles are known; `start` is that of the line."""
        passed, titles = [start], self._known.get((document, start))
        while titles is None:
            upper = text.rfind("\n", 0, start - 1) + 1 if start else 0
            line = text[upper : start - 1] if start else ""
            if "|" not in line:
                titles = ()
            elif _RULE.match(line):
                head = text[text.rfind("\n", 0, upper - 1) + 1 : upper - 1] if upper else ""
                titles = _cells(head)
            else:
                titles = self._known.get((document, upper))
                passed.append(upper)
            start = upper
        self._known |= {(document, line): titles for line in passed}
        return titles


def _cells(head: str) -> tuple[str, ...]:
    cells = layout.flatten(head).strip().strip("|").split("|") if "|" in head else []
    return tuple(layout.heading_title(" ".join(cell.split())) for cell in cells)


_RULE = re.compile(r"[\s|:-]*-{2}[\s|:-]*$")
