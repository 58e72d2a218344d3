"""Founders for the tests of the API."""

import pytest

from tests.founders import COMPANY, Founder, at_the_start
from tests.people import Person


@pytest.fixture
async def founder(owner: Person) -> Founder:
    """On the free plan, with an empty vault."""
    return await at_the_start(owner)


@pytest.fixture
async def reader(founder: Founder, engine_worker: None) -> Founder:
    """With the company's page in the vault, and a worker who runs steps."""
    await founder.bring("company.md", COMPANY.encode())
    return founder
