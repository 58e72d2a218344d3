"""Small functions of the tenant itself."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.json import Jsonb

from backend.cli.isolation.matrix import acting
from backend.cli.isolation.tenants import Connection, sign_up

SET_ZONE = "update public.workspaces set settings = %s where id = %s"
TODAY = "select public.workspace_today(%s), now()"


@pytest.mark.parametrize(
    ("settings", "zone"),
    [
        ({"timezone": "Pacific/Kiritimati"}, "Pacific/Kiritimati"),
        ({"timezone": "Etc/GMT+12"}, "Etc/GMT+12"),
        ({"timezone": "Nowhere/Atlantis"}, "Asia/Kolkata"),
        ({"timezone": ""}, "Asia/Kolkata"),
        ({}, "Asia/Kolkata"),
    ],
)
def test_today_is_where_the_founder_is(
    owner: Connection, app: Connection, settings: dict[str, str], zone: str
) -> None:
    tenant = sign_up(owner, "PX")
    owner.execute(SET_ZONE, (Jsonb(settings), tenant.workspace_id))
    with acting(app, "authenticated", tenant.claims):
        row = app.execute(TODAY, (tenant.workspace_id,)).fetchone()
    assert row is not None
    today, now = row
    assert isinstance(now, datetime)
    assert today == now.astimezone(ZoneInfo(zone)).date()
