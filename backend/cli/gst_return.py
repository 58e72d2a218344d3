"""`raptorflow gstr1`: the month's return of outward supplies, of the real database or of the embedded one."""

from pathlib import Path

from backend.core.config import Settings, given_settings, load_settings
from backend.core.database import init_database
from backend.core.logs import configure_logging
from backend.domain import gst_returns
from backend.local import postgres
from backend.local.address import StackError
from backend.local.stack import NOT_GIVEN
from backend.payments import gst_service


async def run(month: str, data_dir: Path) -> str:
    """The CSV. Raises Unprocessable for what is no month, StackError where no stack has run."""
    configure_logging("WARNING")
    gst_returns.first_day(month)
    if "database_url" in given_settings():
        return await _of(load_settings(), month)
    if not (data_dir / "postgres").exists():
        raise StackError("no stack has run here: start one with `raptorflow up`")
    server = postgres.start(data_dir / "postgres")
    try:
        url = server.dsn("raptorflow_app")
        return await _of(load_settings(**{**NOT_GIVEN, "database_url": url}), month)
    finally:
        server.leave()


async def _of(settings: Settings, month: str) -> str:
    database = await init_database(settings)
    try:
        return await gst_service.gstr1(database, month)
    finally:
        await database.close()
