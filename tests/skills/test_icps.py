"""ICPs: named by the evidence's own words for its buyers, empty where it is silent, scored by counts."""

from uuid import UUID

import pytest

from backend.domain import icps as domain
from backend.domain.facts import Evidence
from backend.skills.composers import assets, audiences, company, extraction, icps, positioning
from backend.skills.composers.icps import Icp
from tests.skills import labelled


def compose(text: str, limit: int = 3) -> list[Icp]:
    item = Evidence(id=UUID(int=1), name="notes.txt", text=text)
    facts = extraction.extract([item]).facts
    found = company.profile(facts, [item])
    return icps.compose(facts, {**found, "positioning": positioning.compose(facts, found)}, limit)


def names(text: str, limit: int = 3) -> list[str]:
    return [icp["name"] for icp in compose(text, limit)]


TIERS = """# Sample Ward Software

## Starter - ₹2,500/month
Ideal for: small clinics and private practices
- Up to 5 users

## Professional - ₹4,500/month
Ideal for: medium-sized hospitals

## Enterprise - ₹7,500/month
Ideal for: large hospitals
"""


def test_each_tier_of_a_price_list_names_its_buyers() -> None:
    assert names(TIERS) == ["Small clinics", "Medium-sized hospitals", "Large hospitals"]


SEGMENTS = """# Tarang Facility Services, Nagpur

We have cleaned in Nagpur since 2014.

| Per visit | Price |
|---|---|
| Dental clinics | Rs 2,400 |
| Multi-speciality hospitals | Rs 9,500 |
| Restaurants (to 60 seats) | Rs 3,900 |
| Yearly contract | Rs 40,000 |
"""


def offers(text: str) -> list[str]:
    item = Evidence(id=UUID(int=1), name="notes.txt", text=text)
    facts = extraction.extract([item]).facts
    name = company.profile(facts, [item])["company_name"] or ""
    return [offer.fields["line"] for offer in assets.sort(facts, [item], name).assets["offer"]]


def test_rows_called_after_who_pays_are_buyers_and_not_things() -> None:
    assert names(SEGMENTS) == ["Dental clinics", "Multi-speciality hospitals", "Restaurants"]
    assert offers(SEGMENTS) == [
        "Tarang Facility Services for dental clinics at Rs 2,400",
        "Tarang Facility Services for restaurants at Rs 3,900",
        "Tarang Facility Services for multi-speciality hospitals at Rs 9,500",
        "Yearly contract at Rs 40,000 per year",
    ]


def test_rows_of_things_name_no_buyers() -> None:
    things = SEGMENTS.replace("Dental clinics", "Hotel lamp").replace("Restaurants", "Kitchens")
    assert names(things) == ["Buyers of Tarang Facility Services"]
    assert "Hotel lamp at Rs 2,400" in offers(things)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "We supply sacks to seed and fertiliser packers who fear a burst bag.",
            "Seed and fertiliser packers",
        ),
        ("Coffee for people who brew at home.", "People who brew at home"),
        ("Sample Fleet helps transporters with 10 to 80 trucks stop diesel theft.", "Transporters"),
        ("Are you still using paper to run your repair business?", "Repair businesses"),
        (
            "A typical service center loses thousands every month to unbilled parts.",
            "Service centers",
        ),
    ],
)
def test_buyers_are_named_in_the_evidences_own_words(text: str, expected: str) -> None:
    assert names(text)[:1] == [expected]


def test_who_orders_is_a_buyer_whatever_else_the_sentence_says() -> None:
    bought = """# Sample Bakery

Mostly young parents in Indiranagar order for birthdays; offices order boxes of 12 cupcakes at ₹540.
"""
    assert names(bought) == ["Young parents"]
    item = Evidence(id=UUID(int=1), name="notes.txt", text=bought)
    (price,) = [
        quantity
        for fact in extraction.extract([item]).facts
        for quantity in fact.quantities
        if quantity.kind == "price"
    ]
    assert price.label == "boxes of 12 cupcakes"


@pytest.mark.parametrize(
    "text",
    [
        "Our support team answers within minutes for your peace of mind.",
        "This is for business use and not for individual consumers.",
        '"My drivers will think I am spying on them."',
        "12 certified trainers work on every batch.",
    ],
)
def test_the_sellers_own_people_and_the_excluded_are_no_buyers(text: str) -> None:
    item = Evidence(id=UUID(int=1), name="a", text=text)
    assert audiences.find(extraction.extract([item]).facts) == []


def test_a_bare_price_list_is_for_the_buyers_of_its_things() -> None:
    assert names("# Prices\n\n## Trail rides\n- Half day ₹750\n- Full day ₹1,250\n") == [
        "Buyers of Trail rides"
    ]


def test_no_evidence_no_profile() -> None:
    assert compose("") == []
    assert compose("Call back on Tuesday.") == []


def test_the_plans_limit_is_kept_and_the_first_is_primary() -> None:
    assert len(compose(TIERS, limit=1)) == 1
    assert compose(TIERS, limit=0) == []
    first, second, third = compose(TIERS, limit=9)
    assert [icp["is_primary"] for icp in (first, second, third)] == [True, False, False]
    assert [icp["code"] for icp in (first, second, third)] == ["ICP-001", "ICP-002", "ICP-003"]


BUYERS = """## Who comes

Typical buyer: purchase manager at a seed packer, 50 to 400 employees, Gujarat.
They buy before kharif, after a lost contract.
They worry that a small plant will slip in peak season.
"Why should I pay more than the trader asks?"
"""


def test_fields_are_filled_from_the_facts_about_these_buyers() -> None:
    (icp,) = compose(BUYERS, limit=1)
    assert icp["name"] == "Purchase managers"
    assert icp["demographics"]["company_size"] == "50 to 400 employees"
    assert icp["demographics"]["location"] == ["Gujarat"]
    assert icp["behaviors"]["buying_triggers"] == ["They buy before kharif, after a lost contract"]
    assert icp["psychographics"]["fears"] == [
        "They worry that a small plant will slip in peak season"
    ]
    assert icp["behaviors"]["objections"] == ["Why should I pay more than the trader asks?"]


def test_every_filled_field_names_its_facts_and_every_empty_one_is_asked_for() -> None:
    item = Evidence(id=UUID(int=1), name="a", text=BUYERS)
    facts = extraction.extract([item]).facts
    (icp,) = icps.compose(facts, company.profile(facts, [item]), 1)
    known = {fact.id for fact in facts}
    groups = (icp["demographics"], icp["psychographics"], icp["behaviors"])
    for group in groups:
        for field, value in group.items():
            assert bool(value) == bool(icp["sources"].get(field)), field
    assert all(set(ids) <= known for ids in icp["sources"].values())
    asked = {gap["slot"] for gap in icp["missing"]}
    assert "ICP-001.hangouts" in asked
    assert "ICP-001.fears" not in asked


def test_a_lament_is_a_fear_and_only_a_doubt_an_objection() -> None:
    (icp,) = compose(
        "Ideal for: small bakeries\n\n"
        '"My staff leave every March, I cannot hire anybody."\n\n'
        '"What if your van comes late?"\n',
        limit=1,
    )
    assert icp["behaviors"]["objections"] == ["What if your van comes late?"]
    assert icp["psychographics"]["fears"] == ["My staff leave every March, I cannot hire anybody"]


def test_scores_are_counts_and_more_evidence_never_lowers_pain() -> None:
    (thin,) = compose("Ideal for: small bakeries\n", limit=1)
    (full,) = compose(
        "Ideal for: small bakeries\n\nThey lose two hours every night by hand.\n", limit=1
    )
    assert thin["scores"]["pain_intensity"] == 0
    assert full["scores"]["pain_intensity"] == 20
    assert all(0 <= score <= 100 for score in full["scores"].values())


@pytest.mark.parametrize("name", labelled.names())
def test_profiles_fit_the_table_they_go_to(name: str) -> None:
    item = labelled.read(name).evidence
    facts = extraction.extract([item]).facts
    found = company.profile(facts, [item])
    profiles = icps.compose(facts, {**found, "positioning": positioning.compose(facts, found)}, 3)
    assert profiles
    for icp in profiles:
        fields = set(domain.IcpCreate.model_fields)
        domain.IcpCreate.model_validate({key: value for key, value in icp.items() if key in fields})
        assert icp["name"].split(" of ")[-1].split()[0].lower().rstrip("s") in item.text.lower()
