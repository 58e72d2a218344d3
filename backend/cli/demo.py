"""`raptorflow demo`: the founder's journey, on a running stack or on one of its own."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from backend.cli import seconds_since_start
from backend.cli.journey import DEFAULT_GOAL, STEPS, Journey, StepFailed, require_sources
from backend.cli.report import print_report
from backend.cli.temporary import temporary_stack
from backend.core.config import given_settings, load_settings
from backend.core.migrations import MigrationError
from backend.local import address
from backend.local.address import Address, StackError
from backend.local.clients import ServerError

SAMPLE = Path(__file__).with_name("samples") / "sample-company.md"
START_STEP = "Start the stack"
FIXED_STEPS = 14
"""Start; sign up, initialize, me, session; complete, foundation, ICPs; plan, start, read, mark, read."""

messages = Console(stderr=True)


@dataclass(frozen=True)
class Wishes:
    """The options of the command."""

    evidence: list[str]
    goal: str | None
    as_json: bool
    api_url: str | None
    data_dir: Path


async def run(wishes: Wishes) -> int:
    """Walk the way and print the result. Returns 1, and says which step, when one fails."""
    try:
        result = await _walk_with_progress(wishes)
    except (StepFailed, StackError, ServerError, MigrationError) as error:
        step = error.step if isinstance(error, StepFailed) else START_STEP
        if wishes.as_json:
            print(json.dumps({"error": str(error), "step": step}))  # noqa: T201
        messages.print(f"[red]✗[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        return 1
    result["seconds"] = round(seconds_since_start(), 1)
    if wishes.as_json:
        print(json.dumps(result, ensure_ascii=False))  # noqa: T201
    else:
        print_report(result, sample=not wishes.evidence)
    return 0


async def _walk_with_progress(wishes: Wishes) -> dict[str, Any]:
    sources = wishes.evidence or [str(SAMPLE)]
    require_sources(sources)
    with _progress() as progress:
        bar = progress.add_task(START_STEP, total=FIXED_STEPS + len(STEPS) + 2 * len(sources))

        def announce(step: str) -> None:
            progress.update(bar, description=escape(step), advance=1)

        async with _running(wishes) as where:
            async with Journey(where, announce) as way:
                result = await _walk(way, sources, wishes.goal or DEFAULT_GOAL)
            progress.update(bar, description="Clear up")
    return result


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<34.34}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=messages,
        disable=not messages.is_terminal,
        transient=True,
    )


async def _walk(way: Journey, sources: list[str], goal: str) -> dict[str, Any]:
    workspace = await way.sign_up()
    session = await way.session()
    names = {step["step"]: step["name"] for step in session["steps"]}
    items = [await way.bring(session["id"], source) for source in sources]
    await way.run_steps(session["id"], names)
    steps = {number: await way.step_data(session["id"], number) for number in (4, 15)}
    await way.complete(session["id"])
    foundation, icps = await way.picture()
    draft, output = await way.plan_move(goal)
    move = await way.start_and_do_one(draft["id"])
    return {
        "workspace": workspace,
        "foundation": foundation,
        "facts": [_brief(fact) for fact in steps[4]["truth_sheet"]["facts"]],
        "icps": icps,
        "plan_limit": steps[15].get("plan_limit"),
        "move": move,
        "missing": output.get("missing", []),
        "assets": [],
        "evidence": items,
        "usage": way.usage,
        "steps": way.steps,
    }


def _brief(fact: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "fact", "category", "quote", "evidence_id", "source", "page", "start", "end")
    return {name: fact.get(name) for name in kept}


@asynccontextmanager
async def _running(wishes: Wishes) -> AsyncIterator[Address]:
    """The stack that is there, or one started for this demo alone."""
    known = address.find(wishes.data_dir)
    if wishes.api_url:
        yield _of(wishes.api_url.rstrip("/"), known)
    elif known:
        yield known
    else:
        async with temporary_stack() as started:
            yield started


def _of(api_url: str, known: Address | None) -> Address:
    """An API by its address; where people sign in for it, the data directory or the settings say."""
    if known and known.api_url == api_url:
        return known
    if "supabase_url" not in given_settings():
        raise StackError(
            f"{api_url} is not the stack of this data directory: "
            "set SUPABASE_URL and what belongs to it to say where people sign in"
        )
    settings = load_settings()
    return Address(api_url, settings.supabase_url, settings.supabase_anon_key.get_secret_value())
