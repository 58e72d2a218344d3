"""R5: Postgres gone from one moment to the next and started again, while people read and write."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import psutil
import pytest

from backend.core.config import Settings
from tests.people import sign_up
from tests.trust.conftest import Figure
from tests.trust.house import House, house
from tests.trust.load import PATIENCE_SECONDS, Load
from tests.trust.streams import Api, serving_api

SERVING_AGAIN_SECONDS = 10.0
AWAY_SECONDS = (1.0, 5.0, 45.0)
"""How long Postgres stays away; the longest shows whether attempts to reconnect grow rare."""


@pytest.fixture(scope="module")
def own(settings: Settings) -> Iterator[House]:
    with house(settings) as made:
        yield made


@pytest.fixture(scope="module")
async def api(own: House) -> AsyncIterator[Api]:
    async with serving_api(own.settings) as api:
        yield api


async def test_stopped_hard_under_load(own: House, api: Api, full: bool, figure: Figure) -> None:
    async with httpx.AsyncClient(base_url=api.root, timeout=PATIENCE_SECONDS) as http:
        people = [
            sign_up(own.settings, own.superuser_dsn, http, plan="growth")
            for _ in range(20 if full else 4)
        ]
        for away in AWAY_SECONDS if full else AWAY_SECONDS[:1]:
            load = Load(people, http, at_once=16 if full else 4, pause=0 if full else 0.05)
            async with load.running():
                await asyncio.sleep(3 if full else 0.5)
                sockets = connections(api, own)
                await asyncio.to_thread(own.fall)
                await asyncio.sleep(away)
                starting = time.monotonic()
                took = await asyncio.to_thread(own.rise)
                patience = SERVING_AGAIN_SECONDS if full else 60  # the suite is not timed
                again = await load.served_again(starting, patience + took, in_a_row=20)
                await asyncio.sleep(3 if full else 0.2)
            assert not load.not_expected(503), load.not_expected(503)[:3]
            assert load.statuses().get(503), "it was not missed"
            assert load.lost(own.superuser_dsn) == 0
            figure(
                "R5",
                away_s=away,
                requests=len(load.answers),
                statuses=load.statuses(),
                acknowledged=len(load.acknowledged),
                lost=0,
                postgres_up_s=round(took, 1),
                serving_s=round(again, 1),
                slowest_s=round(max(a.seconds for a in load.answers), 1),
                connections=f"{sockets}->{connections(api, own)}",
            )


def connections(api: Api, own: House) -> int:
    """What the API's pools hold open."""
    return sum(
        c.status == psutil.CONN_ESTABLISHED and c.raddr.port == own.port
        for c in api.process.net_connections("tcp")
        if c.raddr
    )
