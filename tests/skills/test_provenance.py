"""Provenance: each claim with its verdict and the characters it rests on."""

from typing import Any

import pytest

from backend.skills.claims import Checker
from backend.skills.provenance import provenance
from backend.skills.registry import Evaluation
from tests.skills.evidence import facts_of

TEXT = """Millwright sharpens saw blades for joinery shops in Kota.
Rush service ₹140 per blade
Haldi Furniture cut blade purchases by 45% in 6 months.
We do not sharpen drill bits.
"I stopped buying new blades." - Irfan, Haldi Furniture
"""
LISTED: list[dict[str, Any]] = [
    {"category": "positioning", "quote": TEXT.splitlines()[0]},
    {"category": "pricing", "quote": "Rush service ₹140 per blade"},
    {
        "category": "proof_points",
        "quote": "Haldi Furniture cut blade purchases by 45% in 6 months.",
    },
    {"category": "constraints", "quote": "We do not sharpen drill bits."},
    {
        "category": "proof_points",
        "quote": '"I stopped buying new blades." - Irfan, Haldi Furniture',
    },
]
FACTS, EVIDENCE = facts_of("Millwright", TEXT, LISTED)
CHECKER = Checker(FACTS, [EVIDENCE], names=["Millwright"])
RULES = Evaluation(claims=["lines[].text"])


def claims(*texts: str) -> list[dict[str, Any]]:
    output = {"lines": [{"text": text} for text in texts]}
    found: list[dict[str, Any]] = provenance(output, RULES, CHECKER)["claims"]
    return found


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Rush service is ₹140 per blade.", "F02"),
        ("Haldi Furniture cut blade purchases by 45% in 6 months.", "F03"),
        ("We do not sharpen drill bits.", "F04"),
        ("“I stopped buying new blades.”", "F05"),
    ],
)
def test_supported_claim_has_its_span(text: str, fact: str) -> None:
    (claim,) = claims(text)
    assert (claim["verdict"], claim["source"]["fact_id"]) == ("supported", fact)
    start, end = claim["source"]["start"], claim["source"]["end"]
    assert TEXT[start:end] == claim["source"]["quote"]
    assert claim["source"]["evidence_id"] == str(EVIDENCE.id)


@pytest.mark.parametrize(
    ("text", "verdict", "rule"),
    [
        ("We sharpen drill bits.", "contradicted", 5),
        ("Rush service is ₹150 per blade.", "contradicted", 2),
        ("Bosch sends its blades to us.", "unsupported", 3),
        ("Our grinders run all night.", "unsupported", 8),
        ("“The finest blades in India.”", "unsupported", 1),
    ],
)
def test_lie_is_named_with_its_rule(text: str, verdict: str, rule: int) -> None:
    (claim,) = claims(text)
    assert (claim["verdict"], claim["rule"]) == (verdict, rule)


def test_each_sentence_is_a_claim_of_its_own() -> None:
    found = provenance(
        {"lines": [{"text": "Rush service is ₹140 per blade. Our grinders run all night. Ready?"}]},
        RULES,
        CHECKER,
    )
    assert [claim["path"] for claim in found["claims"]] == ["lines.0.text"] * 2
    assert (found["supported"], found["unsupported"], found["contradicted"]) == (1, 1, 0)


def test_questions_and_instructions_claim_nothing() -> None:
    assert claims("How many blades did you buy last month?", "Send one blade this week.") == []


def test_a_number_of_the_plans_own_is_no_lie() -> None:
    output = {"lines": [{"text": "Ring 12 joinery shops.", "owner_numbers": [12]}]}
    rules = Evaluation(claims=["lines[].text"], claims_audience="founder")
    (claim,) = provenance(output, rules, CHECKER)["claims"]
    assert claim["verdict"] == "supported"


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("Price on the table: service at ₹140.", 1),
        ("In one line: Millwright sharpens saw blades for joinery shops in Kota.", 0),
        ("Please note before you order: we do not sharpen drill bits.", 3),
    ],
)
def test_a_lead_does_not_hide_the_source(said: str, line: int) -> None:
    source = CHECKER.source_of(said)
    assert source is not None
    assert source.quote == LISTED[line]["quote"]
