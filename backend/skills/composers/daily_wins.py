"""Daily wins composed offline: post ideas out of the calendar, the evidence and past posts, none made up.

Relevance is a formula, not a feeling: of a holiday half how near the day is and half how near its name is to
what the firm does; of evidence how sure the fact is and how near it is to what the firm says of itself. What
this founder used, skipped and said of earlier ideas is added (`leanings`).
"""

import datetime
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from backend.core import data_files
from backend.core.errors import Unprocessable
from backend.domain.facts import Evidence, Fact
from backend.services.embeddings import encode
from backend.skills.claims import Checker
from backend.skills.composers.copy_material import Material, Said, gather
from backend.skills.composers.copybook import SLOT
from backend.skills.composers.language import mend
from backend.skills.composers.leanings import Remembered, option_leanings
from backend.skills.composers.lexicon import DATA
from backend.skills.composers.moves import NothingToBuildOn
from backend.skills.composers.news import News, as_evidence, spoken

A_RUN = 3
AHEAD_DAYS = 14
MOST_OF_A_KIND = 1
MOST_MISSING = 3
NEAR_ENOUGH = 0.25
"""A headline less like what the firm does than this is not its business."""
OUTLINE_KINDS = ("what", "diff", "figure", "result")
ASKS = ("What would you add?", "Have a question? Ask below.", "Whom should this reach?")


class Past(BaseModel):
    """A post of the founder's that may be said again."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    opening: str
    rating: int | None = None


class WinsRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    today: datetime.date
    used: list[str] = []
    """Keys of the last thirty days."""
    past: list[Past] = []
    news: list[News] = []
    banned: list[str] = []
    platform: str | None = None
    country: str = "IN"
    memory: Remembered = Remembered()
    count: int = Field(default=A_RUN, ge=1, le=A_RUN)


class NothingNew(Unprocessable):
    default_code = "nothing_to_build_on"
    default_detail = (
        "Nothing is left to say that was not said in the last thirty days. Add a customer's message, a "
        "price or a number to your evidence."
    )


def compose(
    request: WinsRequest,
    facts: Sequence[Fact],
    corpus: Sequence[Evidence],
    company: Mapping[str, Any],
) -> dict[str, Any]:
    """Up to three ideas, JSON-ready. Raises NothingNew."""
    material = gather(facts, corpus, company, "")
    checker = Checker(
        facts,
        [*corpus, *as_evidence(request.news)],
        topic=" ".join(
            [*(name for _, name in upcoming(request)), *(p.opening for p in request.past)]
        ),
        banned=[*material.banned, *request.banned],
        names=[material.firm.product] if material.firm.named else [],
    )
    ideas = [
        *_from_calendar(request, material),
        *_from_evidence(material),
        *_from_past(request),
        *_from_news(request, material),
    ]
    lean = _leanings(request.memory)
    fresh = [
        {**idea, "relevance_score": _bounded(idea["relevance_score"] + lean.get(idea["slot"], 0.0))}
        for idea in ideas
        if idea["source_key"] not in request.used
    ]
    wins: list[dict[str, Any]] = []
    kinds: list[str] = []
    for idea in _holiday_first(fresh):
        win = _checked(idea, material, checker, request, wins)
        if win and kinds.count(idea["slot"]) < MOST_OF_A_KIND:
            wins.append(win)
            kinds.append(idea["slot"])
        if len(wins) == request.count:
            break
    if not wins:
        nothing = NothingNew if facts else NothingToBuildOn
        raise nothing(missing=material.missing()[:MOST_MISSING])
    return {"wins": wins, "missing": material.missing()[:MOST_MISSING], "engine": "composer"}


def _leanings(memory: Remembered) -> dict[str, float]:
    """Kind of idea -> what this founder's remarks, choices and wishes add to its relevance."""
    kinds = {kind: f"{angle['topic']}. {angle['angle']}" for kind, angle in _angles().items()}
    return option_leanings(memory, {**kinds, "past_post": "An old post of yours once more"})


def _bounded(score: float) -> float:
    return round(max(0.0, min(1.0, score)), 2)


def _holiday_first(ideas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The most relevant first, but for the next public holiday: evidence can wait a day, the calendar not."""
    ranked = sorted(ideas, key=lambda idea: -idea["relevance_score"])
    near = [idea for idea in ideas if idea["source_kind"] == "holiday"][:1]
    return [*near, *(idea for idea in ranked if idea not in near)]


def upcoming(request: WinsRequest) -> list[tuple[datetime.date, str]]:
    """Holidays of the next two weeks, today included: public ones, then others on days that have none."""
    from holidays import country_holidays  # as much to import as a tenth of the API's start

    last = request.today + datetime.timedelta(days=AHEAD_DAYS)
    years = {request.today.year, last.year}
    found: dict[str, datetime.date] = {}
    for category in ("public", "optional"):
        taken = set(found.values())
        listed = country_holidays(request.country, years=years, categories=(category,))
        for day, names in sorted(listed.items()):
            for name in names.split("; "):
                if request.today <= day <= last and day not in taken and "estimated" not in name:
                    found.setdefault(name, day)
    return [(day, name) for name, day in found.items()]


def _from_calendar(request: WinsRequest, material: Material) -> Iterator[dict[str, Any]]:
    days = upcoming(request)
    near = _likeness(_about(material), [name for _, name in days])
    for (day, name), likeness in zip(days, near, strict=True):
        away = (day - request.today).days
        written = f"{day.day} {day:%B}"
        yield _idea(
            "holiday",
            "holiday",
            f"holiday:{day.year}:{name}",
            0.5 * (1 - away / (AHEAD_DAYS + 1)) + 0.5 * likeness,
            {"holiday": name, "day": written},
            [],
            reason=f"{name} is on {written}, {away} days from now",
            own=[float(day.day)],
        )


def _from_evidence(material: Material) -> Iterator[dict[str, Any]]:
    said = [
        one
        for kind in _angles()
        if kind not in ("holiday", "news")
        for one in material.said.get(kind, [])
    ]
    near = _likeness(_about(material), [one.meaning for one in said])
    for one, likeness in zip(said, near, strict=True):
        yield _idea(
            one.kind,
            "evidence",
            f"fact:{one.kind}:{one.meaning[:120]}",
            0.4 + 0.6 * likeness,
            one.fields,
            list(one.facts),
            reason="it stands in your documents and was not used in thirty days",
        )


def _from_past(request: WinsRequest) -> Iterator[dict[str, Any]]:
    for post in request.past:
        stars = f"you rated it {post.rating} of 5" if post.rating else "it was published"
        yield {
            "slot": "past_post",
            "source_kind": "past_post",
            "source_key": f"asset:{post.id}",
            "relevance_score": round(0.5 + 0.1 * ((post.rating or 3) - 3), 2),
            "topic": f"Once more: {post.title}",
            "angle": "What worked once reaches other people the second time.",
            "hooks": [post.opening],
            "minutes": 4,
            "facts": [],
            "reason": f"{stars}, more than a week ago",
            "own": [],
        }


def _from_news(request: WinsRequest, material: Material) -> Iterator[dict[str, Any]]:
    """What is written about the firm's own field: a headline is quoted, nothing of it is asserted."""
    near = _likeness(_about(material), [f"{item.title}. {item.summary}" for item in request.news])
    for item, likeness in zip(request.news, near, strict=True):
        if likeness < NEAR_ENOUGH:
            continue
        found = "your search" if item.kind == "search" else "a feed you follow"
        yield {
            **_idea(
                "news",
                item.kind,
                item.key,
                0.3 * item.freshness(request.today) + 0.7 * likeness,
                {"headline": spoken(item.title), "outlet": spoken(item.outlet)},
                [],
                reason=f"{item.outlet}, {found}, wrote about your field",
            ),
            "trend_url": item.url,
            "trend_source": item.outlet,
        }


def _about(material: Material) -> str:
    """What the firm says of itself."""
    told = [*material.said.get("what", []), *material.said.get("diff", [])]
    return told[0].meaning if told else ""


def _likeness(about: str, texts: Sequence[str]) -> list[float]:
    if not about or not texts:
        return [0.0] * len(texts)
    vectors = encode([about, *texts])
    return [max(0.0, min(1.0, float(v))) for v in vectors[1:] @ vectors[0]]


@functools.lru_cache(maxsize=1)
def _angles() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = data_files.read(DATA / "copy" / "wins.yaml")
    return found


def _idea(
    slot: str,
    source_kind: str,
    key: str,
    score: float,
    fields: Mapping[str, str],
    facts: list[str],
    *,
    reason: str,
    own: Sequence[float] = (),
) -> dict[str, Any]:
    angle = _angles()[slot]
    return {
        "slot": slot,
        "source_kind": source_kind,
        "source_key": key,
        "relevance_score": _bounded(score),
        "topic": _fill(angle["topic"], fields) or slot,
        "angle": angle["angle"],
        "hooks": [text for hook in angle["hooks"] if (text := _fill(hook, fields))],
        "minutes": angle["minutes"],
        "facts": facts,
        "reason": reason,
        "own": list(own),
    }


def _fill(wording: str, fields: Mapping[str, str]) -> str | None:
    names = [field or kind for kind, field in SLOT.findall(wording)]
    if any(not fields.get(name) for name in names):
        return None

    def said(slot: re.Match[str]) -> str:
        goes_on = slot[2] == "sentence" and wording[: slot.start()].endswith(": ")
        return (goes_on and fields.get("small")) or fields[slot[2] or slot[1]]

    return mend(SLOT.sub(said, wording))


def _checked(
    idea: dict[str, Any],
    material: Material,
    checker: Checker,
    request: WinsRequest,
    before: Sequence[Mapping[str, Any]],
) -> dict[str, Any] | None:
    """The idea with the first hook that passes, and an outline of facts that no other idea has."""
    own = idea.pop("own")
    hooks = [h for h in idea.pop("hooks") if not checker.check(h, owner_numbers=own)]
    if not hooks:
        return None
    own_facts = set(idea["facts"])
    told = {id for win in before for id in win["facts"]}
    most = 1 if request.memory.shorter else 2
    body = list(_outline(material, checker, told | own_facts))[:most]
    body = body or list(_outline(material, checker, own_facts))[:most]
    facts = [*idea["facts"], *(id for one in body for id in one.facts)]
    ask = ASKS[len(before) % len(ASKS)]
    return {
        **idea,
        "hook": hooks[0],
        "owner_numbers": own,
        "outline": [*(f"{one.fields['sentence']}." for one in body), ask],
        "facts": list(dict.fromkeys(facts)),
        "platform": request.platform or material.firm.platform("public"),
    }


def _outline(material: Material, checker: Checker, taken: set[str]) -> Iterator[Said]:
    for kind in OUTLINE_KINDS:
        for one in material.said.get(kind, []):
            if taken & set(one.facts) or checker.check(f"{one.fields['sentence']}."):
                continue
            taken = taken | set(one.facts)
            yield one
            break
