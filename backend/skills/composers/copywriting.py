"""Copy composed offline: the founder's sentences set into short frames, in an order that argues (COMPOSER 8).

It reads like a careful founder: correct, specific, abrupt. Every line that says something is a sentence of
the evidence; every line passes the claim check before it is taken. Deterministic and synchronous.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from backend.core.errors import Unprocessable
from backend.domain.facts import Evidence, Fact
from backend.services.embeddings import encode
from backend.skills import copy_rules
from backend.skills.claims import Checker
from backend.skills.composers import copybook
from backend.skills.composers.copy_material import Material, Said, answer_to, gather
from backend.skills.composers.copybook import SLOT, SPINE, ContentType, Rules, Tone
from backend.skills.composers.language import mend
from backend.skills.composers.leanings import Remembered, option_leanings

TOPIC_WEIGHT, FILL_WEIGHT, RECENT_PENALTY = 0.5, 0.4, 0.25
ENOUGH_LINES = 5
SHORT_LINES = 4
"""Of an order, for a founder whose feedback wants it shorter."""
MOST_MISSING = 5
DISPLAY = frozenset({"subject", "preheader", "title", "primary", "description"})
"""Styles that may say what the body says again."""
HEADING_KINDS = {"blog.h_price": "offer", "blog.h_limit": "limit"}
SPINE_STYLES: dict[str, str] = {"script": "say", "carousel": "slide"}
SHOWN = {"figure": "script.show_figure", "more_figure": "script.show_figure"}
LONG_FORM = {
    "slot": "long_form",
    "why": "Without a language model an article is its outline: the facts in their order, under headings.",
    "question": "Write the prose between the lines, or set a model key.",
    "unlocks": "full articles",
}
_ASKED_FOR = re.compile(
    r"^(?:please\s+)?(?:write|draft|create|make|generate|prepare|give me)\s+(?:me\s+|us\s+)?"
    r"(?:an?|the|some|\d+)?\s*(?:[\w-]+\s+){0,3}?(?:about|on|for|announcing|regarding)\s+",
    re.I,
)


class CopyRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    content_type: ContentType
    platform: str
    topic: str = Field(min_length=1, max_length=500)
    tone: Tone = "professional"
    variants: int = Field(default=1, ge=1, le=3)
    spine: str | None = None
    """An order that was chosen before, for a rewrite."""
    recent: list[str] = []
    """Orders of the last pieces of this type, which come later now."""
    banned: list[str] = []
    icp: dict[str, Any] | None = None
    memory: Remembered = Remembered()


class NothingToSay(Unprocessable):
    default_code = "nothing_to_build_on"
    default_detail = (
        "Your documents do not say enough for this. Paste your price list, one paragraph on what you sell "
        "and to whom, or three customer messages."
    )


def about(topic: str) -> str:
    """What a request is about: "write a post about X" is about X."""
    bare = _ASKED_FOR.sub("", " ".join(topic.split())).strip(" .!")
    return bare or topic.strip()


def compose(
    request: CopyRequest,
    facts: Sequence[Fact],
    corpus: Sequence[Evidence],
    company: Mapping[str, Any],
) -> dict[str, Any]:
    """Pieces of copy, JSON-ready. Raises NothingToSay with the questions that would help."""
    topic = about(request.topic)
    material = gather(facts, corpus, company, topic, request.icp)
    rules = copybook.rules(request.content_type, request.platform)
    if len(material.facts) < rules.facts:
        raise NothingToSay(missing=material.missing()[:MOST_MISSING])
    checker = Checker(
        facts,
        corpus,
        topic=topic,
        banned=[*material.banned, *request.banned],
        names=[material.firm.product] if material.firm.named else [],
    )
    spines, resting = _ranked(request, material, topic)
    pieces: list[dict[str, Any]] = []
    for name in spines:
        if len(pieces) == request.variants:
            break
        most = [SHORT_LINES, None] if request.memory.shorter else [None]
        made = (_Writer(request, material, checker, rules, topic).piece(name, n) for n in most)
        piece = next((piece for piece in made if piece), None)
        if piece and piece["lines"] not in [other["lines"] for other in pieces]:
            pieces.append(piece)
    if not pieces:
        raise NothingToSay(missing=material.missing()[:MOST_MISSING])
    return {
        "type": "ad_copy" if request.content_type == "ad" else request.content_type,
        "pieces": pieces,
        "missing": _missing(request, material, checker, topic),
        "not_used": resting,
        "engine": "composer",
    }


def _ranked(
    request: CopyRequest, material: Material, topic: str
) -> tuple[list[str], list[dict[str, str]]]:
    """Orders that can be filled, the most fitting first; and why the others rest."""
    spines = copybook.book().spines
    if SPINE not in copybook.book().formats[request.content_type]:
        return ([request.spine] if request.spine in spines else ["plain", *spines]), []
    vectors = encode([topic, *(spine.purpose for spine in spines.values())])
    near = dict(zip(spines, (vectors[1:] @ vectors[0]).tolist(), strict=True))
    lean = option_leanings(request.memory, {name: spine.purpose for name, spine in spines.items()})
    scores: dict[str, float] = {}
    resting = []
    for name, spine in spines.items():
        lacking = [kind for kind in spine.needs if not material.said.get(kind)]
        if lacking:
            resting.append({"order": name, "why": f"no {lacking[0]} on file"})
            continue
        scores[name] = (
            TOPIC_WEIGHT * near[name]
            + FILL_WEIGHT * _filled(spine.lines, material)
            - RECENT_PENALTY * (name in request.recent)
            + lean[name]
        )
    ranked = sorted(scores, key=lambda name: (name != request.spine, -round(scores[name], 3)))
    return ranked, resting


def _filled(lines: Sequence[str], material: Material) -> float:
    book = copybook.book()
    needs = [book.lines[name].needs for name in lines]
    have = [need for need in needs if need == "answer" or need is None or material.said.get(need)]
    return min(1.0, len(have) / ENOUGH_LINES)


def _missing(
    request: CopyRequest, material: Material, checker: Checker, topic: str
) -> list[dict[str, Any]]:
    """What the evidence lacks, and what of the topic no document says."""
    unsaid = [v.text for v in checker.check(topic) if v.rule in (1, 2, 4)]
    found = [
        {
            "slot": "topic",
            "why": f"“{text}” stands in no document of yours, so the copy does not say it.",
            "question": "Is it so? Add it to your evidence, and it can be said.",
            "unlocks": "copy that says it",
        }
        for text in dict.fromkeys(unsaid)
    ]
    if request.content_type == "blog":
        found.append(LONG_FORM)
    return [*found, *material.missing()][:MOST_MISSING]


class _Writer:
    """Writes one piece. Remembers which facts it has used: each stands once in the body."""

    def __init__(
        self, request: CopyRequest, material: Material, checker: Checker, rules: Rules, topic: str
    ) -> None:
        self.request = request
        self.material = material
        self.checker = checker
        self.rules = rules
        self.used: set[str] = set()
        self.shown: set[str] = set()
        self.texts: set[str] = set()
        self.question: Said | None = None
        """The doubt that the piece opened with; its answer follows."""
        firm = material.firm
        self.always = {"product": firm.product, "audience": firm.audience, "topic": topic}

    def piece(self, spine: str, most: int | None = None) -> dict[str, Any] | None:
        """`{title, structure, lines, hashtags}`, with `most` lines of its order; None where too little can
        be said."""
        book = copybook.book()
        written: list[dict[str, Any]] = []
        for step in book.formats[self.request.content_type]:
            if isinstance(step, str):
                written += self._spine(book.spines[spine].lines[:most])
            else:
                written += self._first_of(step)
        lines = copy_rules.fit(written, self.rules)
        resting_on = {id for line in lines for id in line["sources"]}
        if len(resting_on) < self.rules.facts:
            return None
        if any(
            sum(line["style"] == style for line in lines) < least
            for style, least in self.rules.least.items()
        ):
            return None
        return {
            "title": copy_rules.title_of(self.always["topic"], 1, 1),
            "structure": spine if SPINE in book.formats[self.request.content_type] else "layout",
            "lines": lines,
            "hashtags": self._hashtags(),
        }

    def _spine(self, names: Sequence[str]) -> list[dict[str, Any]]:
        style = SPINE_STYLES.get(self.request.content_type, "para")
        found: list[dict[str, Any]] = []
        for name in names:
            place = "hook" if name.startswith("hook.") and style == "para" else style
            if name == "body.prices":
                found += self._prices(name) if style == "para" else []
                continue
            line = self._line(name, place)
            if line and style == "say":
                found += self._directed(name)
            found += [line] if line else []
        return found

    def _directed(self, name: str) -> list[dict[str, Any]]:
        kind = name.partition(".")[2]
        shown = (
            "script.show_hook" if name.startswith("hook.") else SHOWN.get(kind, "script.show_body")
        )
        line = self._line(shown, "show")
        return [line] if line else []

    def _first_of(self, step: Mapping[str, str]) -> list[dict[str, Any]]:
        for name, style in step.items():
            if self.request.content_type == "ad" and style not in self.rules.limits:
                found = []
            elif name == "body.prices":
                found = self._prices(name, labelled=style == "label")
            elif (kind := HEADING_KINDS.get(name)) and not self.material.said.get(kind):
                found = []
            else:
                line = self._line(name, style, again=style == "button")
                found = [line] if line else []
            if found:
                return found
        return []

    def _prices(self, name: str, *, labelled: bool = True) -> list[dict[str, Any]]:
        """A few rows of the price list, those nearest to the topic, and a label where no heading is."""
        most = self.rules.most.get("bullet", 6)
        offers = [
            one for one in self.material.said.get("offer", []) if not self.used & set(one.facts)
        ]
        rows = [self._made(name, "bullet", one.fields["row"], [one]) for one in offers[:most]]
        kept = [row for row in rows if self._passes(row["text"])]
        label = self._line(name, "label") if kept and labelled else None
        if not kept or (labelled and not label):
            return []
        self.used |= {id for row in kept for id in row["sources"]}
        return [*([label] if label else []), *kept]

    def _line(self, name: str, style: str, *, again: bool = False) -> dict[str, Any] | None:
        """The first wording that can be filled, fits and passes."""
        for wording in copybook.book().lines[name].of(self.request.tone):
            for text, said in self._filled(wording, style):
                if not self._may_say(text, style, name, again):
                    continue
                self._note(text, said, style)
                return self._made(name, style, text, said)
        return None

    def _filled(self, wording: str, style: str) -> Iterator[tuple[str, list[Said]]]:
        """The wording with each candidate for its first slot, and the best for the others."""
        kinds = list(dict.fromkeys(kind for kind, field in SLOT.findall(wording) if field))
        if not kinds:
            yield _fill(wording, self.always, {}), []
            return
        rest = {kind: next(self._candidates(kind, style), None) for kind in kinds[1:]}
        for lead in self._candidates(kinds[0], style):
            picked = {kinds[0]: lead, **rest}
            said = [one for one in picked.values() if one]
            fields = {(kind, f) for kind, f in SLOT.findall(wording) if f}
            if len(said) == len(kinds) and all(picked[kind].fields.get(f) for kind, f in fields):  # type: ignore[union-attr]
                yield _fill(wording, self.always, {k: v for k, v in picked.items() if v}), said

    def _candidates(self, kind: str, style: str) -> Iterator[Said]:
        taken = self.shown if style in DISPLAY else self.used
        if kind == "answer":
            answer = self.question and answer_to(self.question, self.material.said, taken)
            yield from [answer] if answer else []
            return
        for one in self.material.said.get(kind, []):
            if not taken & set(one.facts[:1]):
                yield one

    def _may_say(self, text: str, style: str, name: str, again: bool) -> bool:
        limit = self.rules.limits.get(style)
        if (limit and len(text) > limit) or (not again and text.lower() in self.texts):
            return False
        if (
            style == "slide"
            and self.rules.slide_words
            and copy_rules.words_of(text) > self.rules.slide_words
        ):
            return False
        asks = self.rules.questions is not None and style not in ("subject", "preheader")
        if asks and not name.startswith("cta.") and "?" in re.sub("“[^”]*”", "", text):
            return False
        return self._passes(text)

    def _passes(self, text: str) -> bool:
        return not self.checker.check(text, audience="public")

    def _note(self, text: str, said: Sequence[Said], style: str) -> None:
        self.texts.add(text.lower())
        for one in said:
            (self.shown if style in DISPLAY else self.used).update(one.facts[:1])
            if one.kind in ("doubt", "voice") and style not in DISPLAY:
                self.question = one

    def _made(self, name: str, style: str, text: str, said: Sequence[Said]) -> dict[str, Any]:
        sources = dict.fromkeys(id for one in said for id in one.facts)
        return {"slot": name, "style": style, "text": text, "sources": list(sources)}

    def _hashtags(self) -> list[str]:
        most = self.rules.hashtags[1]
        if not most:
            return []
        firm = self.material.firm
        names = [firm.product if firm.named else "", firm.audience if firm.audience_facts else ""]
        names += [
            one.fields["line"].split(" at ")[0] for one in self.material.said.get("offer", [])[:2]
        ]
        squeezed = [re.sub(r"[\W_]+", "", name).lower() for name in names]
        kept = [tag for tag in squeezed if 2 < len(tag) <= 24 and tag.isalpha()]
        return list(dict.fromkeys(kept))[:most]


def _fill(wording: str, always: Mapping[str, str], picked: Mapping[str, Said]) -> str:
    def value(slot: re.Match[str]) -> str:
        kind, field = slot.groups()
        if not field:
            return always[kind]
        small = "small" if field == "sentence" and wording[: slot.start()].endswith(": ") else field
        return picked[kind].fields.get(small) or picked[kind].fields[field]

    return _closed(mend(SLOT.sub(value, wording)))


def _closed(text: str) -> str:
    """One mark at the end of a sentence: not the founder's and ours."""
    return re.sub(r"([.!?])(”?)\.(?=\s|$)", r"\1\2", text)
