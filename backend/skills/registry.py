"""Skill cards: `cards/*.md`, a YAML header and a prompt. A card dropped into the folder is a skill."""

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import jsonschema_rs
import numpy as np
import structlog
from jsonschema_rs import Draft202012Validator
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.core import data_files
from backend.core.errors import NotFound
from backend.services import embeddings

log = structlog.get_logger(__name__)

CARDS = Path(__file__).with_name("cards")
MICRO = 1_000_000
TOP = 5
SHOWN_ERRORS = 5
_FRONT = re.compile(r"\A---\n(?P<header>.*?)\n---\n(?P<body>.*)\Z", re.S)


class CardError(Exception):
    """A card that cannot be a skill; the message names the file and what is wrong."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Model(_Strict):
    name: str
    temperature: float = Field(ge=0, le=2)
    max_tokens: int = Field(gt=0)


class Caps(_Strict):
    max_tokens_per_execution: int = Field(gt=0)
    max_cost_per_execution: float = Field(ge=0, description="USD")


class Actionable(_Strict):
    """Where the things to act on are (`execution[].tasks[]`), and what each must carry."""

    items: str
    fields: list[str] = Field(min_length=1)


class Evaluation(_Strict):
    """What an output must have beyond its schema. Paths are dotted, `[]` goes through a list."""

    required_fields: list[str] = []
    claims: list[str] = []
    """Paths of the texts that must rest on the evidence."""
    traced: list[str] = []
    """Paths of texts whose claims are shown with their sources, though none is cut for lacking one."""
    judged: list[str] = []
    """Paths that the critic reads as a stranger would; those of `claims` where none is named."""
    claims_audience: Literal["public", "founder"] = "public"
    min_tasks_per_day: int | None = None
    max_tasks_per_day: int | None = None
    actionable: Actionable | None = None


class SkillCard(_Strict):
    """One skill. `version` is the author's; `revision` follows from the content and names journal entries."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    version: str
    category: str
    description: str
    counted: bool = False
    """Its composer counts what the documents say; no model is asked, since its numbers would not stand."""
    model: Model
    cost: Caps
    tools: list[str] = []
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    evaluation: Evaluation = Evaluation()
    dependencies: list[str] = []
    prompt: str
    revision: str

    @property
    def max_cost_micro_usd(self) -> int:
        return 0 if self.counted else round(self.cost.max_cost_per_execution * MICRO)

    @property
    def takes_memory(self) -> bool:
        """Whether its inputs have a place for what is remembered (`MemoryController.recall`)."""
        return "memory" in self.input_schema.get("properties", {})

    @cached_property
    def input_validator(self) -> Draft202012Validator:
        return Draft202012Validator(self.input_schema)

    @cached_property
    def output_validator(self) -> Draft202012Validator:
        return Draft202012Validator(self.output_schema)


class SkillRegistry:
    """All skills of one folder. With `reload`, a card that changed is read again before it is used."""

    def __init__(self, cards: Mapping[str, SkillCard], folder: Path | None = None) -> None:
        """`folder` is watched; None when the cards stay as they are."""
        self._cards = dict(cards)
        self._folder = folder
        self._seen = _signature(folder) if folder else ()
        self._vectors: dict[str, NDArray[np.float32]] = {}
        """Revision -> the meaning of its card."""

    @classmethod
    def load(cls, folder: Path = CARDS, *, reload: bool = False) -> "SkillRegistry":
        """Read every card. Raises CardError for one that is not sound, or when two share an id."""
        return cls(_read_cards(folder), folder if reload else None)

    def get(self, skill_id: str) -> SkillCard:
        self._refresh()
        try:
            return self._cards[skill_id]
        except KeyError:
            raise NotFound(f"Skill {skill_id} not found", code="skill_not_found") from None

    def by_category(self, category: str) -> list[SkillCard]:
        return [card for card in self if card.category == category]

    async def search(self, query: str, limit: int = TOP) -> list[tuple[SkillCard, float]]:
        """The skills nearest in meaning to a wish, with their similarity (-1 to 1), best first."""
        cards = list(self)
        new = [card for card in cards if card.revision not in self._vectors]
        texts = [query, *(f"{card.name}. {card.description}" for card in new)]
        asked, *vectors = await embeddings.aencode(texts)
        self._vectors |= {card.revision: vector for card, vector in zip(new, vectors, strict=True)}
        ranked = [(card, float(asked @ self._vectors[card.revision])) for card in cards]
        return sorted(ranked, key=lambda entry: -entry[1])[:limit]

    def __iter__(self) -> Iterator[SkillCard]:
        self._refresh()
        return iter(list(self._cards.values()))

    def __len__(self) -> int:
        return len(self._cards)

    def _refresh(self) -> None:
        """Take in what changed in the folder; while a card is not sound the cards stay as they were."""
        if self._folder is None or (seen := _signature(self._folder)) == self._seen:
            return
        self._seen = seen
        try:
            cards = _read_cards(self._folder)
        except CardError as error:
            log.warning("skill_card_refused", error=str(error))
            return
        changed = [c.id for c in cards.values() if self._cards.get(c.id) != c]
        self._cards = cards
        log.info("skills_read_again", changed=changed, total=len(cards))


def _signature(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What tells, without reading, that some file changed; what is read then goes by its hash."""
    stats = [(path.name, path.stat()) for path in sorted(folder.glob("*.md"))]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _read_cards(folder: Path) -> dict[str, SkillCard]:
    cards: dict[str, SkillCard] = {}
    for path in sorted(folder.glob("*.md")):
        card = read_card(path)
        if card.id in cards:
            raise CardError(f"{path.name}: the id {card.id} is taken")
        cards[card.id] = card
    return cards


def misfits(validator: Draft202012Validator, value: Any) -> list[str]:
    """Where the value misses the schema, as `$.days[2].title: why`; the first SHOWN_ERRORS of them."""
    found = itertools.islice(validator.iter_errors(value), SHOWN_ERRORS)
    return [f"{_json_path(error.instance_path)}: {error.message[:200]}" for error in found]


def _json_path(steps: Iterable[str | int]) -> str:
    return "$" + "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in steps)


def read_card(path: Path) -> SkillCard:
    """One card from its file. Raises CardError."""
    text = path.read_text(encoding="utf-8")
    parts = _FRONT.match(text)
    if parts is None:
        raise CardError(f"{path.name}: needs a header between two lines of ---")
    try:
        header = data_files.parsed(parts["header"])
        card = SkillCard(
            **header,
            prompt=parts["body"].strip(),
            revision=hashlib.sha256(text.encode()).hexdigest()[:12],
        )
        jsonschema_rs.meta.validate(card.input_schema)
        jsonschema_rs.meta.validate(card.output_schema)
    except (
        data_files.YAMLError,
        TypeError,
        ValidationError,
        jsonschema_rs.ValidationError,
    ) as error:
        raise CardError(f"{path.name}: {error}") from error
    return card
