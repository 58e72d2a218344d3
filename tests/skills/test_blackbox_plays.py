"""The plays of the black box: what they say of the future passes the critic; what they ask can be done."""

import pytest

from backend.skills.claims import Checker
from backend.skills.composers.blackbox import PlayCard, StrategyRequest, compose, plays
from backend.skills.figures import figures
from tests.skills.test_copywriting import firm

NAMES = ["sample_dairy_web.txt", "sample_ledger_pricing.md", "sample_sacks_brochure.txt"]


@pytest.mark.parametrize("play", plays(), ids=lambda play: play.id)
def test_nothing_is_promised(play: PlayCard) -> None:
    checker = Checker([], [])
    for line in [*play.reasons, play.upside, play.downside, *play.stop]:
        own = [figure.value for figure in figures(line)]
        assert checker.check(line, owner_numbers=own) == [], line
    assert play.risk[0] <= play.risk[1]
    assert play.risk[1] < 7 or len(play.reasons) >= 3


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("risk", [2, 5, 8])
def test_every_company_gets_a_play_with_its_own_facts(name: str, risk: int) -> None:
    facts, evidence, profile = firm(name)
    wish = StrategyRequest(focus_area="acquisition", outcome="more new customers", risk_level=risk)
    strategy = compose(wish, facts, [evidence], profile)
    steps = [step for phase in strategy["phases"] for step in phase["steps"]]
    assert len(steps) == 3
    assert [step["day"] for step in steps] == [1, 3, 6]
    assert any(step["sources"] for step in steps)
    for step in steps:
        for source in step["sources"]:
            assert evidence.text[source["start"] : source["end"]] == source["quote"]
