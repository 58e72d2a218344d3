"""The claim check: eight rules on small evidence, then lies and true lines by the dozen."""

from collections import Counter

import pytest

from backend.skills.claims import Checker, check
from tests.skills.evaluate_claims import LEAST_CAUGHT, MOST_ALARMS, measure
from tests.skills.evidence import claim_set, facts_of

TEXT = """Millwright sharpens saw blades for joinery shops in Kota.
Blade collection ₹60 per blade per week
Rush service ₹140 per blade
Haldi Furniture cut blade purchases by 45% in 6 months.
We do not sharpen drill bits.
"I stopped buying new blades." - Irfan, Haldi Furniture
Each blade is measured be-
fore it leaves.
"""
LISTED = [
    {
        "category": "positioning",
        "quote": "Millwright sharpens saw blades for joinery shops in Kota.",
    },
    {"category": "pricing", "quote": "Blade collection ₹60 per blade per week"},
    {"category": "pricing", "quote": "Rush service ₹140 per blade"},
    {
        "category": "proof_points",
        "quote": "Haldi Furniture cut blade purchases by 45% in 6 months.",
    },
    {"category": "constraints", "quote": "We do not sharpen drill bits."},
    {
        "category": "proof_points",
        "quote": '"I stopped buying new blades." - Irfan, Haldi Furniture',
        "speaker": "Irfan, Haldi Furniture",
    },
    {"category": "differentiators", "quote": "Each blade is measured be-\nfore it leaves."},
]
FACTS, EVIDENCE = facts_of("Millwright", TEXT, LISTED)


def _checker(**options: object) -> Checker:
    return Checker(FACTS, [EVIDENCE], names=["Millwright"], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("“I stopped buying blades.”", 1),
        ("Rush service is ₹150 per blade.", 2),
        ("Rush service is ₹60 per blade.", 2),
        ("Blade collection is ₹60 per blade per month.", 2),
        ("Haldi Furniture cut blade purchases by 45 rupees.", 2),
        ("Haldi Furniture cut blade purchases by 45% in 6 weeks.", 2),
        ("Bosch sends its blades to Millwright.", 3),
        ("Ask Suresh about the blades.", 3),
        ("The best saw blades in Kota.", 4),
        ("Joinery shops cut blade purchases by 45% in 6 months.", 4),
        ("We sharpen drill bits.", 5),
        ("We own eleven vans.", 2),
        ("Our grinders come from Sweden.", 3),
        ("Our grinders run all night.", 8),
    ],
)
def test_each_rule_objects(text: str, rule: int) -> None:
    assert rule in {violation.rule for violation in _checker().check(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Millwright sharpens saw blades for joinery shops in Kota.",
        "Rush service is ₹140 per blade.",
        "Blade collection at ₹60 per blade per week.",
        "Haldi Furniture cut blade purchases by 45% in 6 months.",
        "We do not sharpen drill bits.",
        "“I stopped buying new blades.” - Irfan, Haldi Furniture",
        "“Each blade is measured before it leaves.”",
        "How many blades did you buy last month?",
        "Send one blade this week.",
    ],
)
def test_what_the_evidence_says_may_be_said(text: str) -> None:
    assert _checker().check(text) == []


def test_the_plans_own_counts_are_declared() -> None:
    checker = _checker()
    line = "Ring twelve joinery shops and ask about their blades."
    assert [v.rule for v in checker.check(line, audience="founder")] == [2]
    assert checker.check(line, owner_numbers=[12], audience="founder") == []


def test_a_declared_count_is_no_licence_for_a_price() -> None:
    found = _checker().check(
        "Offer the rush service at ₹12.", owner_numbers=[12], audience="founder"
    )
    assert [violation.rule for violation in found] == [2]


def test_advice_to_the_founder_is_no_claim_but_copy_is() -> None:
    line = "People trust the counting more than the figure."
    assert _checker().check(line, audience="founder") == []
    assert [violation.rule for violation in _checker().check(line)] == [8]


def test_banned_words_stay_out() -> None:
    found = _checker(banned=["razor-sharp"]).check("Razor-sharp blades by Friday")
    assert 6 in {violation.rule for violation in found}


def test_a_fact_in_conflict_is_neither_quoted_nor_counted() -> None:
    checker = _checker(frozen=["F03"])
    assert [v.rule for v in checker.check("Rush service is ₹140 per blade.")] == [7]
    assert [v.rule for v in checker.check("“Rush service ₹140 per blade”")] == [7]
    assert checker.check("Blade collection is ₹60 per blade per week.") == []


def test_the_goal_is_the_founders_word() -> None:
    goal = "sell 300 sharpenings to Godrej"
    assert _checker(goal=goal).check(f"Write the result for “{goal}”.", audience="founder") == []


def test_one_call_does_what_the_checker_does() -> None:
    found = check("Rush service is ₹150.", FACTS, [EVIDENCE], names=["Millwright"])
    assert [violation.rule for violation in found] == [2]


def test_without_facts_nothing_may_be_said_of_the_company() -> None:
    checker = Checker([], [], names=["Millwright"])
    assert [v.rule for v in checker.check("We sharpen blades.")] == [8]
    assert checker.check("Send one blade this week.") == []


@pytest.mark.parametrize(
    ("name", "caught", "alarms"), [("first", 0.97, 0.03), ("second", 0.95, 0.03)]
)
def test_lies_are_caught_and_true_lines_pass(name: str, caught: float, alarms: float) -> None:
    """`second` was written after the rules were frozen; it then caught 45 of 46 lies with 1 alarm in 49."""
    cases = claim_set(name)
    lies = [(kind, text, found) for case in cases for kind, text, found in case.lies()]
    lines = [(text, found) for case in cases for text, found in case.true_lines()]
    missed = [(kind, text) for kind, text, found in lies if not found]
    alarmed = [(text, found) for text, found in lines if found]
    assert len(lies) - len(missed) >= caught * len(lies), missed
    assert len(alarmed) <= alarms * len(lines), alarmed


def test_the_sets_are_large_and_of_seven_kinds() -> None:
    cases = [case for name in ("first", "second") for case in claim_set(name)]
    kinds = Counter(kind for case in cases for kind, _, _ in case.lies())
    assert sum(kinds.values()) >= 60
    assert sum(len(case.entry["true_lines"]) for case in cases) >= 60
    assert len(kinds) >= 7


def test_who_introduces_a_quotation_asserts_nothing() -> None:
    assert _checker().check("As Irfan told us: “I stopped buying new blades.”") == []
    found = _checker().check("As our certified grinders say: “I stopped buying new blades.”")
    assert [violation.rule for violation in found] == [4]


def test_the_sealed_third_keeps_the_published_figures() -> None:
    """`make eval-claims` prints them; the first run, before any mending, caught 98.1% of 158."""
    sealed = measure(claim_set("third"))
    assert sealed.lies.total() >= 100
    assert sealed.lines >= 100
    assert sealed.caught_share >= LEAST_CAUGHT
    assert sealed.alarm_share <= MOST_ALARMS
