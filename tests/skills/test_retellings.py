"""Contradictions between documents: the same statement with another figure, and what only looks like one."""

from typing import Any
from uuid import UUID

import pytest

from backend.domain.facts import Evidence
from backend.skills.composers import differences, disagreements, extraction
from backend.skills.composers.sourced import Brief


def documents(*texts: str) -> list[Evidence]:
    return [Evidence(id=UUID(int=n), name=f"{n}.txt", text=text) for n, text in enumerate(texts)]


def conflicts(one: str, other: str) -> list[dict[str, Any]]:
    evidence = documents(one, other)
    facts = extraction.extract(evidence).facts
    found: list[dict[str, Any]] = disagreements.compose(Brief(facts, evidence, {}, {}, {}))[
        "conflicts"
    ]
    return found


@pytest.mark.parametrize(
    ("one", "other", "values"),
    [
        (
            "Our rental desk serves 240 schools across the hill districts every winter.",
            "Our rental desk serves 310 schools across the hill districts every winter.",
            {"240", "310"},
        ),
        (
            "Delivery is free for every order above ₹499 within the city limits.",
            "Delivery is free for every order above ₹799 within the city limits.",
            {"₹499", "₹799"},
        ),
        (
            "| Plan | Branches |\n|---|---|\n| Growth plan of the desk | 20 |\n",
            "| Plan | Branches |\n|---|---|\n| Growth plan of the desk | 35 |\n",
            {"20", "35"},
        ),
    ],
)
def test_the_same_statement_with_another_figure_is_asked_about(
    one: str, other: str, values: set[str]
) -> None:
    heading = "## Prices and plans\n\n"
    (conflict,) = conflicts(heading + one, heading + other)
    assert {side["value"] for side in conflict["sides"]} == values
    assert all(side["value"] in side["quote"] for side in conflict["sides"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (  # another town
            "Customers in Sampleabad rate our repair service 4.8 after every visit.",
            "Customers in Samplepur rate our repair service 4.6 after every visit.",
        ),
        (  # another year
            "The rejection rate of our sacks was 0.5% in 2023.",
            "The rejection rate of our sacks was 0.7% in 2024.",
        ),
        (  # what was
            "The closing of the books used to be 9 days of work for the office.",
            "The closing of the books used to be 12 days of work for the office.",
        ),
        (  # the same value, written otherwise
            "We have delivered 1,00,000 meals to offices and hostels of the city.",
            "We have delivered 100,000 meals to offices and hostels of the city.",
        ),
    ],
)
def test_what_only_looks_like_a_contradiction_is_left_alone(one: str, other: str) -> None:
    assert conflicts(f"## Proof\n\n{one}\n", f"## Proof\n\n{other}\n") == []


def test_a_sentence_of_no_known_kind_counts_once_another_document_tells_it_otherwise() -> None:
    one, other = (f"The van takes {count} crates on a good morning." for count in (14, 16))
    assert not extraction.extract(documents(one)).facts
    both = extraction.extract(documents(one, other)).facts
    assert [fact.quote for fact in both] == [one, other]
    assert all(fact.needs_verification for fact in both)
    (conflict,) = conflicts(one, other)
    assert {side["value"] for side in conflict["sides"]} == {"14", "16"}


@pytest.mark.parametrize(
    ("capability", "name"),
    [
        ("Works with the GPS box you already have", "Works with the GPS box"),
        ("Same-day pickup: call before ten", "Same-day pickup"),
        ("Each batch is tested in our own lab and the report is on the bottle", ""),
    ],
)
def test_an_axis_has_a_name_of_a_few_words_or_is_not_drawn(capability: str, name: str) -> None:
    assert differences.axis_name(capability) == name
