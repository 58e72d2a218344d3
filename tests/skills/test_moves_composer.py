"""The move composer: weeks one would do, from facts alone; and what must hold for any subset of facts."""

import functools
import itertools
import json
import re
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.domain.facts import Evidence, Fact
from backend.skills.claims import Checker
from backend.skills.composers import assets, extraction, playbook
from backend.skills.composers.language import plain
from backend.skills.composers.moves import MovePlan, MovePlanRequest, NothingToBuildOn, compose
from backend.skills.figures import figures
from tests.skills.evidence import BRIEFS, Brief, brief, facts_of

BRIEF = functools.lru_cache(brief)
CARDS = {card.id: card for card in playbook.cards()}


def _plan(of: Brief, facts: tuple[Fact, ...] | None = None, **request: Any) -> MovePlan:
    asked = MovePlanRequest(**{"goal": of.goal, "category": of.category, **request})
    chosen = of.facts if facts is None else facts
    return MovePlan.model_validate(compose(asked, chosen, of.company, [of.evidence]))


@functools.lru_cache
def _week(name: str) -> MovePlan:
    return _plan(BRIEF(name))


def _texts(plan: MovePlan) -> list[str]:
    tasks = [task for day in plan.execution for task in day.tasks]
    texts = [text for t in tasks for text in (t.title, t.description, t.deliverable)]
    texts += [day.theme for day in plan.execution]
    return [*texts, *plan.success_metrics, *plan.contingencies, *plan.contingencies.values()]


each_brief = pytest.mark.parametrize("name", BRIEFS)


# ---------------------------------------------------------------- a week


@each_brief
def test_every_day_has_two_to_eight_tasks(name: str) -> None:
    plan = _week(name)
    assert [day.day for day in plan.execution] == [1, 2, 3, 4, 5, 6, 7]
    for day in plan.execution:
        assert 2 <= len(day.tasks) <= 8
        assert day.total_minutes == sum(task.estimated_minutes for task in day.tasks) <= 95
        assert day.theme


@each_brief
def test_every_quotation_stands_in_the_evidence(name: str) -> None:
    """Independent of the claim check: after whitespace, letter by letter."""
    evidence = plain(BRIEF(name).evidence.text)
    for text in _texts(_week(name)):
        for quote in re.findall(r"“([^”]+)”", text):
            assert quote in evidence or quote == BRIEF(name).goal, text


@each_brief
def test_every_digit_is_the_founders(name: str) -> None:
    """The plan's own counts are words, so a number in digits must stand in the evidence or the goal."""
    known = BRIEF(name).evidence.text + BRIEF(name).goal
    for text in _texts(_week(name)):
        for number in re.findall(r"\d[\d.,]*\d|\d", text):
            assert number in known, text


@each_brief
def test_every_source_is_the_exact_passage(name: str) -> None:
    evidence = BRIEF(name).evidence
    for day in _week(name).execution:
        for task in day.tasks:
            for source in task.sources:
                assert source.evidence_id == str(evidence.id)
                assert evidence.text[source.start : source.end] == source.quote


@each_brief
def test_titles_fit_and_read_well(name: str) -> None:
    tasks = [task for day in _week(name).execution for task in day.tasks]
    assert all(len(task.title) <= 90 for task in tasks)
    assert len({task.title for task in tasks}) == len(tasks)
    for text in _texts(_week(name)):
        own = re.sub(r"“[^”]*”", "“x”", text)
        assert not re.search(r"\s{2,}|\s[.,;:?!]|[.,;:]{2,}|[{}|]|\.\.|“”", own), text
        assert text[0].isupper() or text[0] in "“0123456789" or text.startswith(name), text


@each_brief
def test_most_tasks_hold_the_founders_own_facts(name: str) -> None:
    tasks = [task for day in _week(name).execution for task in day.tasks]
    assert sum(bool(task.sources) for task in tasks) >= 0.75 * len(tasks)


@each_brief
def test_what_depends_on_a_task_comes_on_a_later_day(name: str) -> None:
    days: dict[tuple[str, int], int] = {}
    for day in _week(name).execution:
        for task in day.tasks:
            index = _index(task.card, task.title, days)
            after = CARDS[task.card].tasks[index].after
            if after is not None:
                assert days[task.card, after] < day.day, task.title
            days[task.card, index] = day.day


def _index(card: str, title: str, seen: dict[tuple[str, int], int]) -> int:
    """Which task of its card a title is: by the words that are ours."""
    for index, template in enumerate(CARDS[card].tasks):
        for wording in template.title:
            pattern = playbook.SLOT.sub("\0", re.sub(r"^[a-z]", lambda m: m[0].upper(), wording))
            pattern = ".+".join(re.escape(part) for part in pattern.split("\0"))
            if re.fullmatch(pattern, title) and (card, index) not in seen:
                return index
    raise AssertionError(f"{title!r} is no title of {card}")


@each_brief
def test_no_card_comes_twice_in_a_week(name: str) -> None:
    assert not any(text.startswith("Round") for text in _texts(_week(name)))


def test_plans_of_two_companies_share_hardly_a_title() -> None:
    titles = {n: {t.title for d in _week(n).execution for t in d.tasks} for n in BRIEFS}
    for one, other in itertools.combinations(BRIEFS, 2):
        assert len(titles[one] & titles[other]) <= 2, titles[one] & titles[other]


def test_the_same_question_gets_the_same_answer() -> None:
    of = BRIEF("ghatline")
    assert json.dumps(_plan(of).model_dump(mode="json")) == json.dumps(
        _plan(of).model_dump(mode="json")
    )


def test_the_last_day_reviews_the_goal() -> None:
    last = _week("saltwind").execution[-1].tasks[-1]
    assert last.card == "week-review"
    assert "“fill the morning classes in November”" in last.title


# ---------------------------------------------------------------- the founder's own


def test_a_price_row_is_said_as_name_price_and_period() -> None:
    text = " ".join(_texts(_week("shelfmate")))
    assert "Counter at ₹399 per month" in text
    assert "|" not in text


def test_disagreeing_prices_are_settled_first_and_used_nowhere_else() -> None:
    plan = _week("ghatline")
    first = plan.execution[0].tasks[0]
    assert first.title == "Settle the price of Watch: ₹320 or ₹290?"
    assert {source.fact_id for source in first.sources} == {"F03", "F18"}
    others = [t for t in _texts(plan) if t not in (first.title, first.description)]
    assert not any("₹320" in text or "₹290" in text for text in others)


def test_the_doubt_is_answered_with_what_is_nearest_to_it() -> None:
    tasks = [task for day in _week("ghatline").execution for task in day.tasks]
    answer = next(task for task in tasks if task.card == "doubt-by-voice")
    assert answer.title == "Record a one-minute answer to “why should I pay twice?”"
    assert "The oil company already gives me a lock" in answer.description


def test_a_home_business_is_not_sent_cold_calling() -> None:
    used = {task.card for day in _week("kolhu").execution for task in day.tasks}
    assert not used & {"dream-list", "trigger-list", "open-quotations", "short-talk"}


def test_developers_are_not_sent_to_whatsapp() -> None:
    assert "whatsapp" not in _week("cairnbox").channels
    assert "community" in _week("cairnbox").channels


def test_forbidden_words_and_names_stay_out() -> None:
    text = "Marrow is a bone broth kitchen for gyms in Pune.\nBroth Rs. 180\nDo not name Iron Temple.\n"
    text += "Iron Temple cut its supplement bill by 20% in 2 months.\n"
    listed = [
        ("positioning", "Marrow is a bone broth kitchen for gyms in Pune."),
        ("pricing", "Broth Rs. 180"),
        ("constraints", "Do not name Iron Temple."),
        ("proof_points", "Iron Temple cut its supplement bill by 20% in 2 months."),
    ]
    of = _brief_of("Marrow", text, listed)
    assert "Iron Temple" not in " ".join(_texts(_plan(of)))


def test_a_customer_kept_out_of_advertisements_may_still_be_rung() -> None:
    text = "Marrow is a bone broth kitchen for gyms in Pune.\n"
    text += "Do not name Iron Temple in paid ads.\n"
    text += "Iron Temple cut its supplement bill by 20% in 2 months.\n"
    facts, evidence = facts_of(
        "Marrow",
        text,
        [
            {"category": "positioning", "quote": text.splitlines()[0]},
            {"category": "constraints", "quote": text.splitlines()[1]},
            {
                "category": "proof_points",
                "quote": text.splitlines()[2],
                "quantities": [{"text": "20%", "kind": "percent", "value": 20}],
            },
        ],
    )
    of = Brief("Marrow", "more gyms", "authority", tuple(facts), evidence)
    titles = [task.title for day in _plan(of).execution for task in day.tasks]
    assert "Ring Iron Temple and ask three things about their result" in titles


def test_missing_facts_become_questions_with_what_they_unlock() -> None:
    missing = {gap.slot: gap for gap in _week("shelfmate").missing}
    assert {"proof_points", "customer_quote", "objections"} <= set(missing)
    assert all(gap.question.endswith(("?", ".")) and gap.unlocks for gap in missing.values())
    waiting = {note.card for note in _week("shelfmate").not_used if note.why.startswith("needs")}
    assert "customer-teardown" in waiting


def test_nothing_to_build_on_is_refused_with_questions() -> None:
    of = _brief_of("Nil", "Founded in 2019.\n", [("company_info", "Founded in 2019.")])
    with pytest.raises(NothingToBuildOn) as refusal:
        _plan(of)
    assert refusal.value.code == "nothing_to_build_on"
    assert {gap["slot"] for gap in refusal.value.extra["missing"]} >= {"positioning", "offers"}


def test_no_facts_at_all_are_refused() -> None:
    with pytest.raises(NothingToBuildOn):
        _plan(BRIEF("ghatline"), ())


def _brief_of(name: str, text: str, listed: list[tuple[str, str]]) -> Brief:
    entries = [{"category": category, "quote": quote} for category, quote in listed]
    facts, evidence = facts_of(name, text, entries)
    return Brief(name, "twenty new customers", "capture", tuple(facts), evidence)


# ---------------------------------------------------------------- the request


@pytest.mark.parametrize("days", [1, 2, 3, 5, 10, 30, 90])
def test_plans_of_any_length_keep_two_to_eight_tasks(days: int) -> None:
    plan = _plan(BRIEF("saltwind"), duration_days=days)
    assert len(plan.execution) == days
    assert all(2 <= len(day.tasks) <= 8 for day in plan.execution)


def test_a_longer_plan_says_that_a_card_comes_again() -> None:
    plan = _plan(BRIEF("shelfmate"), duration_days=90)
    titles = [task.title for day in plan.execution for task in day.tasks]
    assert any(title.startswith("Round two: ") for title in titles)
    repeated = {title for title in titles if titles.count(title) > 1}
    assert all("result" in title for title in repeated), "only the weekly review repeats"


@each_brief
def test_little_time_means_half_the_work(name: str) -> None:
    plan = _plan(BRIEF(name), minutes_per_day=30)
    assert all(2 <= len(day.tasks) <= 3 and day.total_minutes <= 35 for day in plan.execution)
    total = sum(day.total_minutes for day in plan.execution)
    assert total <= 0.75 * sum(day.total_minutes for day in _week(name).execution)


def test_much_time_means_more_tasks() -> None:
    much = _plan(BRIEF("ghatline"), minutes_per_day=180)
    standard = _week("ghatline")
    assert sum(len(d.tasks) for d in much.execution) > sum(len(d.tasks) for d in standard.execution)
    assert all(day.total_minutes <= 180 for day in much.execution)


def test_channels_one_is_not_on_are_not_used() -> None:
    plan = _plan(BRIEF("saltwind"), channels=["WhatsApp", "Google"])
    outside = {"instagram", "linkedin", "email", "community"}
    assert not outside & set(plan.channels)
    assert all(2 <= len(day.tasks) <= 8 for day in plan.execution)


def test_the_category_follows_from_the_goal() -> None:
    goals = {
        "sign two retainer clients": "capture",
        "more stars and downloads": "ignite",
        "answer the bad reviews of the summer": "repair",
        "referrals from happy customers": "rally",
        "a case study sceptical buyers believe": "authority",
    }
    for goal, category in goals.items():
        assert _plan(BRIEF("ghatline"), goal=goal, category=None).category == category


def test_the_chosen_profile_names_the_audience() -> None:
    icp = {"name": "Port buyers", "demographics": {"role": "purchase manager"}}
    plan = _plan(BRIEF("ropeworks"), icp=icp)
    assert plan.target_icp == "Port buyers"
    assert "purchase managers" in " ".join(_texts(plan))


# ---------------------------------------------------------------- any facts whatsoever


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), name=st.sampled_from(BRIEFS), minutes=st.sampled_from([30, 90, 180]))
def test_any_subset_of_facts_gives_a_sound_week_or_a_refusal(
    data: st.DataObject, name: str, minutes: int
) -> None:
    of = BRIEF(name)
    facts = tuple(data.draw(st.lists(st.sampled_from(of.facts), unique_by=lambda f: f.id)))
    category = data.draw(st.sampled_from(["ignite", "capture", "authority", "repair", "rally"]))
    try:
        plan = _plan(of, facts, minutes_per_day=minutes, category=category)
    except NothingToBuildOn:
        sellable = assets.sort(facts, [of.evidence]).assets.keys() - {"constraint", "origin"}
        assert not sellable - {"first", "low", "high", "second", "entry", "free"}
        return
    assert all(2 <= len(day.tasks) <= 8 and day.theme for day in plan.execution)
    assert all(
        day.total_minutes == sum(task.estimated_minutes for task in day.tasks)
        for day in plan.execution
    )
    _assert_no_claim_is_unsourced(plan, of, facts)


def _assert_no_claim_is_unsourced(plan: MovePlan, of: Brief, facts: tuple[Fact, ...]) -> None:
    material = assets.sort(facts, [of.evidence], of.name)
    checker = Checker(
        facts,
        [of.evidence],
        goal=of.goal,
        banned=material.banned,
        frozen=material.frozen,
        names=[of.name],
    )
    for text in _texts(plan):
        if "Settle" in text:
            continue
        counts = [figure.value for figure in figures(text) if figure.spelled]
        assert checker.check(text, owner_numbers=counts, audience="founder") == [], text


def test_evidence_in_other_scripts_is_quoted_as_it_is() -> None:
    text = "Aangan घर का खाना भेजता है, रोज़ नया।\nThali Rs. 120\n"
    text += "Aangan is a tiffin kitchen for nurses in Nagpur.\n"
    listed = [
        ("positioning", "Aangan घर का खाना भेजता है, रोज़ नया।"),
        ("pricing", "Thali Rs. 120"),
        ("positioning", "Aangan is a tiffin kitchen for nurses in Nagpur."),
    ]
    plan = _plan(_brief_of("Aangan", text, listed))
    assert all(2 <= len(day.tasks) <= 8 for day in plan.execution)


def test_evidence_spans_of_a_pdf_line_break_are_mended_only_for_show() -> None:
    text = "Quillon makes accoun-\nting simple for temple trusts in Madurai.\nDesk ₹900 per month\n"
    listed = [
        ("positioning", "Quillon makes accoun-\nting simple for temple trusts in Madurai."),
        ("pricing", "Desk ₹900 per month"),
    ]
    of = _brief_of("Quillon", text, listed)
    plan = _plan(of)
    shown = [t for t in _texts(plan) if "Quillon makes" in t]
    assert shown
    assert all("accounting simple" in text for text in shown)
    sources = [s for d in plan.execution for t in d.tasks for s in t.sources]
    assert all(of.evidence.text[s.start : s.end] == s.quote for s in sources)


def test_an_evidence_item_that_is_gone_does_not_stop_the_plan() -> None:
    of = BRIEF("shelfmate")
    other = Evidence(id=BRIEF("kolhu").evidence.id, name="other", text="Nothing here.")
    asked = MovePlanRequest(goal=of.goal, category=of.category)
    plan = MovePlan.model_validate(compose(asked, of.facts, of.company, [other, of.evidence]))
    assert len(plan.execution) == 7


def test_two_prices_of_one_thing_are_told_apart_by_their_brackets() -> None:
    rows = ("Spey (under 15kg) | $494", "Spey (over 35kg) | $717", "Grade 1: polish | $500")
    text = "# Surgery\n\n" + "".join(f"| {row} |\n" for row in rows)
    item = Evidence(id=UUID(int=3), name="prices.md", text=text)
    found = assets.sort(extraction.extract([item]).facts, [item]).assets["offer"]
    assert {offer.fields["line"] for offer in found} == {
        "Spey (under 15kg) at $494",
        "Spey (over 35kg) at $717",
        "Grade 1: polish at $500",
    }


def test_a_portion_is_called_after_its_heading_or_not_at_all() -> None:
    text = (
        "# Gelato\n\n* 1 scoop | ₹150\n* Kesar kulfi | ₹90\n\n# Prices\n\n* For two people | ₹500\n"
    )
    item = Evidence(id=UUID(int=3), name="menu.md", text=text)
    found = assets.sort(extraction.extract([item]).facts, [item]).assets["offer"]
    assert {offer.fields["line"] for offer in found} == {
        "Gelato (1 scoop) at ₹150",
        "Kesar kulfi at ₹90",
    }


def test_a_sentence_on_prices_without_a_rule_in_it_is_no_price() -> None:
    text = "# Prices\n\nWe believe in transparent pricing for everyone.\n\nA visit costs ₹400 per hour.\n"
    item = Evidence(id=UUID(int=3), name="prices.md", text=text)
    found = assets.sort(extraction.extract([item]).facts, [item]).assets
    assert [asset.fields["quote"] for asset in found.get("price", [])] == [
        "A visit costs ₹400 per hour"
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The snack box is ₹16 per box. The cake box stays at ₹32.", "cake box"),
        ("# Rooms\n\nFarm stays: ₹2,000 a night.", "Farm stays"),
    ],
)
def test_a_verb_is_no_part_of_what_is_sold(text: str, name: str) -> None:
    item = Evidence(id=UUID(int=4), name="prices.md", text=text)
    offers = assets.sort(extraction.extract([item]).facts, [item]).assets["offer"]
    assert name in [offer.fields["name"] for offer in offers]
