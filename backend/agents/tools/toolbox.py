"""What a tool is, and the box that holds all of them."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from backend.core.config import Settings
from backend.core.database import Database, Reader
from backend.core.errors import NotFound, Unprocessable
from backend.core.identity import AuthenticatedUser
from backend.services import tool_calls
from backend.services.egress import Egress
from backend.services.llm import CallContext
from backend.services.tool_calls import ToolRequest, ToolResult

TIMEOUT_SECONDS = 30.0
MAX_RETRIES = 3


class Parameters(BaseModel):
    """Base of what a tool takes."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


@dataclass(frozen=True, slots=True)
class Bench:
    """What tools work with: the user's own reading door, the settings, the one way out."""

    db: Reader
    settings: Settings
    egress: Egress


Run = Callable[[Bench, Any], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Tool:
    """`missing` names the settings without which the tool is absent; None when it is there."""

    name: str
    description: str
    parameters: type[Parameters]
    run: Run
    tainted: bool = False
    timeout_seconds: float = TIMEOUT_SECONDS
    max_retries: int = MAX_RETRIES
    provider: Callable[[Settings], str] = lambda settings: "raptorflow"
    missing: Callable[[Settings], str | None] = lambda settings: None


@dataclass(frozen=True, slots=True)
class Listed:
    """A tool with what keeps it away, if anything does."""

    tool: Tool
    why_absent: str | None


class Toolbox:
    """The tools of one process."""

    def __init__(
        self,
        settings: Settings,
        egress: Egress,
        tools: Mapping[str, Tool],
        recorded: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        """`recorded`: what tools brought from outside in a recorded run, by key; then nothing is fetched."""
        self._recorded = recorded
        self._settings = settings
        self._egress = egress
        self._tools = dict(tools)

    def __contains__(self, name: str) -> bool:
        tool = self._tools.get(name)
        return tool is not None and tool.missing(self._settings) is None

    def listed(self) -> Iterator[Listed]:
        for tool in self._tools.values():
            yield Listed(tool, tool.missing(self._settings))

    async def use(
        self,
        database: Database,
        user: AuthenticatedUser,
        calls: CallContext,
        name: str,
        parameters: Mapping[str, Any],
    ) -> ToolResult:
        """What the tool gives on behalf of this user's run.

        Raises NotFound `tool_not_available`, Unprocessable `tool_parameters_invalid`, and what the tool
        raises when its retries are used up.
        """
        tool = self._tools.get(name)
        why = tool.missing(self._settings) if tool else "there is no such tool"
        if tool is None or why:
            raise NotFound(f"The tool {name} is not available: {why}.", code="tool_not_available")
        try:
            wanted = tool.parameters.model_validate(dict(parameters))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the whole"
            raise Unprocessable(
                f"Parameters of {name}: {where}: {first['msg']}", code="tool_parameters_invalid"
            ) from error
        bench = Bench(database.reader(user), self._settings, self._egress)
        request = ToolRequest(
            name=name,
            parameters=wanted.model_dump(mode="json", exclude_none=True),
            provider=tool.provider(self._settings),
            timeout_seconds=tool.timeout_seconds,
            max_retries=tool.max_retries,
            tainted=tool.tainted,
        )

        async def act() -> dict[str, Any]:
            if self._recorded is None or not tool.tainted:
                return await tool.run(bench, wanted)
            if request.key not in self._recorded:
                raise Unprocessable(
                    f"The recording has no such use of {name}.", code="call_not_recorded"
                )
            return self._recorded[request.key]

        return await tool_calls.use(database, calls, request, act)
