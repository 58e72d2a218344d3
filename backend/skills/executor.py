"""Runs a skill: validate the inputs, ask through the model door, validate and evaluate what came back."""

import asyncio
import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jsonschema_rs import Draft202012Validator

from backend.core.errors import Unprocessable, UpstreamFailed
from backend.services.llm import (
    UNREADABLE,
    CallContext,
    Composer,
    Delta,
    ModelDoor,
    ModelReply,
    ModelRequest,
)
from backend.skills import evaluation
from backend.skills.anchoring import mend
from backend.skills.prompts import fill, revised
from backend.skills.registry import SkillCard, SkillRegistry, misfits
from backend.skills.sweeping import sweep

ComposerFunction = Callable[[Mapping[str, Any]], dict[str, Any]]
"""A skill offline: a plain function of its inputs. The same inputs give the same output."""

COMPOSER = Composer.name


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
        self,
        registry: SkillRegistry,
        door: ModelDoor,
        composers: Mapping[str, ComposerFunction],
        *,
        timeout_seconds: float = 60.0,
        at_once: int = 4,
    ) -> None:
        """`at_once`: calls that one run may have under way (`MODEL_CALLS_AT_ONCE`)."""
        self.registry = registry
        self._door = door
        self._composers = composers
        self._timeout_seconds = timeout_seconds
        self.at_once = at_once

    @property
    def free(self) -> bool:
        """Whether the provider in charge bills nothing."""
        return not self._door.provider.live

    @property
    def judging(self) -> bool:
        """Whether a model is there to be asked for judgements: one that bills, or its recording."""
        return self._door.provider.live or self._door.provider.name == "replay"

    async def execute(
        self,
        calls: CallContext,
        skill_id: str,
        inputs: Mapping[str, Any],
        on_delta: Delta | None = None,
        revision_for: str = "",
    ) -> SkillResult:
        """The skill's output, which fits its schema. `on_delta` hears the answer come, if the model streams.
        `revision_for` says what a reader wants changed in the answer to the same inputs.

        An answer that does not fit is asked for once more, with what is wrong with it.

        Raises NotFound (no such skill), Unprocessable (inputs; `model_needed` for a skill without a composer
        when no model is configured), UpstreamFailed `skill_output_invalid` (the second answer does not fit
        either) and what the door raises. Evaluation rules that the output breaks are in `validation_errors`:
        they are for the reflection to judge.
        """
        card = self.registry.get(skill_id)
        _check(card.input_validator, inputs, f"Inputs of {skill_id}")
        started = time.perf_counter()
        request = self._request(card, inputs, on_delta, revision_for)
        replies = [await self._door.call(calls, request)]
        output, problems = await _read(card, inputs, replies[0])
        if problems and replies[0].model != COMPOSER:
            request = replace(request, repair_of="; ".join(problems))
            replies.append(await self._door.call(calls, request))
            output, problems = await _read(card, inputs, replies[1])
        if problems:
            raise UpstreamFailed(
                f"The output of {skill_id} does not fit its schema: {problems[0]}",
                code="skill_output_invalid",
            )
        return _result(card, output, replies, round((time.perf_counter() - started) * 1000))

    def _request(
        self, card: SkillCard, inputs: Mapping[str, Any], on_delta: Delta | None, revision_for: str
    ) -> ModelRequest:
        composer = self._composers.get(card.id)
        most = card.cost.max_tokens_per_execution
        answer = min(card.model.max_tokens, most)
        room = most - min(answer, most // 2)

        def prompt() -> str:
            filled = fill(card.prompt, inputs, room)
            return revised(filled, revision_for) if revision_for else filled

        return ModelRequest(
            skill_id=card.id,
            skill_version=f"{card.version}+{card.revision}",
            inputs=inputs,
            compose=(lambda: composer(inputs)) if composer else None,
            counted=card.counted,
            prompt=functools.cache(prompt),
            revision_for=revision_for,
            model=card.model.name,
            temperature=card.model.temperature,
            max_tokens=answer,
            max_tokens_total=most,
            max_cost_micro_usd=card.max_cost_micro_usd,
            output_schema=card.output_schema,
            timeout_seconds=self._timeout_seconds,
            on_delta=on_delta,
        )


async def _read(
    card: SkillCard, inputs: Mapping[str, Any], reply: ModelReply
) -> tuple[dict[str, Any], list[str]]:
    """The output, a model's held to its sources, and how it misses the schema."""
    if UNREADABLE in reply.output:
        return reply.output, [str(reply.output["why"])]
    output = reply.output
    if reply.model != COMPOSER:
        output = await asyncio.to_thread(_held_to_sources, card, inputs, output)
    return output, misfits(card.output_validator, output)


def _held_to_sources(
    card: SkillCard, inputs: Mapping[str, Any], output: dict[str, Any]
) -> dict[str, Any]:
    """What a model wrote, as far as its sources carry it."""
    mended = mend(card.id, inputs, output)
    swept = (
        card.category == "onboarding"
        and "facts" in inputs
        and not misfits(card.output_validator, mended)
    )
    return sweep(inputs, mended) if swept else mended


def _check(validator: Draft202012Validator, value: Any, what: str) -> None:
    problems = misfits(validator, value)
    if problems:
        raise Unprocessable(f"{what}: {problems[0]}", code="skill_inputs_invalid")


def _result(
    card: SkillCard, output: dict[str, Any], replies: list[ModelReply], latency_ms: int
) -> SkillResult:
    costs = [reply.cost_micro_usd for reply in replies]
    known = [cost for cost in costs if cost is not None]
    return SkillResult(
        skill_id=card.id,
        output=output,
        model=replies[-1].model,
        tokens_input=sum(reply.tokens_input for reply in replies),
        tokens_output=sum(reply.tokens_output for reply in replies),
        cost_micro_usd=sum(known) if len(known) == len(costs) else None,
        latency_ms=latency_ms,
        replayed=all(reply.replayed for reply in replies),
        validation_errors=evaluation.problems(card.evaluation, output),
    )
