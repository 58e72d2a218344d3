"""The Gemini API on the loopback: generateContent and streamGenerateContent as REST and SSE.

It answers each card's prompt with the card's own composer, so that a whole journey runs over the wire. What
it is told by `script` it does first: one entry for each request of a skill, in order. Facts come to a model
without their offsets, so it remembers those it gave itself.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from backend.skills.offline import COMPOSERS
from backend.skills.registry import SkillCard, SkillRegistry

USAGE = {
    "promptTokenCount": 110,
    "candidatesTokenCount": 70,
    "thoughtsTokenCount": 30,
    "cachedContentTokenCount": 10,
    "totalTokenCount": 210,
}
PIECE = 400
"""Characters of one event of a stream."""

Script = Callable[["Gemini", dict[str, Any], bool], Response]
"""What to answer to (body, stream)."""


@dataclass
class Gemini:
    script: list[Script] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    """Bodies, each with `path` and `key` beside it."""
    always: Script | None = None
    left: int = 0
    """Connections that the other side closed before the end."""

    def __post_init__(self) -> None:
        self.registry = SkillRegistry.load()
        self._facts: dict[str, dict[str, Any]] = {}
        self._evidence: list[dict[str, Any]] = []

    def app(self, url: str) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        body = await request.json()
        path = request.url.path
        self.requests.append({**body, "path": path, "key": request.headers.get("x-goog-api-key")})
        stream = path.endswith(":streamGenerateContent")
        scripted = self.script and not self._judges(asked(body))
        script = self.script.pop(0) if scripted else self.always
        if script:
            return script(self, body, stream)
        text = await asyncio.to_thread(self.composed, asked(body))
        return says(text)(self, body, stream)

    def _judges(self, prompt: str) -> bool:
        """Whether a judgement is asked for: it comes between the skills that a script is written for."""
        cards = self.registry.by_category("judgement")
        return any(prompt.startswith(_head(card)) for card in cards)

    def cards_asked(self) -> list[SkillCard]:
        """The cards whose prompts have come."""
        prompts = [asked(body) for body in self.requests]
        return [
            card for card in self.registry for prompt in prompts if prompt.startswith(_head(card))
        ]

    def composed(self, prompt: str) -> str:
        """The composer's answer to a card's filled prompt."""
        card = next(
            card for card in self.registry if _head(card) and prompt.startswith(_head(card))
        )
        inputs = self._inputs(card, prompt)
        output = COMPOSERS[card.id](inputs)
        if card.id == "fact_extraction":
            self._facts = {fact["id"]: fact for fact in output["facts"]}
            self._evidence = inputs["evidence"]
        return json.dumps(output, default=str)

    def _inputs(self, card: SkillCard, prompt: str) -> dict[str, Any]:
        slots = [part.split("}}")[0] for part in card.prompt.split("{{")[1:]]
        blocks = [part.split("\n</data>")[0] for part in prompt.split("<data>\n")[1:]]
        inputs = {slot: json.loads(block) for slot, block in zip(slots, blocks, strict=False)}
        if "facts" in inputs:
            inputs["facts"] = [self._facts[fact["id"]] for fact in inputs["facts"]]
            inputs["evidence"] = self._evidence
        return inputs


def _head(card: SkillCard) -> str:
    return card.prompt.partition("{{")[0]


def asked(body: dict[str, Any]) -> str:
    return str(body["contents"][-1]["parts"][0]["text"])


def _candidate(text: str, finish: str | None) -> dict[str, Any]:
    reason = {"finishReason": finish} if finish else {}
    return {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0, **reason}


def _whole(body: dict[str, Any], stream: bool) -> Response:
    if not stream:
        return JSONResponse(body)
    return StreamingResponse(_events([body]), media_type="text/event-stream")


async def _events(bodies: list[dict[str, Any]], gap: float = 0.0) -> AsyncIterator[bytes]:
    for body in bodies:
        yield b"data: " + json.dumps(body).encode() + b"\r\n\r\n"
        await asyncio.sleep(gap)


def says(text: str, finish: str = "STOP", gap: float = 0.0) -> Script:
    """An answer in full, or in pieces when a stream was asked for."""

    def answer(gemini: Gemini, body: dict[str, Any], stream: bool) -> Response:
        if not stream:
            return JSONResponse(
                {
                    "candidates": [_candidate(text, finish)],
                    "usageMetadata": USAGE,
                    "modelVersion": "m",
                }
            )
        cuts = [text[at : at + PIECE] for at in range(0, len(text), PIECE)] or [""]
        bodies: list[dict[str, Any]] = [{"candidates": [_candidate(cut, None)]} for cut in cuts]
        bodies[-1] = {"candidates": [_candidate(cuts[-1], finish)], "usageMetadata": USAGE}
        return StreamingResponse(_events(bodies, gap), media_type="text/event-stream")

    return answer


def fails(status: int, code: str, *, delay: str | None = None, **headers: str) -> Script:
    """An error in Google's own shape, with RetryInfo when there is a delay."""
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    details = [info] if delay else []
    error = {"code": status, "message": "said by the fake", "status": code, "details": details}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda gemini, body, stream: JSONResponse({"error": error}, status, headers=named)


def blocks_prompt(gemini: Gemini, body: dict[str, Any], stream: bool) -> Response:
    usage = {"promptTokenCount": 110, "totalTokenCount": 110}
    return _whole({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": usage}, stream)


def blocks_answer(gemini: Gemini, body: dict[str, Any], stream: bool) -> Response:
    candidate = {"finishReason": "SAFETY", "index": 0, "safetyRatings": []}
    return _whole({"candidates": [candidate], "usageMetadata": USAGE}, stream)


def has_no_candidates(gemini: Gemini, body: dict[str, Any], stream: bool) -> Response:
    return _whole({"candidates": [], "usageMetadata": USAGE}, stream)


def breaks_off(gemini: Gemini, body: dict[str, Any], stream: bool) -> Response:
    """Half an answer, then the connection is gone."""

    async def half() -> AsyncIterator[bytes]:
        piece = json.dumps({"candidates": [_candidate('{"said": "ha', None)]})
        yield (f"data: {piece}\r\n\r\n" if stream else piece[:40]).encode()
        await asyncio.sleep(0.05)
        raise ConnectionAbortedError("the fake hangs up")

    media = "text/event-stream" if stream else "application/json"
    return StreamingResponse(half(), media_type=media)


def ends_early(gemini: Gemini, body: dict[str, Any], stream: bool) -> Response:
    """A stream that ends in order, but without a finish reason or counts."""
    return _whole({"candidates": [_candidate('{"said": "ha', None)]}, stream)


def drips(gemini: Gemini, body: dict[str, Any], stream: bool) -> Response:
    """A byte now and then, for ever."""

    async def slowly() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b" "
                await asyncio.sleep(0.05)
        finally:
            gemini.left += 1

    return StreamingResponse(slowly(), media_type="application/json")
