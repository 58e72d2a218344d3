"""A founder's way through the API over real HTTP, as the web app would walk it."""

import asyncio
import mimetypes
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from backend.domain import onboarding_steps
from backend.local.address import Address

STEPS = tuple(onboarding_steps.STEPS)
DEFAULT_GOAL = "Win the next ten customers"
REQUEST_SECONDS = 180
UNDER_WAY = frozenset({"queued", "running"})
LOOK_SECONDS = 0.75

Announce = Callable[[str], None]


class StepFailed(Exception):
    """A step of the journey that did not work, with the server's own words."""

    def __init__(self, step: str, why: str) -> None:
        self.step = step
        super().__init__(f"{step}: {why}")


def is_url(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def require_sources(sources: list[str]) -> None:
    """Raise StepFailed for a file that cannot be read, before anything is started for it."""
    for source in sources:
        if not is_url(source):
            _read(Path(source))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StepFailed(f"Upload {path.name}", f"{path}: {error.strerror}") from error


@dataclass
class Journey:
    """What came of it so far. `steps` records what was done, how long it took and what it said."""

    where: Address
    announce: Announce
    steps: list[dict[str, Any]] = field(default_factory=list)
    usage: dict[str, Any] = field(
        default_factory=lambda: {"runs": 0, "tokens": 0, "cost_usd": 0.0, "model": "composer"}
    )

    async def __aenter__(self) -> Self:
        self._http = httpx.AsyncClient(timeout=REQUEST_SECONDS, trust_env=False)
        self._token = ""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    # --- one request ---------------------------------------------------------------------------------

    async def _call(self, step: str, method: str, path: str, **request: Any) -> dict[str, Any]:
        """One call to the API as a named step. Raises StepFailed with the problem's detail."""
        self.announce(step)
        began = time.perf_counter()
        body = await self._ask(step, method, path, **request)
        self._record(step, began)
        return body

    async def _ask(self, step: str, method: str, path: str, **request: Any) -> dict[str, Any]:
        """A call on behalf of a step, which is no step of its own."""
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            answer = await self._http.request(
                method, f"{self.where.api_url}/api/v1{path}", headers=headers, **request
            )
        except httpx.HTTPError as error:
            raise StepFailed(step, f"the API did not answer ({type(error).__name__})") from error
        return self._body(step, answer)

    def _record(self, step: str, began: float) -> None:
        seconds = round(time.perf_counter() - began, 2)
        self.steps.append({"step": step, "status": 200, "seconds": seconds})

    @staticmethod
    def _body(step: str, answer: httpx.Response) -> dict[str, Any]:
        try:
            body: dict[str, Any] = answer.json()
        except ValueError as error:
            raise StepFailed(step, f"answered {answer.status_code} without JSON") from error
        if answer.is_error:
            raise StepFailed(step, str(body.get("detail") or body.get("msg") or answer.status_code))
        return body

    # --- the way -------------------------------------------------------------------------------------

    async def sign_up(self) -> dict[str, Any]:
        """A fresh account at the sign-in service, and its workspace."""
        self.announce("Sign up")
        began = time.perf_counter()
        email = f"demo-{secrets.token_hex(4)}@example.com"
        try:
            answer = await self._http.post(
                f"{self.where.supabase_url}/auth/v1/signup",
                headers={"apikey": self.where.anon_key},
                json={"email": email, "password": secrets.token_urlsafe(18)},
            )
        except httpx.HTTPError as error:
            raise StepFailed("Sign up", "the sign-in service did not answer") from error
        session = self._body("Sign up", answer)
        if "access_token" not in session:
            raise StepFailed("Sign up", "the project asks for e-mail confirmation before a session")
        self._token = session["access_token"]
        self._record("Sign up", began)
        await self._call("Initialize", "POST", "/auth/initialize")
        me = await self._call("Who am I", "GET", "/auth/me")
        workspace: dict[str, Any] = me["workspace"]
        return workspace

    async def session(self) -> dict[str, Any]:
        opened = await self._call("Open the onboarding", "POST", "/onboarding/session")
        session: dict[str, Any] = opened["session"]
        return session

    async def bring(self, session_id: str, source: str) -> dict[str, Any]:
        """A URL or a file into the evidence vault."""
        vault = f"/onboarding/{session_id}/vault"
        if is_url(source):
            added = await self._call(f"Read {source}", "POST", f"{vault}/url", json={"url": source})
        else:
            path = Path(source)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            files = {"file": (path.name, _read(path), kind)}
            added = await self._call(f"Upload {path.name}", "POST", f"{vault}/upload", files=files)
        evidence: dict[str, Any] = added["evidence"]
        return await self._text_of(vault, evidence)

    async def _text_of(self, vault: str, evidence: dict[str, Any]) -> dict[str, Any]:
        read = await self._call(
            f"Check {evidence['source_name']}", "GET", f"{vault}/{evidence['id']}"
        )
        item: dict[str, Any] = read["evidence"]
        return item

    async def run_steps(self, session_id: str, names: Mapping[int, str]) -> None:
        """All steps as one run of the engine; each is announced when its turn comes."""
        way, due = f"/onboarding/{session_id}/run", sorted(names)
        step, began = self._begin(due.pop(0), names)
        progress = await self._ask(step, "POST", way)
        self.usage["runs"] += 1
        while progress["status"] in UNDER_WAY:
            await asyncio.sleep(LOOK_SECONDS)
            progress = await self._ask(step, "GET", way)
            while due and due[0] <= (progress["step"] or 0):
                self._record(step, began)
                step, began = self._begin(due.pop(0), names)
        if progress["status"] != "completed":
            raise StepFailed(step, str(progress["error"]))
        self._record(step, began)

    def _begin(self, number: int, names: Mapping[int, str]) -> tuple[str, float]:
        step = f"Step {number}: {names[number]}"
        self.announce(step)
        return step, time.perf_counter()

    async def step_data(self, session_id: str, number: int) -> dict[str, Any]:
        """What a step has given."""
        path = f"/onboarding/{session_id}/steps/{number}"
        done = await self._ask(f"Step {number}", "GET", path)
        data: dict[str, Any] = done["data"]
        return data

    async def complete(self, session_id: str) -> None:
        await self._call("Complete the onboarding", "POST", f"/onboarding/{session_id}/complete")

    async def picture(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The foundation and the ICPs as the workspace has them now."""
        foundation = await self._call("Read the foundation", "GET", "/foundation")
        icps = await self._call("Read the ICPs", "GET", "/icps")
        return foundation["foundation"], icps["icps"]

    async def plan_move(self, goal: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Let the engine plan a move; returns the draft and the whole output of the run."""
        answer = await self._call(
            "Plan a move",
            "POST",
            "/agents/execute",
            json={"request_type": "moves", "request_data": {"goal": goal}},
        )
        if not answer["success"]:
            raise StepFailed("Plan a move", str(answer["error"]))
        self.usage["runs"] += 1
        self.usage["tokens"] += answer["tokens_used"]
        self.usage["cost_usd"] += answer["cost"]
        return answer["output"]["move"], answer["output"]

    async def start_and_do_one(self, move_id: str) -> dict[str, Any]:
        """Start the move and mark its first task done; returns the move with its tasks."""
        await self._call("Start the move", "POST", f"/moves/{move_id}/start")
        move = await self._call("Read the move", "GET", f"/moves/{move_id}")
        tasks = move["move"]["tasks"]
        if not tasks:
            raise StepFailed("Mark a task done", "the move has no tasks")
        done = {"status": "completed", "actual_minutes": tasks[0]["estimated_minutes"]}
        await self._call(
            "Mark a task done", "PUT", f"/moves/{move_id}/tasks/{tasks[0]['id']}", json=done
        )
        finished = await self._call("Read the move again", "GET", f"/moves/{move_id}")
        result: dict[str, Any] = finished["move"]
        return result
