"""Texts by other authors, read where they lie: the long descriptions of the packages in strangers.txt.

`make .tooling/strangers` unpacks them (nothing of them is imported); the repository holds offsets and labels
alone. A text that is not the one that was labelled, by its hash, is an error.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from backend.core import data_files
from backend.domain.facts import Evidence

HERE = Path(__file__).parent
UNPACKED = HERE.parent / ".tooling" / "strangers"
LABELS = {"open": HERE / "strangers.yaml", "sealed": HERE / "strangers_sealed.yaml"}
KINDS = {
    "ci": "company_info",
    "po": "positioning",
    "ta": "target_audience",
    "pp": "proof_points",
    "di": "differentiators",
    "co": "constraints",
    "pr": "pricing",
}

LONGEST = 50_000
"""Characters that the vault keeps of a document."""

Span = tuple[int, int]


@dataclass(frozen=True)
class FactLabel:
    """Any of `kinds` is right; none means that a reader may take it for a fact or not."""

    start: int
    end: int
    kinds: frozenset[str]


@dataclass(frozen=True)
class QuantityLabel:
    """`kind` "?" counts neither way; a unit or period "*" is not judged."""

    start: int
    end: int
    kind: str
    value: float = 0.0
    unit: str = ""
    period: str = ""


@dataclass(frozen=True)
class Text:
    """`read` are the stretches that were labelled; the text ends with the last of them.
    `figures`: whether its quantities were labelled too.
    """

    evidence: Evidence
    part: str
    read: list[Span]
    facts: list[FactLabel]
    quantities: list[QuantityLabel]
    figures: bool = True


@dataclass(frozen=True)
class Conflict:
    """Places of one figure or word in the older edition, and of what contradicts it in the newer one."""

    older: list[Span]
    newer: list[Span]
    judged: bool


@dataclass(frozen=True)
class Editions:
    older: Evidence
    newer: Evidence
    part: str
    conflicts: list[Conflict]
    labeller: int = 1


def available() -> bool:
    return (UNPACKED / "complete").exists()


def texts(name: str = "open") -> list[Text]:
    return [_text(entry) for entry in _labels(name)["texts"]]


def editions(name: str = "open") -> list[Editions]:
    """Two editions of one description each, with the places where they disagree."""
    return [
        Editions(
            older=_evidence(entry["package"], entry["older"], entry["older_sha256"]),
            newer=_evidence(entry["package"], entry["version"], entry["sha256"]),
            part=entry["part"],
            conflicts=[
                Conflict(_spans(older), _spans(newer), judged=status != "?")
                for older, newer, status in entry["conflicts"]
            ],
            labeller=entry.get("labeller", 1),
        )
        for entry in _labels(name)["versions"] or ()
    ]


def _labels(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = data_files.read(LABELS[name])
    return loaded


def _text(entry: dict[str, Any]) -> Text:
    evidence = _evidence(entry["package"], entry["version"], entry["sha256"])
    read = _spans(entry["read"])
    return Text(
        evidence=evidence.model_copy(update={"text": evidence.text[: read[-1][1]]}),
        part=entry["part"],
        read=read,
        facts=[FactLabel(start, end, _kinds(kinds)) for start, end, kinds in entry["facts"]],
        quantities=[QuantityLabel(*label) for label in entry["quantities"] or ()],
        figures=entry["quantities"] is not None,
    )


def _kinds(written: str) -> frozenset[str]:
    return frozenset(KINDS[kind] for kind in written.split("/") if kind != "?")


def _spans(pairs: list[list[int]]) -> list[Span]:
    return [(start, end) for start, end in pairs]


def _evidence(package: str, version: str, sha256: str) -> Evidence:
    text = _descriptions().get((_project(package), version))
    if text is None:
        raise LookupError(f"{package} {version} is not in {UNPACKED}: make .tooling/strangers")
    if hashlib.sha256(text.encode()).hexdigest()[: len(sha256)] != sha256:
        raise LookupError(f"{package} {version} is not the text that was labelled")
    name = f"{package} {version}"
    return Evidence(id=uuid5(NAMESPACE_URL, name), name=name, text=text[:LONGEST])


@lru_cache(maxsize=1)
def _descriptions() -> dict[tuple[str, str], str]:
    """The long description by package and version, as the metadata give it."""
    found = {}
    for place in (UNPACKED / "current", UNPACKED / "older"):
        for package in distributions(path=[str(place)]):
            metadata: Any = package.metadata
            body = metadata.get_payload() or metadata["Description"] or ""
            found[_project(metadata["Name"]), package.version] = str(body)
    return found


def _project(name: str) -> str:
    """The one spelling of a project's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
