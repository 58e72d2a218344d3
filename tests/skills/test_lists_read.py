"""Price lists and handwork as strangers write them: what is sold, where it costs that, and who does it."""

from uuid import UUID

import pytest

from backend.domain.facts import Evidence
from backend.skills.composers import company, extraction, market, voice
from backend.skills.composers.sourced import Brief

FEES = """Country Duration Suggested Fee
India 45 Minutes ₹500
United States 45 Minutes $42
Pune 1 hour ₹900
Mumbai Darshan Tour ₹1,200
"""


def brief(text: str) -> Brief:
    item = Evidence(id=UUID(int=1), name="notes.txt", text=text)
    return Brief(extraction.extract([item]).facts, [item], {}, {}, {})


def test_a_country_says_where_a_price_holds() -> None:
    read = brief(FEES)
    offers = company.profile(read.facts, read.evidence)["offers"]
    assert [(offer["name"], offer["price_text"]) for offer in offers] == [
        ("45 Minutes (India)", "₹500"),
        ("45 Minutes (United States)", "$42"),
        ("1 hour (Pune)", "₹900"),
        ("Mumbai Darshan Tour", "₹1,200"),
    ]


def test_a_price_by_head_and_by_hour_keeps_both() -> None:
    read = brief(
        "# Prices\n\n## Daytime\n\n- £10 per dog per hour\n- £3 discount for additional dogs\n"
    )
    offers = company.profile(read.facts, read.evidence)["offers"]
    assert [(offer["name"], offer["period"]) for offer in offers] == [("Daytime", "dog/hour")]


def test_lines_of_a_price_list_are_no_sentences() -> None:
    measured = voice.compose(brief(FEES + "\nWe call back within a day.\n"))
    assert measured["measures"]["sentences"] == 1
    assert [line["text"] for line in measured["examples"]] == ["We call back within a day."]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("We cast and finish brass lamps, urlis and door handles by hand.", []),
        ("Every lamp is made by hand in our workshop in Moradabad.", []),
        (
            "Independent bakeries lose two hours every night because they add up bills by hand.",
            ["by hand"],
        ),
    ],
)
def test_own_handwork_is_no_rival(text: str, named: list[str]) -> None:
    assert [rival["name"] for rival in market.research(brief(text))["rivals"]] == named
