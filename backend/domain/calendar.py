"""Days as the founder counts them: in the workspace's own time zone."""

from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backend.core.database import Reads
from backend.core.errors import Unprocessable

TODAY = "select public.workspace_today(%(workspace_id)s) as today"
ZONE = "select settings ->> 'timezone' as zone from public.workspaces where id = %(workspace_id)s"
HOME = "Asia/Kolkata"


async def today(db: Reads) -> date:
    """The date where the founder is."""
    row = await db.one(TODAY)
    assert row is not None, "a select without a table has one row"
    found: date = row["today"]
    return found


async def zone(db: Reads) -> str:
    """The workspace's time zone; India's where it names none that exists, as in `workspace_today`."""
    row = await db.one(ZONE)
    try:
        return ZoneInfo((row and row["zone"]) or HOME).key
    except (ZoneInfoNotFoundError, ValueError):
        return HOME


async def check_not_past(db: Reads, day: date | None) -> None:
    """Raise Unprocessable `date_in_past` for a day before the founder's today."""
    if day is not None and day < (now := await today(db)):
        raise Unprocessable(
            f"{day.isoformat()} is past; where you are it is {now.isoformat()}.",
            code="date_in_past",
            today=now.isoformat(),
        )
