"""A database before its first migration, as the owner and as the service see it."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from backend.local.postgres import Server


@pytest.fixture
def empty_name(server: Server, template: str) -> Iterator[str]:
    name = sql.Identifier(f"test_{uuid4().hex[:16]}")
    with psycopg.connect(server.superuser_dsn("template1"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template postgres owner postgres").format(name)
        )
        yield name.as_string().strip('"')
        connection.execute(sql.SQL("drop database {} with (force)").format(name))


@pytest.fixture
def empty_database(server: Server, empty_name: str) -> str:
    return server.dsn("raptorflow_app", empty_name)


@pytest.fixture
def owner_of_empty(server: Server, empty_name: str) -> str:
    return server.dsn("postgres", empty_name)
