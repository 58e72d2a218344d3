"""The sample documents with their labels: `read(name)` gives the plain text and what is marked in it."""

import re
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from backend.domain.facts import Evidence

DOCUMENTS = Path(__file__).with_name("documents")
KINDS = {
    "ci": "company_info",
    "po": "positioning",
    "ta": "target_audience",
    "pp": "proof_points",
    "di": "differentiators",
    "co": "constraints",
    "pr": "pricing",
}
QUANTITIES = {"p": "price", "q": "count", "%": "percent", "d": "date"}
_MARK = re.compile(r"\{(ci|po|ta|pp|di|co|pr)\||<([p%qd]):([\d.]+)\|")


@dataclass(frozen=True)
class Marked:
    start: int
    end: int
    kind: str
    value: float = 0.0


@dataclass(frozen=True)
class Labelled:
    evidence: Evidence
    facts: list[Marked]
    quantities: list[Marked]


def names() -> list[str]:
    return sorted(path.name for path in DOCUMENTS.glob("sample_*"))


def read(name: str) -> Labelled:
    """Marks nest: a fact holds its quantities."""
    raw = (DOCUMENTS / name).read_text(encoding="utf-8")
    text, facts, quantities, opened, at = "", [], [], [], 0
    while at < len(raw):
        mark = _MARK.match(raw, at)
        if mark:
            opened.append((mark, len(text)))
            at = mark.end()
        elif opened and raw[at] == ("}" if opened[-1][0].group(1) else ">"):
            mark, start = opened.pop()
            if mark.group(1):
                facts.append(Marked(start, len(text), KINDS[mark.group(1)]))
            else:
                value = float(mark.group(3))
                quantities.append(Marked(start, len(text), QUANTITIES[mark.group(2)], value))
            at += 1
        else:
            text += raw[at]
            at += 1
    evidence = Evidence(id=uuid5(NAMESPACE_URL, name), name=name, text=text)
    return Labelled(evidence, facts, quantities)
