"""What is asked of a model, what it answers, and how it fails: the same words for every provider."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from backend.core.errors import UpstreamFailed

UNREADABLE = "$unreadable"
"""The key under which an answer that is no JSON object is kept: it was paid for all the same."""

Delta = Callable[[str], Awaitable[None]]
"""Told each piece of the answer as it comes."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What a skill asks. `inputs` decide the identity of the call; the rest follows from the skill's card."""

    skill_id: str
    skill_version: str
    inputs: Mapping[str, Any]
    compose: Callable[[], dict[str, Any]] | None
    """The skill's offline composer, bound to its inputs and context; None when there is none."""
    prompt: Callable[[], str]
    """The filled prompt, made only for a provider that reads it."""
    model: str = ""
    temperature: float = 0.0
    max_tokens: int = 0
    """Of the answer."""
    max_tokens_total: int | None = None
    """Of prompt and answer together."""
    max_cost_micro_usd: int = 0
    output_schema: Mapping[str, Any] = field(default_factory=dict)
    timeout_seconds: float = 60.0
    """For all attempts together."""
    on_delta: Delta | None = None
    repair_of: str = ""
    """What was wrong with the answer before, when this asks for a better one."""
    revision_for: str = ""
    """What a reader of the finished draft wants changed, when this asks for another one."""
    counted: bool = False
    """The composer alone answers: it counts, and a model's own numbers would not stand."""

    @property
    def inputs_hash(self) -> str:
        canonical = json.dumps(self.inputs, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def key(self) -> str:
        """What the call is: the same skill with the same inputs is the same call, wherever it is made."""
        wanted = hashlib.sha256(self.revision_for.encode()).hexdigest()[:12]
        revision = f":revision-{wanted}" if self.revision_for else ""
        repair = ":repair" if self.repair_of else ""
        return f"{self.skill_id}@{self.skill_version}:{self.inputs_hash[:32]}{revision}{repair}"


@dataclass(frozen=True, slots=True)
class ModelReply:
    """An answer with the provider's own counts. A cost of None is unknown, which is not free."""

    output: dict[str, Any]
    model: str
    tokens_input: int = 0
    tokens_output: int = 0
    """With what the model thought: it is billed as output."""
    tokens_cached: int = 0
    """The part of the input that was read from the provider's cache."""
    cost_micro_usd: int | None = 0
    price: dict[str, Any] | None = None
    """The price row the bill was computed from, with its date."""
    replayed: bool = False
    """True when it came from the journal: this attempt of the run did not ask for it."""


class ModelFailed(UpstreamFailed):
    """A provider gave no usable answer.

    `retryable`: the same request may work in a moment, after `retry_after` seconds if the provider said so.
    `bill` is what the provider counted for an answer that is of no use; `uncertain` says that nobody knows
    whether it billed.
    """

    def __init__(
        self,
        detail: str,
        *,
        code: str,
        retryable: bool = False,
        retry_after: float | None = None,
        uncertain: bool = False,
        bill: ModelReply | None = None,
    ) -> None:
        super().__init__(detail, code=code)
        self.retryable = retryable
        self.retry_after = retry_after
        self.uncertain = uncertain
        self.bill = bill


State = Literal["ok", "loading", "degraded", "down"]


class ModelProvider(Protocol):
    """Something that answers a `ModelRequest`. Raises ModelFailed when it cannot."""

    name: str
    live: bool
    """Whether it reaches over the network to something that bills."""

    async def load(self) -> None:
        """Import and build what it needs, off the event loop; before the process says it is ready.

        Raises ConfigError when it can never work on these settings.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...

    def cap_micro_usd(self, request: ModelRequest) -> int:
        """The most this request can cost; 0 promises that it is free.

        Raises BudgetExceeded `skill_cap_exceeded` when the card's caps leave no room for an answer.
        """
        ...

    async def generate(self, request: ModelRequest, idempotency_key: str) -> ModelReply:
        """Ask once; retrying is the door's."""
        ...
