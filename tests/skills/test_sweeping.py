"""What the sweep takes from a model's answer, and that it takes nothing from what is made of facts."""

from typing import Any
from uuid import UUID

import pytest

from backend.domain.facts import Evidence
from backend.skills.composers import extraction
from backend.skills.offline import COMPOSERS
from backend.skills.sweeping import sweep
from tests.founders import COMPANY

LIE = "97% of our clients save Rs 4,00,000."


@pytest.fixture(scope="module")
def given() -> dict[str, Any]:
    evidence = [Evidence(id=UUID(int=1), name="company.md", text=COMPANY)]
    facts = [f.model_dump(mode="json") for f in extraction.extract(evidence).facts]
    read = {"facts": facts, "evidence": [item.model_dump(mode="json") for item in evidence]}
    company = COMPOSERS["company_profile"](read)
    position = COMPOSERS["positioning_creation"]({**read, "company": company})
    return {**read, "company": company, "positioning": position, "limit": 3}


@pytest.mark.parametrize("skill", ["company_profile", "positioning_creation", "icp_generation"])
def test_what_is_made_of_facts_stays_whole(given: dict[str, Any], skill: str) -> None:
    made = COMPOSERS[skill](given)
    assert sweep(given, made) == made


def test_a_lie_takes_its_item_or_its_line_along(given: dict[str, Any]) -> None:
    icp = COMPOSERS["icp_generation"](given)["icps"][0]
    fears = [*icp["psychographics"]["fears"], LIE]
    lying = {**icp, "psychographics": {**icp["psychographics"], "fears": fears}}
    renamed = {**icp, "name": f"Bakeries. {LIE}"}
    answer = {"icps": [lying, renamed], "summary": f"Lantern Ledger\n{LIE}", "tagline": LIE}
    swept = sweep(given, answer)
    assert swept["icps"] == [icp]
    assert (swept["summary"], swept["tagline"]) == ("Lantern Ledger", None)


def test_a_question_is_asked_in_our_words_where_the_models_will_not_do(
    given: dict[str, Any],
) -> None:
    gap = {"slot": "industry", "why": LIE, "question": "Which?", "unlocks": "Examples."}
    (asked,) = sweep(given, {"missing": [gap, {**gap, "slot": "unheard_of"}]})["missing"]
    assert asked["slot"] == "industry"
    assert LIE not in str(asked)
