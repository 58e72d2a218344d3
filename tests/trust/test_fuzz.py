"""S1: Schemathesis over the whole contract, against the running service; what it is told is in `fuzz`.

In the suite a short walk through every operation; `make fuzz` for all phases and the figures.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from fastapi import FastAPI
from httpx import AsyncClient

from backend.core.config import Settings
from backend.local.phonepe import Simulator
from tests.api.documented import operations
from tests.conftest import TestDatabase
from tests.loopback import serving_here
from tests.services.sites import answer, serve
from tests.trust.conftest import Figure
from tests.trust.fuzz.stage import Stage, furnished
from tests.trust.streams import serving_api
from tests.workers import working

ROOT = Path(__file__).parents[2]
SEED = os.environ.get("FUZZ_SEED", "20261127")
CASES = 10_000
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "use_after_free",
)
WALK = ("--phases", "fuzzing", "-n", "1", "--max-time", "40")
WHOLE = ("--phases", "examples,coverage,fuzzing,stateful", "-n", "100")
PAGE = answer(b"<html><body><main><p>We sell tea in Pune.</p></main></body></html>")

FEED = answer(
    b"<rss version='2.0'><channel><title>News</title><link>https://example.com/</link>"
    b"<item><title>Tea is dearer</title><link>https://example.com/1</link></item></channel></rss>",
    content_type="application/rss+xml",
)


class Call(NamedTuple):
    operation: str
    method: str
    status: int
    phase: str


async def schemathesis(url: str, folder: Path, *options: str) -> tuple[int, str]:
    """Its exit code and what it said. `folder` holds the stage, and takes the calls."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--url", url),
        *("--checks", ",".join(CHECKS), "--seed", SEED, "--no-color", "--warnings", "off"),
        *("--request-timeout", "90", "--generation-database", "none", "--no-shrink"),
        *("--wait-for-schema", "60"),
        *("--continue-on-failure", *options),
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.trust.fuzz.hooks",
            "FUZZ_STAGE": str(folder / "stage.json"),
            "FUZZ_CALLS": str(folder / "calls"),
        },
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@asynccontextmanager
async def whole_api(stage: Stage) -> AsyncIterator[str]:
    """A process of its own, which sells and offers trials."""
    async with serving_api(stage.settings, **stage.environment()) as api:
        yield api.root


async def test_s1_the_contract_holds(
    settings: Settings,
    pg_shared: TestDatabase,
    app: FastAPI,
    phonepe: Simulator,
    http: AsyncClient,
    tmp_path: Path,
    full: bool,
    figure: Figure,
) -> None:
    stage = Stage(settings, pg_shared, app, phonepe, http)
    async with serve({"/": PAGE, "/feed": FEED}) as site, working(settings):
        what = await furnished(stage, site.url(), SEED, whole=full)
        (tmp_path / "stage.json").write_text(json.dumps(what))
        async with whole_api(stage) if full else serving_here(app) as api:
            code, said = await schemathesis(api, tmp_path, *(WHOLE if full else WALK))
    assert (tmp_path / "calls").exists(), said
    calls = [Call(*json.loads(line)) for line in (tmp_path / "calls").read_text().splitlines()]
    succeeded = Counter(call.operation for call in calls if call.status < 300)
    unreached = [o.id for o in operations() if not succeeded[o.id]]
    broken = [call for call in calls if call.status >= 500]
    figure(
        "S1",
        cases=len(calls),
        **Counter(call.phase for call in calls),
        server_errors=len(broken),
        operations=len(operations()),
        fewest_successes=min(succeeded[operation.id] for operation in operations()),
        unreached=unreached if full else len(unreached),
    )
    assert code == 0, said
    assert broken == []
    assert len(calls) > (CASES if full else 50)
    if full:
        assert unreached == []
