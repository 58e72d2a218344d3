"""Runs a skill: validate the inputs, ask through the model door, validate and evaluate what came back."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator

from backend.core.errors import Unprocessable, UpstreamFailed
from backend.services.llm import CallContext, ModelDoor, ModelReply, ModelRequest
from backend.skills import evaluation
from backend.skills.registry import SkillCard, SkillRegistry

ComposerFunction = Callable[[Mapping[str, Any]], dict[str, Any]]
"""A skill offline: a plain function of its inputs. The same inputs give the same output."""

SHOWN_ERRORS = 5
_SLOT = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_FENCE = "<data>\n{}\n</data>"


@dataclass(frozen=True, slots=True)
class SkillResult:
    """What a skill gave, with the provider's own counts. A cost of None is unknown."""

    skill_id: str
    output: dict[str, Any]
    model: str
    tokens_input: int
    tokens_output: int
    cost_micro_usd: int | None
    latency_ms: int
    replayed: bool
    validation_errors: list[str] = field(default_factory=list)

    @property
    def validation_passed(self) -> bool:
        return not self.validation_errors


class SkillExecutor:
    """The skills of a registry, asked through one door."""

    def __init__(
        self, registry: SkillRegistry, door: ModelDoor, composers: Mapping[str, ComposerFunction]
    ) -> None:
        self.registry = registry
        self._door = door
        self._composers = composers

    @property
    def free(self) -> bool:
        """Whether the provider in charge bills nothing."""
        return not self._door.provider.live

    async def execute(
        self, calls: CallContext, skill_id: str, inputs: Mapping[str, Any]
    ) -> SkillResult:
        """The skill's output, which fits its schema.

        Raises NotFound (no such skill), Unprocessable (inputs), UpstreamFailed `skill_output_invalid` (the
        output does not fit the schema) and what the door raises. Evaluation rules that the output breaks are
        in `validation_errors`: they are for the reflection to judge.
        """
        card = self.registry.get(skill_id)
        _check(card.input_validator, inputs, f"Inputs of {skill_id}")
        started = time.perf_counter()
        reply = await self._door.call(calls, self._request(card, inputs))
        problems = _problems(card.output_validator, reply.output)
        if problems:
            raise UpstreamFailed(
                f"The output of {skill_id} does not fit its schema: {problems[0]}",
                code="skill_output_invalid",
            )
        return _result(card, reply, round((time.perf_counter() - started) * 1000))

    def _request(self, card: SkillCard, inputs: Mapping[str, Any]) -> ModelRequest:
        composer = self._composers.get(card.id)
        if composer is None:
            raise Unprocessable(
                f"{card.name} needs a language model; none is configured.", code="model_needed"
            )
        return ModelRequest(
            skill_id=card.id,
            skill_version=f"{card.version}+{card.revision}",
            inputs=inputs,
            compose=lambda: composer(inputs),
            prompt=lambda: fill(card.prompt, inputs),
            model=card.model.name,
            temperature=card.model.temperature,
            max_tokens=min(card.model.max_tokens, card.cost.max_tokens_per_execution),
            max_cost_micro_usd=card.max_cost_micro_usd,
            output_schema=card.output_schema,
        )


def fill(template: str, inputs: Mapping[str, Any]) -> str:
    """The prompt with its `{{slots}}` filled, each value fenced as data: it is never an instruction."""

    def value(slot: re.Match[str]) -> str:
        content = json.dumps(inputs.get(slot[1]), ensure_ascii=False, default=str)
        return _FENCE.format(content.replace("</data>", "<\\/data>"))

    return _SLOT.sub(value, template)


def _check(validator: Draft202012Validator, value: Any, what: str) -> None:
    problems = _problems(validator, value)
    if problems:
        raise Unprocessable(f"{what}: {problems[0]}", code="skill_inputs_invalid")


def _problems(validator: Draft202012Validator, value: Any) -> list[str]:
    found = []
    for error in validator.iter_errors(value):
        found.append(f"{error.json_path}: {error.message[:200]}")
        if len(found) == SHOWN_ERRORS:
            break
    return found


def _result(card: SkillCard, reply: ModelReply, latency_ms: int) -> SkillResult:
    return SkillResult(
        skill_id=card.id,
        output=reply.output,
        model=reply.model,
        tokens_input=reply.tokens_input,
        tokens_output=reply.tokens_output,
        cost_micro_usd=reply.cost_micro_usd,
        latency_ms=latency_ms,
        replayed=reply.replayed,
        validation_errors=evaluation.problems(card.evaluation, reply.output),
    )
