"""Connections to the migrated database that the tests of a file share."""

from collections.abc import Iterator

import psycopg
import pytest

from backend.cli.isolation.catalogue import Table, read_tables
from backend.cli.isolation.tenants import Connection


@pytest.fixture(scope="module")
def owner(pg_shared) -> Iterator[Connection]:
    """As migrations run: `postgres`, above row-level security, no superuser."""
    with psycopg.connect(pg_shared.owner_dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def app(pg_shared) -> Iterator[Connection]:
    """As the service runs: `raptorflow_app`, nobody until it takes a role."""
    with psycopg.connect(pg_shared.app_dsn, autocommit=True, prepare_threshold=None) as connection:
        yield connection


@pytest.fixture(scope="module")
def tables(owner: Connection) -> dict[str, Table]:
    return read_tables(owner)
