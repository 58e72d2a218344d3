"""Founders and customers for the tests of the API."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from backend.local.phonepe import Simulator
from tests.founders import COMPANY, Founder, at_the_start
from tests.people import Person
from tests.shop import SELLER, Shop


@pytest.fixture
async def founder(owner: Person) -> Founder:
    """On the free plan, with an empty vault."""
    return await at_the_start(owner)


@pytest.fixture
async def reader(founder: Founder, engine_worker: None) -> Founder:
    """With the company's page in the vault, and a worker who runs steps."""
    await founder.bring("company.md", COMPANY.encode())
    return founder


@pytest.fixture
def shop(app: FastAPI, phonepe: Simulator, owner: Person) -> Iterator[Shop]:
    """A customer on the free plan, and a seller whose registration is complete."""
    before = app.state.till
    opened = Shop(app, phonepe, owner)
    opened.sells_with(**SELLER)
    yield opened
    app.state.till = before
    phonepe.down = phonepe.refuses_tokens = phonepe.refunds_fail = False
