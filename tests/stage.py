"""A stage for engine tests: a database of its own, people signed up in it, the desk that admits runs."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

from backend.core.auth import AuthenticatedUser
from backend.core.config import Settings
from backend.core.database import Database, init_database
from backend.core.logs import configure_logging
from backend.core.redis import connect
from backend.services import jobs
from backend.services.run_desk import RunDesk
from tests.conftest import TestDatabase
from tests.fakes import five_calls


@dataclass
class Stage:
    """The engine's surroundings; `sql` looks behind everybody's back."""

    settings: Settings
    database: Database
    desk: RunDesk
    superuser_dsn: str

    def sign_up(self, budget_usd: float = 1.0) -> AuthenticatedUser:
        user_id = uuid4()
        self.sql(
            "insert into auth.users (id, email) values (%s, %s)", user_id, f"{user_id}@a.example"
        )
        self.sql(
            "update public.users set budget_limit_monthly = %s where id = %s", budget_usd, user_id
        )
        rows = self.sql("select id from public.workspaces where user_id = %s", user_id)
        claims = {"sub": str(user_id), "role": "authenticated"}
        return AuthenticatedUser(user_id, None, claims, json.dumps(claims), rows[0]["id"])

    def sql(self, statement: str, *values: object) -> list[DictRow]:
        with psycopg.connect(self.superuser_dsn, row_factory=dict_row) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def month(self, user: AuthenticatedUser) -> tuple[int, int]:
        """What the user has spent and reserved this month, in micro-USD."""
        rows = self.sql("select * from public.budget_months where user_id = %s", user.id)
        return (rows[0]["spent_micro_usd"], rows[0]["reserved_micro_usd"]) if rows else (0, 0)

    def run(self, run_id: UUID) -> DictRow:
        return self.sql("select * from public.agent_executions where id = %s", run_id)[0]

    def calls(self, run_id: UUID) -> list[DictRow]:
        return self.sql(
            "select * from public.run_calls where run_id = %s order by created_at", run_id
        )

    def reservation(self, run_id: UUID) -> DictRow:
        return self.sql("select * from public.budget_reservations where run_id = %s", run_id)[0]


@pytest.fixture
async def stage(pg: TestDatabase, settings: Settings) -> AsyncIterator[Stage]:
    configure_logging("WARNING")
    five_calls.install()
    own = settings.model_copy(update={"database_url": type(settings.database_url)(pg.app_dsn)})
    database, redis = await init_database(own), connect(own)
    async with RunDesk(database, redis, jobs.create_jobs_app(own)) as desk:
        yield Stage(own, database, desk, pg.superuser_dsn)
    five_calls.uninstall()
    await redis.aclose()
    await database.close()
