"""Recordings: what the models and the web said in a real run, so that a test replays it without a key.

A recording holds the answers of one run's journal by a fingerprint of what was asked: the skill and its
prompt, with every id replaced by its number in order of appearance. So a run of another workspace, whose
evidence has other ids, finds them as long as it asks the same. Composer answers are not recorded: they are
composed again.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from backend.core.config import ConfigError
from backend.core.database import Reads

CALLS = """
select kind, name, call_key, model, request, response, tokens_input, tokens_output, tokens_cached
from public.run_calls
where workspace_id = %(workspace_id)s and run_id = %(run_id)s and status = 'completed'
order by created_at, call_key
"""
RUN = """
select request_type, request_data from public.agent_executions
where workspace_id = %(workspace_id)s and id = %(run_id)s
"""
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
_NUMBERED = re.compile(r"<id:(\d+)>")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RecordedAnswer(_Strict):
    """A model's answer; ids that stood in the prompt are numbered in it."""

    skill: str
    fingerprint: str
    model: str
    output: dict[str, Any]
    tokens_input: int = 0
    tokens_output: int = 0
    tokens_cached: int = 0


class RecordedTool(_Strict):
    """What a tool brought from outside."""

    tool: str
    key: str
    output: dict[str, Any]


class Recording(_Strict):
    format: Literal[1] = 1
    request_type: str
    request_data: dict[str, Any]
    answers: list[RecordedAnswer]
    tools: list[RecordedTool]
    complete: bool
    """Whether every call of the run is in it; texts of old journals are pruned."""


async def of_run(db: Reads, run_id: UUID) -> Recording | None:
    """The recording of a run of the workspace; None when there is no such run."""
    run = await db.one(RUN, {"run_id": run_id})
    if run is None:
        return None
    rows = await db.all(CALLS, {"run_id": run_id})
    asked = [row for row in rows if row["kind"] == "model" and row["model"] != "composer"]
    used = [row for row in rows if row["kind"] == "tool" and (row["response"] or {}).get("tainted")]
    kept = [row for row in asked if row["request"] and row["response"]]
    pruned = any(row["response"] is None for row in rows)
    return Recording(
        request_type=run["request_type"],
        request_data=run["request_data"] or {},
        answers=[_answer(row) for row in kept],
        tools=[
            RecordedTool(tool=row["name"], key=row["call_key"], output=row["response"]["output"])
            for row in used
        ],
        complete=len(kept) == len(asked) and not pruned,
    )


def load(path: Path) -> Recording:
    """A recording from its file. Raises ConfigError."""
    try:
        return Recording.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise ConfigError([f"MODEL_PROVIDER: {path} is no recording: {error}"]) from None


def fingerprint(skill: str, prompt: str, *, repair: bool) -> tuple[str, list[str]]:
    """What identifies a question, and the ids in it, in order of appearance."""
    numbered, ids = _numbered(prompt)
    told = f"{skill}\n{repair}\n{numbered}"
    return hashlib.sha256(told.encode()).hexdigest()[:32], ids


def with_ids(output: Mapping[str, Any], ids: Sequence[str]) -> dict[str, Any]:
    """A recorded output with the ids of the prompt that asks now."""

    def named(number: re.Match[str]) -> str:
        at = int(number[1])
        return ids[at] if at < len(ids) else number[0]

    found: dict[str, Any] = json.loads(_NUMBERED.sub(named, json.dumps(output)))
    return found


def _answer(row: Mapping[str, Any]) -> RecordedAnswer:
    repair = row["call_key"].endswith(":repair")
    print_, ids = fingerprint(row["name"], row["request"]["prompt"], repair=repair)
    number = {id: f"<id:{at}>" for at, id in enumerate(ids)}
    text = _ID.sub(lambda found: number.get(found[0], found[0]), json.dumps(row["response"]))
    return RecordedAnswer(
        skill=row["name"],
        fingerprint=print_,
        model=row["model"],
        output=json.loads(text),
        tokens_input=row["tokens_input"] or 0,
        tokens_output=row["tokens_output"] or 0,
        tokens_cached=row["tokens_cached"] or 0,
    )


def _numbered(text: str) -> tuple[str, list[str]]:
    ids: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"<id:{ids.setdefault(found[0], len(ids))}>"

    return _ID.sub(number, text), list(ids)
