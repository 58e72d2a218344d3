"""The MCP server at `/mcp`: the API's own operations as tools for other people's agents (ADR 0098).

A tool call is a request to this same application with the caller's own token or key: authentication, scopes,
limits, budgets, approvals, the audit log and every rule are those of the API, because they are the API. Tools
are read from the OpenAPI document, so a new operation is a tool by being mounted.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import mcp_types as types
from fastapi import FastAPI
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import Receive, Scope, Send

from backend.core.identity import Identity
from backend.domain import api_keys

Schema = dict[str, Any]
Context = ServerRequestContext[Any, Any]

CALL_SECONDS = 600.0
"""More than any run is waited for; the call goes to this same process."""
PREFIX = "/api/v1/"
NO_TOOLS = ("exports", "webhook-endpoints")
"""Areas of programs, not of agents: files to download, addresses that hear of everything."""
KEY_ARGUMENT = "idempotency_key"
INSTRUCTIONS = (
    "Raptorflow turns a founder's own documents into a marketing plan. Tools are the operations of its API. "
    "What costs money is reserved first (402 when the budget is used up). An answer with "
    "`requires_approval` waits for a person: show them the content before you call approve_output."
)
FOUNDATION = "raptorflow://foundation"
ICPS = "raptorflow://icps/"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API and the tool it makes. `places` says where each argument goes."""

    method: str
    path: str
    places: dict[str, str]
    takes_body: bool
    tool: types.Tool


def operations(document: Schema) -> Iterator[Operation]:
    """Every operation that takes and gives JSON and that a key may be let into."""
    for path, methods in document["paths"].items():
        area = path.removeprefix(PREFIX).partition("/")[0]
        if not path.startswith(PREFIX) or area not in api_keys.AREAS or area in NO_TOOLS:
            continue
        for method, described in methods.items():
            if described.get("security") and _is_json(described):
                yield _operation(method.upper(), path, described, document)


def _is_json(described: Schema) -> bool:
    asked = described.get("requestBody", {}).get("content", {"application/json": {}})
    answered = described["responses"].get("200", {}).get("content", {})
    return "application/json" in asked and "application/json" in answered


def _operation(method: str, path: str, described: Schema, document: Schema) -> Operation:
    properties: Schema = {}
    places: dict[str, str] = {}
    required: list[str] = []
    for parameter in described.get("parameters", []):
        if parameter["in"] in ("path", "query"):
            name = parameter["name"]
            properties[name], places[name] = parameter["schema"], parameter["in"]
            required += [name] if parameter["required"] else []
    body = described.get("requestBody")
    if body:
        schema = _followed(body["content"]["application/json"]["schema"], document)
        inner = schema.get("properties")
        parts = inner if inner and not inner.keys() & places.keys() else {"body": schema}
        properties |= parts
        places |= dict.fromkeys(parts, "body" if parts is inner else "whole")
        if body.get("required"):
            required += schema.get("required", []) if parts is inner else ["body"]
    if method == "POST":
        properties[KEY_ARGUMENT] = {"type": "string", "description": "Act once for this key."}
        places[KEY_ARGUMENT] = "key"
    shape: Schema = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    tool = types.Tool(
        name=described["operationId"],
        description=described.get("description") or described["summary"],
        input_schema=_self_contained(shape, document),
        annotations=types.ToolAnnotations(
            title=described["summary"],
            read_only_hint=method == "GET",
            destructive_hint=method == "DELETE",
            idempotent_hint=method != "POST",
        ),
    )
    return Operation(method, path, places, bool(body and body.get("required")), tool)


def _followed(schema: Schema, document: Schema) -> Schema:
    """The schema itself: of a body that may be left out what it is when it is there."""
    choices = [choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"]
    if len(choices) == 1:
        return _followed(choices[0], document)
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def _self_contained(schema: Schema, document: Schema) -> Schema:
    """The schema with every definition it refers to inside it."""
    wanted: dict[str, Schema] = {}

    def moved(part: Any) -> Any:
        if isinstance(part, list):
            return [moved(item) for item in part]
        if not isinstance(part, dict):
            return part
        ref = part.get("$ref")
        if isinstance(ref, str):
            name = ref.rpartition("/")[2]
            if name not in wanted:
                wanted[name] = {}
                wanted[name] = moved(document["components"]["schemas"][name])
            return {**part, "$ref": f"#/$defs/{name}"}
        return {key: moved(value) for key, value in part.items()}

    inside = moved(schema)
    return {**inside, "$defs": wanted} if wanted else dict(inside)


class Tools:
    """What the server answers. Each call carries the caller's own credentials to the application."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._known: dict[str, Operation] = {}

    def _operations(self) -> dict[str, Operation]:
        if not self._known:
            self._known = {o.tool.name: o for o in operations(self._app.openapi())}
        return self._known

    async def list_tools(self, context: Context, params: Any) -> types.ListToolsResult:
        """The tools that the caller's key has scopes for; all of them for a person's token."""
        key = _identity(context).key
        tools = [
            operation.tool
            for operation in self._operations().values()
            if key is None or _is_open(operation, key.scopes)
        ]
        return types.ListToolsResult(tools=tools)

    async def call_tool(
        self, context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        operation = self._operations().get(params.name)
        if operation is None:
            return _failed(f"There is no tool {params.name}.")
        arguments = params.arguments or {}
        unknown = arguments.keys() - operation.places.keys()
        missing = set(operation.tool.input_schema["required"]) - arguments.keys()
        if unknown or missing:
            words = "There is no argument" if unknown else "This argument is required:"
            return _failed(f"{words} {min(unknown or missing)}.")
        answer = await self._ask(context, operation, arguments)
        return types.CallToolResult(
            content=[types.TextContent(text=answer.text)],
            structured_content=answer.json() if answer.text else None,
            is_error=answer.is_error,
        )

    async def _ask(
        self, context: Context, operation: Operation, arguments: Mapping[str, Any]
    ) -> httpx.Response:
        by_place: dict[str, dict[str, Any]] = {}
        for name, value in arguments.items():
            by_place.setdefault(operation.places[name], {})[name] = value
        path = operation.path
        for name, value in by_place.get("path", {}).items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        body = by_place.get("whole", {}).get("body", by_place.get("body"))
        headers = {"idempotency-key": str(key)} if (key := arguments.get(KEY_ARGUMENT)) else {}
        return await self._send(
            context,
            operation.method,
            path,
            params={n: _written(v) for n, v in by_place.get("query", {}).items() if v is not None},
            json=body if body is not None or not operation.takes_body else {},
            headers=headers,
        )

    async def _send(
        self, context: Context, method: str, path: str, **options: Any
    ) -> httpx.Response:
        headers = {
            "authorization": context.request.headers["authorization"],  # type: ignore[union-attr]
            **options.pop("headers", {}),
        }
        transport = httpx.ASGITransport(self._inside, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://mcp", timeout=CALL_SECONDS
        ) as client:
            return await client.request(method, path, headers=headers, **options)

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["channel"] = "mcp"
        await self._app(scope, receive, send)

    async def list_resources(self, context: Context, params: Any) -> types.ListResourcesResult:
        """The foundation and each ICP."""
        kind = "application/json"
        resources = [types.Resource(uri=FOUNDATION, name="Foundation", mime_type=kind)]
        answer = await self._send(context, "GET", "/api/v1/icps", params={"limit": "100"})
        for icp in answer.json()["icps"] if answer.is_success else []:
            uri = f"{ICPS}{icp['id']}"
            resources.append(types.Resource(uri=uri, name=icp["name"], mime_type=kind))
        return types.ListResourcesResult(resources=resources)

    async def read_resource(
        self, context: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        path = "/api/v1/foundation"
        if params.uri != FOUNDATION:
            path = f"/api/v1/icps/{quote(params.uri.removeprefix(ICPS), safe='')}"
        answer = await self._send(context, "GET", path)
        content = types.TextResourceContents(
            uri=params.uri, mime_type=answer.headers["content-type"], text=answer.text
        )
        return types.ReadResourceResult(contents=[content])


def _identity(context: Context) -> Identity:
    identity: Identity = context.request.state.identity  # type: ignore[union-attr]
    return identity


def _is_open(operation: Operation, scopes: frozenset[str]) -> bool:
    needed = api_keys.needed_scope(operation.method, operation.path)
    return needed is None or api_keys.allows(scopes, needed)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _failed(sentence: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=sentence)], is_error=True)


@contextlib.asynccontextmanager
async def serving(app: FastAPI, version: str) -> AsyncIterator[StreamableHTTPSessionManager]:
    """The protocol's machinery while the application lives. Stateless: any process answers any request."""
    tools = Tools(app)
    server: Server[Any] = Server(
        "raptorflow",
        version=version,
        instructions=INSTRUCTIONS,
        on_list_tools=tools.list_tools,
        on_call_tool=tools.call_tool,
        on_list_resources=tools.list_resources,
        on_read_resource=tools.read_resource,
    )
    manager = StreamableHTTPSessionManager(
        server,
        json_response=True,
        stateless=True,
        security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    ready, done = asyncio.Event(), asyncio.Event()

    async def run() -> None:  # its task group must be left by the task that entered it
        async with manager.run():
            ready.set()
            await done.wait()

    running = asyncio.create_task(run(), name="mcp")
    await ready.wait()
    try:
        yield manager
    finally:
        done.set()
        await running
