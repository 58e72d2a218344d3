"""The copy composer's book: wordings, orders and limits, read from `data/copy` and validated once."""

import functools
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from backend.core import data_files
from backend.skills.composers.lexicon import DATA

ContentType = Literal["email", "social", "blog", "ad", "script", "carousel", "landing", "other"]
Tone = Literal["professional", "friendly", "direct", "bold"]
How = Literal["shorter", "punchier", "tone"]
"""Ways to write a piece anew."""
TONES: tuple[Tone, ...] = ("professional", "friendly", "direct", "bold")
SLOT = re.compile(r"\{([a-z]+)(?:\.([A-Za-z]+))?\}")
SPINE = "spine"
FIELDS: dict[str, frozenset[str]] = {
    "what": frozenset({"sentence", "short"}),
    "pain": frozenset({"sentence", "short"}),
    "event": frozenset({"event", "Event"}),
    "doubt": frozenset({"quote", "Quote", "short"}),
    "voice": frozenset({"quote", "short"}),
    "answer": frozenset({"sentence", "short"}),
    "diff": frozenset({"sentence", "short"}),
    "figure": frozenset({"sentence", "short"}),
    "result": frozenset({"sentence", "short"}),
    "praise": frozenset({"quote", "who", "Who"}),
    "offer": frozenset({"line", "Line"}),
    "first": frozenset({"line", "Line", "sentence"}),
    "free": frozenset({"sentence"}),
    "term": frozenset({"sentence"}),
    "limit": frozenset({"sentence", "short"}),
    "origin": frozenset({"sentence", "short"}),
}
"""Kinds of material, and what a wording may ask of each."""
ALWAYS = frozenset({"product", "audience", "topic"})

Wordings = Annotated[list[str], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LineSet(_Strict):
    """The wordings of one slot by tone, in order of preference."""

    needs: str | None = None
    professional: Wordings
    friendly: Wordings
    direct: Wordings
    bold: Wordings

    def of(self, tone: Tone) -> list[str]:
        """Those of the tone first; then, rather than nothing, the other tones'."""
        order = [tone, *(other for other in TONES if other != tone)]
        return [text for name in order for text in getattr(self, name)]

    @model_validator(mode="after")
    def _asks_for_what_there_is(self) -> "LineSet":
        for text in self.of("professional"):
            for kind, field in SLOT.findall(text):
                if field and field not in FIELDS.get(kind, ()):
                    raise ValueError(f"{{{kind}.{field}}} in {text!r}: there is no such thing")
                if not field and kind not in ALWAYS:
                    raise ValueError(f"{{{kind}}} in {text!r}: there is no such thing")
        return self


class Spine(_Strict):
    purpose: str
    needs: list[str]
    lines: list[str]


class Rules(_Strict):
    """What one place allows; see `platforms.yaml`."""

    facts: int = 3
    """A piece rests on so many: "under three filled slots no copy"."""
    chars: int | None = None
    words: int | None = None
    limits: dict[str, int] = {}
    least: dict[str, int] = {}
    most: dict[str, int] = {}
    questions: int | None = None
    slide_words: int | None = None
    seconds: int | None = None
    hashtags: tuple[int, int] = (0, 0)


Step = dict[str, str] | str
"""Sets to try, each with its style; or the spine."""


class Book(_Strict):
    lines: dict[str, LineSet]
    spines: dict[str, Spine]
    formats: dict[ContentType, list[Step]]

    @model_validator(mode="after")
    def _holds_together(self) -> "Book":
        named = {name for spine in self.spines.values() for name in spine.lines}
        named |= {name for steps in self.formats.values() for step in steps
                  if isinstance(step, dict) for name in step}  # fmt: skip
        if unknown := named - self.lines.keys():
            raise ValueError(f"no such lines: {sorted(unknown)}")
        return self

    def reachable(self, content_type: ContentType) -> list[str]:
        """Every wording that a piece of this type can come to use."""
        names = [
            name for step in self.formats[content_type] if isinstance(step, dict) for name in step
        ]
        if SPINE in self.formats[content_type]:
            names += [name for spine in self.spines.values() for name in spine.lines]
        found = [text for name in dict.fromkeys(names) for text in self.lines[name].of("direct")]
        return list(dict.fromkeys(found))


def _read(name: str) -> Any:
    return data_files.read(DATA / "copy" / f"{name}.yaml")


@functools.lru_cache(maxsize=1)
def book() -> Book:
    return Book(lines=_read("lines"), spines=_read("spines"), formats=_read("formats"))


@functools.lru_cache(maxsize=1)
def platforms() -> dict[ContentType, dict[str, Rules]]:
    """The places of each type, the usual one first; whoever only asks where copy goes reads no more."""
    return TypeAdapter(dict[ContentType, dict[str, Rules]]).validate_python(_read("platforms"))


def default_platform(content_type: ContentType) -> str:
    return next(iter(platforms()[content_type]))


def rules(content_type: ContentType, platform: str) -> Rules:
    """Raises KeyError for a place where this type does not go."""
    return platforms()[content_type][platform]
