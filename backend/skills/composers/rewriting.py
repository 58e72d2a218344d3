"""Copy written anew offline: shorter, punchier, or the same facts in another tone.

Nothing is reworded: lines are left out, put first, or framed by another wording. What the founder has written
by hand can be cut, but its tone is the founder's.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from backend.core.errors import Unprocessable
from backend.domain.facts import Evidence, Fact
from backend.skills import copy_rules
from backend.skills.composers import copybook, copywriting
from backend.skills.composers.copybook import ContentType, How, Rules, Tone
from backend.skills.composers.copywriting import CopyRequest

SHORTER = 0.65
"""Share of the words that may stay."""
_LEAD_IN = re.compile(r"^(?:[A-Z][\w'’]*(?: [\w'’]+){0,6}): (?=[a-z“A-Z₹\d])")
"""A frame before the founder's sentence: "Please note: ..."."""
_WEAK = ("body.event", "body.limit", "body.terms", "body.origin", "plain.limit")
_BODY = frozenset({"hook", "para", "say", "slide", "bullet"})

Line = dict[str, Any]


class RewriteRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    content_type: ContentType
    platform: str
    topic: str
    how: How
    tone: Tone
    was_tone: str | None = None
    structure: str | None = None
    lines: list[dict[str, Any]]
    hashtags: list[str] = []
    banned: list[str] = []
    icp: dict[str, Any] | None = None


class NothingToChange(Unprocessable):
    default_code = "nothing_to_change"
    default_detail = "It stays as it is."


_AS_SHORT = "It cannot be said in fewer words without losing what it says."
_AS_STRONG = "It opens with its strongest line already, and has no words to spare."


def rewrite(
    request: RewriteRequest,
    facts: Sequence[Fact],
    corpus: Sequence[Evidence],
    company: Mapping[str, Any],
) -> dict[str, Any]:
    """One piece in the shape of `copywriting.compose`.

    Raises NothingToChange, and Unprocessable `model_needed` where only a language model could do it.
    """
    rules = copybook.rules(request.content_type, request.platform)
    if request.how == "tone":
        return _toned(request, facts, corpus, company)
    lines = _shorter(request.lines, rules) if request.how == "shorter" else _punchier(request.lines)
    lines = [dict(line) for line in copy_rules.fit(lines, rules)]
    if [line["text"] for line in lines] == [line["text"] for line in request.lines]:
        raise NothingToChange(_AS_SHORT if request.how == "shorter" else _AS_STRONG)
    return {
        "type": "ad_copy" if request.content_type == "ad" else request.content_type,
        "pieces": [
            {
                "title": copy_rules.title_of(request.topic, 1, 1),
                "structure": request.structure,
                "lines": lines,
                "hashtags": request.hashtags,
            }
        ],
        "missing": [],
        "not_used": [],
        "engine": "composer",
    }


def _toned(
    request: RewriteRequest,
    facts: Sequence[Fact],
    corpus: Sequence[Evidence],
    company: Mapping[str, Any],
) -> dict[str, Any]:
    """The same order of the same facts, framed by the other tone."""
    if request.structure is None:
        raise Unprocessable(
            "You have edited this text, and to reword your own sentences needs a language model. Shorter and "
            "punchier work without one.",
            code="model_needed",
        )
    if request.tone == request.was_tone:
        raise NothingToChange(f"It is {request.tone} already.")
    wish = CopyRequest(
        content_type=request.content_type,
        platform=request.platform,
        topic=request.topic,
        tone=request.tone,
        spine=request.structure,
        banned=request.banned,
        icp=request.icp,
    )
    return copywriting.compose(wish, facts, corpus, company)


def _shorter(lines: Sequence[Line], rules: Rules) -> list[Line]:
    """Without frames; then line by line from the end of the body, the weakest kinds first."""
    kept = [_bare(line) for line in lines]
    wanted = SHORTER * _words(lines)
    for weak in (True, False):
        for line in reversed(list(kept)):
            if _words(kept) <= wanted or not _can_go(line, kept, rules):
                continue
            if (line["slot"] in _WEAK) is weak:
                kept.remove(line)
    return kept


def _can_go(line: Line, kept: Sequence[Line], rules: Rules) -> bool:
    """Not the opening, not the call to act, not the last line with a fact, not below what the place needs."""
    same = sum(other["style"] == line["style"] for other in kept)
    sourced = [other for other in kept if other["sources"]]
    return (
        line["style"] in _BODY | {"description", "headline"}
        and line is not next((other for other in kept if other["style"] in _BODY), None)
        and not str(line["slot"]).startswith("cta.")
        and same > rules.least.get(line["style"], 1)
        and (line not in sourced or len(sourced) > 1)
    )


def _punchier(lines: Sequence[Line]) -> list[Line]:
    """Without frames and asides, the shortest line with a figure or somebody's words in front."""
    kept = [_bare(line) for line in lines if line["slot"] not in _WEAK]
    places = [at for at, line in enumerate(kept) if line["style"] in _BODY - {"bullet"}]
    strong = [at for at in places if re.search(r"\d|“", kept[at]["text"]) and kept[at]["sources"]]
    if not strong or not places:
        return kept
    best = min(strong, key=lambda at: (len(kept[at]["text"]), at))
    opening = places[0]
    line = {**kept.pop(best), "style": kept[opening]["style"] if opening < best else "hook"}
    first = {**kept[opening]} if opening < best else None
    if first and first["style"] == "hook":
        kept[opening] = {**first, "style": "para"}
    kept.insert(opening, line)
    return kept


def _bare(line: Line) -> Line:
    """A founder's sentence without our frame before it."""
    if line["style"] not in _BODY - {"bullet"} or not line["sources"]:
        return dict(line)
    text = _LEAD_IN.sub("", line["text"])
    return {**line, "text": text[:1].upper() + text[1:] if text != line["text"] else text}


def _words(lines: Sequence[Line]) -> int:
    return sum(copy_rules.words_of(line["text"]) for line in lines if line["style"] != "show")
