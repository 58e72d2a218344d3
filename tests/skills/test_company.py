"""Company profile, positioning and summary: what the evidence says, and silence where it says nothing."""

from uuid import UUID

import pytest

from backend.domain.facts import Evidence, Fact
from backend.skills.composers import (
    company,
    extraction,
    icps,
    naming,
    places,
    positioning,
    synthesis,
)
from backend.skills.composers.company import Company
from backend.skills.composers.positioning import Positioning
from tests.skills import labelled


def evidence(text: str, name: str = "notes.txt") -> Evidence:
    return Evidence(id=UUID(int=1), name=name, text=text)


def profile(*items: Evidence) -> Company:
    return company.profile(extraction.extract(items).facts, items)


def everything(item: Evidence) -> tuple[list[Fact], Company, Positioning]:
    facts = extraction.extract([item]).facts
    found = company.profile(facts, [item])
    return facts, found, positioning.compose(facts, found)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "Sample Loom Pvt. Ltd. was founded in 2019.\nSample Loom makes cotton clothes.",
            "Sample Loom",
        ),
        ("# Nandivale - Price list\n\nNandivale is a bakery in Pune.", "Nandivale"),
        (
            "Welcome to Kotwaria!\n\nKotwaria helps tailors. Kotwaria is open on Sundays.",
            "Kotwaria",
        ),
        ("NANDIVALE POLYMERS (an ISO 9001 company)\nWe make sacks.", "NANDIVALE POLYMERS"),
        ("Write to hello@kotwaria.in\n\n# Kotwaria\n\nFresh bread daily.", "Kotwaria"),
    ],
)
def test_the_name_stands_where_firms_put_it(text: str, name: str) -> None:
    assert profile(evidence(text))["company_name"] == name


@pytest.mark.parametrize(
    "text",
    [
        "# Price list\n\nTea 20\nCoffee 40\n",
        "We compare with Nandivale and Kotwaria. Customers include Nandivale Foods.",
        "Fresh flowers for offices.\nRoses ₹40\n",
        "Supplying dealers and seed companies across seven states.",
        "OUR STORY\nWe began as a bakery.",
    ],
)
def test_a_name_that_is_not_there_is_not_invented(text: str) -> None:
    found = profile(evidence(text))
    assert found["company_name"] is None
    assert "company_name" in {gap["slot"] for gap in found["missing"]}


def test_headings_of_a_menu_name_no_firm() -> None:
    menu = "CREPE\nLotus Crepe | $17\nWAFFLE\nLotus Waffle | $18\nGELATO\n1 scoop | $5\n"
    assert naming.company_name([evidence(menu, name="menu.pdf")]) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dubai Chocolate Crepe | $17.49", []),
        ("We deliver in Pune and Mumbai.", ["Pune", "Mumbai"]),
        ("Offices in Dubai We ship daily.", ["Dubai"]),
        ("Bengaluru Karnataka", ["Bengaluru", "Karnataka"]),
    ],
)
def test_a_place_in_a_products_name_is_none(text: str, found: list[str]) -> None:
    assert places.find(text) == found


def test_offers_carry_name_price_period_and_source() -> None:
    item = evidence(
        "## Plans\n\n- Solo: ₹899 per month\n- Sacks: ₹14 to ₹17 per piece\n- 14-day free trial\n"
    )
    solo, sacks, trial = profile(item)["offers"]
    assert (solo["name"], solo["price"], solo["currency"], solo["period"]) == (
        "Solo",
        899,
        "INR",
        "month",
    )
    assert (sacks["price"], sacks["price_max"], sacks["price_text"]) == (14, 17, "₹14 to ₹17")
    assert (trial["name"], trial["price"]) == ("14-day free trial", None)
    assert solo["sources"] == ["F01"]


def test_a_sum_that_is_no_price_is_no_offer() -> None:
    item = evidence("## Prices\n\n- Free delivery above ₹499\n- Save ₹300 when you pay yearly\n")
    assert profile(item)["offers"] == []


def test_the_website_is_the_firms_own() -> None:
    text = "Nandivale is a bakery.\nNandivale sells bread.\nhttps://github.com/nandivale\nhttps://www.nandivale.in/shop"
    assert profile(evidence(text))["website_url"] == "https://www.nandivale.in"
    page = evidence("Bread and cakes.", name="https://nandivale.in/menu")
    assert profile(page)["website_url"] == "https://nandivale.in"
    assert profile(evidence("Bread, see https://github.com/x"))["website_url"] is None


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("We have 85 employees and two plants in Rajkot.", "growth"),
        ("The company has 400 employees and plants in Vapi.", "scale"),
        ("Used by 640 firms every month.", "growth"),
        ("Basic plan\nUp to 500 clients at ₹499 per month.", None),
    ],
)
def test_the_stage_rests_on_a_count(text: str, stage: str | None) -> None:
    assert profile(evidence(text))["company_stage"] == stage


def test_the_industry_needs_several_of_its_words() -> None:
    assert (
        profile(labelled.read("sample_clinic_notes.txt").evidence)["industry"]
        == "Dental and health care"
    )
    assert profile(evidence("We sell milk."))["industry"] is None


# ---------------------------------------------------------------- positioning


def test_the_statement_is_the_founders_own_sentence() -> None:
    item = labelled.read("sample_ledger_pricing.md").evidence
    facts, _, found = everything(item)
    (source,) = found["sources"]["positioning_statement"]
    assert found["positioning_statement"] == next(f.fact for f in facts if f.id == source) + "."
    assert found["category"] == "bookkeeping desk"


@pytest.mark.parametrize("name", labelled.names())
def test_every_word_of_the_positioning_is_in_the_evidence(name: str) -> None:
    item = labelled.read(name).evidence
    _, _, found = everything(item)
    text = " ".join(item.text.lower().replace("**", "").split())
    said = [entry["text"] for entry in [*found["usps"], *found["differentiators"]]]
    for sentence in [*said, *(found["positioning_statement"] or "").split(". ")]:
        assert " ".join(sentence.lower().rstrip(".").split()) in text


def test_without_a_statement_there_is_a_question_instead() -> None:
    _, _, found = everything(evidence("Tea ₹20\nCoffee ₹40\n"))
    assert found["positioning_statement"] is None
    assert {"positioning", "category", "usps"} <= {gap["slot"] for gap in found["missing"]}


def test_what_differs_from_somebody_is_a_differentiator() -> None:
    _, _, found = everything(evidence("# Why us\n\nUnlike others we test every batch twice.\n"))
    assert [entry["text"] for entry in found["differentiators"]] == [
        "Unlike others we test every batch twice"
    ]


# ---------------------------------------------------------------- summary


@pytest.mark.parametrize("name", labelled.names())
def test_the_summary_fits_and_holds_no_number_of_its_own(name: str) -> None:
    item = labelled.read(name).evidence
    facts, found, placed = everything(item)
    profiles = icps.compose(facts, {**found, "positioning": placed}, 3)
    summary = synthesis.summary({**found, "positioning": placed}, facts, profiles)
    assert 0 < len(summary) <= synthesis.LIMIT
    digits = "".join(character if character.isdigit() else " " for character in summary).split()
    assert all(number in item.text for number in digits)


def test_a_long_pile_of_facts_is_cut_at_whole_lines() -> None:
    text = "".join(f"We do not deliver to sample town number {n}.\n\n" for n in range(200))
    facts, found, placed = everything(evidence(text))
    summary = synthesis.summary({**found, "positioning": placed}, facts, [])
    assert len(summary) <= synthesis.LIMIT


def test_silent_documents_make_no_summary_but_a_question() -> None:
    with pytest.raises(synthesis.NothingToSummarise) as refusal:
        synthesis.summary({}, [], [])
    assert [gap["slot"] for gap in refusal.value.extra["missing"]] == list(synthesis.ASKED)


def test_a_kind_of_thing_is_named_whole() -> None:
    _, _, found = everything(
        evidence("Sample Pet Care is a small, family-owned and operated clinic in Kothrud.")
    )
    assert found["category"] == "family-owned and operated clinic"


def test_nobody_buys_a_clinic_but_what_it_does() -> None:
    item = evidence(
        "Sample Pet Care is a small clinic in Kothrud.\n\n# Vaccination\n\n| Puppy vaccine | ₹900 |\n"
        "| Cat vaccine | ₹800 |\n"
    )
    facts, found, position = everything(item)
    named = icps.compose(facts, {**found, "positioning": position}, 3)
    assert [icp["name"] for icp in named] == ["Buyers of Vaccination"]


def test_what_a_plan_includes_is_no_offer_of_its_own() -> None:
    found = profile(
        evidence(
            "**Sample Plus** — $9/month  \nIncludes 400 emails/month; +$2 per extra 200 emails.\n"
        )
    )
    assert [offer["name"] for offer in found["offers"]] == ["Sample Plus"]


def test_where_a_firm_is_based_is_no_kind_of_thing() -> None:
    text = "# Patra Boxes\n\nPatra Boxes is based in Bhosari, Pune, and was started in 2019.\n"
    _, _, found = everything(evidence(text))
    assert found["category"] is None
