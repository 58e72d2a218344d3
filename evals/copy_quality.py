"""300 pieces of copy, composed for companies of other authors' making: what they claim and how they read.

`make eval-copy`. Of each sentence that says something of the company: has it a source, or is it flagged?
Grammar is counted by Harper where it is installed (`pip install harper-py`), the founder's lines included.
"""

import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from backend.core.errors import Unprocessable
from backend.domain.facts import Evidence, Fact
from backend.skills import copy_rules, provenance
from backend.skills.claims import Checker
from backend.skills.composers import company, copybook, copywriting, extraction
from backend.skills.composers.copybook import TONES
from backend.skills.composers.copywriting import CopyRequest
from backend.skills.registry import Evaluation
from tests.skills import labelled
from tests.skills.evidence import BRIEFS, brief

PIECES = 300
TOPICS = ("why buyers hesitate", "our prices", "how we work")
CLAIMS = Evaluation(claims=["lines[].text"], claims_audience="public")
SAMPLE = Path("backend/cli/samples/sample-company.md")
NOT_GRAMMAR = frozenset(
    {"Spelling", "Capitalization", "Style", "Readability", "WordChoice", "Enhancement"}
)
"""Kinds of remarks that are no grammar errors: names it does not know, and taste."""


def companies() -> Iterator[tuple[str, list[Fact], Evidence]]:
    texts = [labelled.read(name).evidence for name in labelled.names()]
    sample = SAMPLE.read_text(encoding="utf-8")
    texts.append(Evidence(id=uuid5(NAMESPACE_URL, "sample"), name=SAMPLE.name, text=sample))
    for evidence in texts:
        yield evidence.name, extraction.extract([evidence]).facts, evidence
    for name in BRIEFS:
        known = brief(name)
        yield name, list(known.facts), known.evidence


def written() -> Iterator[tuple[dict[str, Any], Checker, str]]:
    """Pieces in turn over companies, places, tones and topics, with the check over their evidence."""
    firms = [(n, f, e, dict(company.profile(f, [e]))) for n, f, e in companies()]
    places = [(k, p) for k, listed in copybook.platforms().items() for p in listed]
    for turn in range(len(TONES)):
        for at, (kind, place) in enumerate(places):
            for number, (name, facts, evidence, profile) in enumerate(firms):
                topic = TOPICS[(turn + number) % len(TOPICS)]
                tone = TONES[(turn + at + number) % len(TONES)]
                wish = CopyRequest(content_type=kind, platform=place, topic=topic, tone=tone)
                names = [str(profile.get("company_name") or "")]
                checker = Checker(facts, [evidence], topic=topic, names=names)
                try:
                    found = copywriting.compose(wish, facts, [evidence], profile)
                except Unprocessable:
                    yield {}, checker, f"{name} {kind} {place}"
                    continue
                yield from (
                    ({**p, "kind": kind}, checker, f"{name} {kind} {place}")
                    for p in found["pieces"]
                )


def main() -> int:
    counts: Counter[str] = Counter()
    lines: list[str] = []
    for piece, checker, where in written():
        if counts["pieces"] == PIECES:
            break
        if not piece:
            counts["refused"] += 1
            continue
        counts["pieces"] += 1
        kept = [line for line in piece["lines"] if line["style"] not in ("button", "show")]
        lines += [line["text"] for line in kept]
        for claim in provenance.provenance({"lines": kept}, CLAIMS, checker)["claims"]:
            counts[claim["verdict"]] += 1
            counts["sourced"] += claim["source"] is not None
            counts["without_source"] += claim["verdict"] == "supported" and claim["source"] is None
            if claim["verdict"] != "supported":
                print(f"flagged: {where}: {claim['text']} ({claim['why']})")
        counts["words"] += copy_rules.plain_words(" ".join(line["text"] for line in kept))
    print(dict(counts))
    print(f"{len(lines)} lines, {len(set(lines))} of them different")
    wrong = grammar(sorted(set(lines)))
    return int(counts["unsupported"] + counts["contradicted"] > 0 or wrong > 3)


def grammar(lines: list[str]) -> float:
    """Errors in 100 lines; 0 and a word where the checker is not installed."""
    try:
        harper = importlib.import_module("harper")
    except ImportError:
        print("Harper is not installed (pip install harper-py): grammar was not counted.")
        return 0.0
    linter, wrong = harper.Linter(), 0
    for line in lines:
        found = [lint for lint in linter.lint(line) if kind_of(lint) not in NOT_GRAMMAR]
        wrong += bool(found)
        for lint in found:
            print(f"grammar: {kind_of(lint)}: {lint.message} | {line}")
    rate = 100 * wrong / len(lines)
    print(f"grammar: {wrong} of {len(lines)} lines, {rate:.1f} in 100")
    return rate


def kind_of(lint: Any) -> str:
    return str(getattr(lint, "lint_kind", getattr(lint, "kind", ""))).rpartition(".")[2]


if __name__ == "__main__":
    sys.exit(main())
