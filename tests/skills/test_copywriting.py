"""Copy composed offline: every company, type and tone rests on its facts, fits its place, and says no lie."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args
from uuid import UUID

import pytest

from backend.core.errors import Unprocessable
from backend.domain.facts import Evidence, Fact
from backend.skills import copy_rules
from backend.skills.claims import Checker
from backend.skills.composers import company, copybook, copywriting, extraction
from backend.skills.composers.copybook import TONES, ContentType, Tone
from backend.skills.composers.copywriting import CopyRequest
from tests.skills import labelled

TYPES = get_args(ContentType)
PLACES = [(kind, place) for kind, places in copybook.platforms().items() for place in places]
CASES = [
    (name, *place, TONES[(at + number) % len(TONES)])
    for number, name in enumerate(labelled.names())
    for at, place in enumerate(PLACES)
]
"""Each company in each place; `make eval-copy` has every tone as well."""


@cache
def firm(name: str) -> tuple[list[Fact], Evidence, dict[str, Any]]:
    evidence = labelled.read(name).evidence
    facts = extraction.extract([evidence]).facts
    return facts, evidence, dict(company.profile(facts, [evidence]))


def write(name: str, **wish: Any) -> dict[str, Any]:
    facts, evidence, profile = firm(name)
    kind = wish.pop("content_type", "social")
    place = wish.pop("platform", copybook.default_platform(kind))
    request = CopyRequest(
        content_type=kind, platform=place, topic=wish.pop("topic", "our prices"), **wish
    )
    return copywriting.compose(request, facts, [evidence], profile)


def pieces(output: dict[str, Any]) -> Iterator[tuple[list[dict[str, Any]], list[str]]]:
    for piece in output["pieces"]:
        yield piece["lines"], piece["hashtags"]


def test_from_too_little_nothing_is_made_up() -> None:
    evidence = Evidence(id=UUID(int=1), name="notes.txt", text="call the supplier about adhesive\n")
    facts = extraction.extract([evidence]).facts
    request = CopyRequest(content_type="social", platform="linkedin", topic="our prices")
    with pytest.raises(copywriting.NothingToSay):
        copywriting.compose(request, facts, [evidence], dict(company.profile(facts, [evidence])))


@pytest.mark.parametrize("content_type", TYPES)
def test_a_format_has_forty_wordings_and_more(content_type: ContentType) -> None:
    assert len(copybook.book().reachable(content_type)) >= 40


@pytest.mark.parametrize(("name", "content_type", "platform", "tone"), CASES)
def test_every_line_is_true_and_fits(
    name: str, content_type: ContentType, platform: str, tone: Tone
) -> None:
    facts, evidence, profile = firm(name)
    checker = Checker(facts, [evidence], topic="our prices", names=[profile["company_name"]])
    ids = {fact.id for fact in facts}
    output = write(name, content_type=content_type, platform=platform, tone=tone)
    for lines, tags in pieces(output):
        rules = copybook.rules(content_type, platform)
        assert copy_rules.problems(lines, tags, rules) == []
        assert [v for line in lines for v in checker.check(line["text"])] == []
        assert {id for line in lines for id in line["sources"]} <= ids
        assert any(line["sources"] for line in lines)
        texts = [line["text"] for line in lines if line["style"] not in ("button", "subject")]
        assert len(set(texts)) == len(texts)


def test_the_same_wish_gives_the_same_copy() -> None:
    name = labelled.names()[1]
    assert write(name) == write(name)


def test_forbidden_words_stay_out() -> None:
    name = "sample_dairy_web.txt"
    before = write(name, topic="our cows")
    assert "cow" in copy_rules.render("social", before["pieces"][0]["lines"], []).lower()
    after = write(name, topic="our cows", banned=["cow"])
    assert "cow " not in copy_rules.render("social", after["pieces"][0]["lines"], []).lower()


def test_notes_about_buyers_are_not_said_to_buyers() -> None:
    said = [
        line["text"]
        for kind in TYPES
        for lines, _ in pieces(write("sample_clinic_notes.txt", content_type=kind))
        for line in lines
    ]
    assert not [text for text in said if "main fear" in text or "call back" in text]


def test_nothing_known_is_nothing_said() -> None:
    request = CopyRequest(content_type="social", platform="linkedin", topic="our prices")
    with pytest.raises(Unprocessable) as caught:
        copywriting.compose(request, [], [], {})
    assert caught.value.code == "nothing_to_build_on"
    assert caught.value.extra["missing"]


@pytest.mark.parametrize(
    ("asked", "topic"),
    [
        ("Write a LinkedIn post about our new lab", "our new lab"),
        ("draft an email for bakery owners", "bakery owners"),
        ("why boxes arrive late", "why boxes arrive late"),
    ],
)
def test_what_a_request_is_about(asked: str, topic: str) -> None:
    assert copywriting.about(asked) == topic


class TestRules:
    def lines(self, *texts: tuple[str, str]) -> list[dict[str, Any]]:
        return [{"slot": "x", "style": s, "text": t, "sources": []} for s, t in texts]

    def test_too_long_lines_go_and_their_heading_with_them(self) -> None:
        rules = copybook.Rules(limits={"para": 10})
        kept = copy_rules.fit(
            self.lines(("heading", "Price"), ("para", "x" * 11), ("para", "short")), rules
        )
        assert [line["text"] for line in kept] == ["Price", "short"]
        assert copy_rules.fit(self.lines(("heading", "Price"), ("para", "x" * 11)), rules) == []

    def test_room_is_made_from_the_end_of_the_body(self) -> None:
        rules = copybook.Rules(words=4)
        lines = self.lines(("hook", "one two"), ("para", "three four"), ("para", "five six"))
        lines.append({"slot": "cta.ask", "style": "para", "text": "seven eight", "sources": []})
        kept = copy_rules.fit(lines, rules)
        assert [line["text"] for line in kept] == ["one two", "seven eight"]

    def test_tags_are_made_of_known_words(self) -> None:
        rules = copybook.Rules(hashtags=(0, 3))
        tags = ["#FarmMilk", "bestinindia", "2015", "farmmilk", "pune", "cow", "dairy"]
        assert copy_rules.hashtags(tags, "farm milk, cow, Pune, Dairy", rules) == [
            "farmmilk",
            "pune",
            "cow",
        ]
