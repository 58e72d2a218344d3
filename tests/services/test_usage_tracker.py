"""The ledger (TRUST M1, M5): no order of events makes it wrong, and it never promises what is not there."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from psycopg.rows import DictRow, dict_row

from backend.core.config import Settings
from backend.core.database import Database, init_database
from backend.core.errors import BudgetExceeded
from backend.domain import runs
from backend.services import journal
from backend.services.usage_tracker import UsageTracker
from tests.people import Person

T = TypeVar("T")
LIMIT = 50_000
Micro = strategies.integers(min_value=0, max_value=20_000)


@dataclass
class Account:
    """What the ledger should say of one run."""

    reserved: int
    open: dict[str, int] = field(default_factory=dict)
    """Call key -> cap of the calls in flight."""


class Ledger(RuleBasedStateMachine):
    """Runs reserve, cover, spend, lose and close in any order; the model beside them keeps the true sums."""

    loop: asyncio.Runner
    database: Database
    dsn: str
    live = Bundle("live")

    def __init__(self) -> None:
        super().__init__()
        self.accounts: dict[UUID, Account] = {}
        self.spent = 0
        with psycopg.connect(self.dsn) as sql:
            self.user = uuid4()
            sql.execute(
                "insert into auth.users (id, email) values (%s, %s)", (self.user, self.user)
            )
            sql.execute(
                "update public.users set budget_limit_monthly = %s where id = %s",
                (LIMIT / 1_000_000, self.user),
            )
            row = sql.execute(
                "select id from public.workspaces where user_id = %s", (self.user,)
            ).fetchone()
            assert row is not None
            self.workspace: UUID = row[0]

    # ------------------------------------------------------------ what happens

    @rule(target=live, amount=Micro)
    def admit(self, amount: int) -> Any:
        run_id = uuid4()
        if not self._bearable(amount, lambda: self._admit(run_id, amount)):
            return multiple()
        self.accounts[run_id] = Account(amount)
        return run_id

    @rule(run_id=live, cap=Micro, key=strategies.sampled_from("abc"))
    def begin_call(self, run_id: UUID, cap: int, key: str) -> None:
        """Also a second time, as after a crash: then the first cap counts as spent."""
        account = self.accounts[run_id]
        lost = account.open.get(key, 0)
        left = account.reserved - lost
        in_flight = sum(account.open.values()) - lost + cap
        short = max(in_flight - left, 0)
        if self._bearable(short, lambda: self._begin(run_id, key, cap)):
            self.spent += lost
            account.open[key] = cap
            account.reserved = left + short

    @rule(run_id=live, share=strategies.floats(0, 1))
    def finish_call(self, run_id: UUID, share: float) -> None:
        """A bill never exceeds its cap."""
        account = self.accounts[run_id]
        if not account.open:
            return
        key, cap = account.open.popitem()
        cost = int(cap * share)
        self._do(self._finish(run_id, key, cost))
        self.spent += cost
        account.reserved -= cost

    @rule(run_id=live, share=strategies.floats(0, 1), known=strategies.booleans())
    def complete_call(self, run_id: UUID, share: float, known: bool) -> None:
        """An answer; an unknown bill is charged at its cap. A replay of it buys nothing."""
        account = self.accounts[run_id]
        if not account.open:
            return
        key, cap = account.open.popitem()
        cost = int(cap * share) if known else None
        charged = cap if cost is None else cost
        final = f"{key}-{uuid4()}"
        self._do(self._complete(run_id, key, final, cost, charged))
        self.spent += charged
        account.reserved -= charged

    @rule(run_id=live)
    def expire(self, run_id: UUID) -> None:
        """A run that nobody touches keeps only the caps of its calls in flight."""
        with psycopg.connect(self.dsn) as sql:
            sql.execute(
                "update public.budget_reservations set expires_at = now() - interval '1 s'"
                " where run_id = %s",
                (run_id,),
            )
        self._do(self._expire())
        account = self.accounts[run_id]
        account.reserved = sum(account.open.values())

    @rule(run_id=consumes(live))
    def end(self, run_id: UUID) -> None:
        account = self.accounts.pop(run_id)
        self._do(self._end(run_id))
        self.spent += sum(account.open.values())

    # ------------------------------------------------------------ what must hold

    @invariant()
    def the_sums_are_exact(self) -> None:
        reserved = sum(account.reserved for account in self.accounts.values())
        month = self._row("select * from public.budget_months where user_id = %s")
        assert (month["spent_micro_usd"] if month else 0) == self.spent
        assert (month["reserved_micro_usd"] if month else 0) == reserved

    @invariant()
    def what_is_spent_is_the_sum_of_the_journals_entries(self) -> None:
        entries = self._row(
            "select coalesce(sum(c.charged_micro_usd), 0)::bigint as micro from public.run_calls c"
            " join public.agent_executions r on r.id = c.run_id where r.user_id = %s"
        )
        assert entries is not None
        assert entries["micro"] == self.spent

    @invariant()
    def the_limit_holds(self) -> None:
        month = self._row("select * from public.budget_months where user_id = %s")
        if month:
            assert month["spent_micro_usd"] + month["reserved_micro_usd"] <= LIMIT

    # ------------------------------------------------------------ the real thing

    def _bearable(self, growth: int, act: Any) -> bool:
        """Do it; it must be refused exactly when the month cannot bear it."""
        held = sum(account.reserved for account in self.accounts.values())
        fits = self.spent + held + growth <= LIMIT
        try:
            self._do(act())
        except BudgetExceeded:
            assert not fits, "refused while money remains"
            return False
        assert fits, "promised what is not there"
        return True

    async def _admit(self, run_id: UUID, amount: int) -> None:
        async with self.database.service("admit_run") as tx:
            await runs.insert(
                tx,
                run_id,
                workspace_id=self.workspace,
                user_id=self.user,
                session_id=uuid4(),
                request_type="moves",
                request_data={},
            )
            await UsageTracker(tx).reserve(
                run_id, user_id=self.user, workspace_id=self.workspace, micro_usd=amount
            )
            assert await tx.one(*runs.claim(run_id))

    async def _begin(self, run_id: UUID, key: str, cap: int) -> None:
        async with self.database.service("run_engine") as tx:
            usage = UsageTracker(tx)
            lost = await journal.open_call(tx, self._call(run_id, key), cap)
            if lost:
                await usage.spend(run_id, lost)
            await usage.cover(run_id)

    async def _finish(self, run_id: UUID, key: str, cost: int) -> None:
        async with self.database.service("run_engine") as tx:
            await journal.fail_call(tx, self._call(run_id, key), "test", cost)
            await UsageTracker(tx).spend(run_id, cost)

    async def _complete(
        self, run_id: UUID, key: str, final: str, cost: int | None, charged: int
    ) -> None:
        async with self.database.service("run_engine") as tx:
            completed = journal.completed(
                self._call(run_id, key),
                response={},
                price=None,
                model="paid-1",
                tokens_input=1,
                tokens_output=1,
                tokens_cached=0,
                cost_micro_usd=cost,
                latency_ms=1,
            )
            assert await tx.one(*completed)
            await UsageTracker(tx).spend(run_id, charged)
        with psycopg.connect(self.dsn) as sql:  # the key stays taken; the next call is another one
            sql.execute(
                "update public.run_calls set call_key = %s where run_id = %s and call_key = %s",
                (final, run_id, key),
            )

    async def _expire(self) -> None:
        async with self.database.service("budget_expiry") as tx:
            await UsageTracker(tx).expire()

    async def _end(self, run_id: UUID) -> None:
        async with self.database.service("run_engine") as tx:
            usage = UsageTracker(tx)
            left_open, _ = await journal.close(tx, self._call(run_id, "none").run)
            await usage.spend(run_id, left_open)
            usage.close(run_id, None)
            usage.close(run_id, None)

    def _call(self, run_id: UUID, key: str) -> journal.Call:
        run = runs.ClaimedRun(run_id, self.workspace, self.user, uuid4(), "moves", {}, 1)
        return journal.Call(run, key, "test", "paid", "hash")

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)

    def _row(self, statement: str) -> DictRow | None:
        with psycopg.connect(self.dsn, row_factory=dict_row) as sql:
            return sql.execute(statement.encode(), (self.user,)).fetchone()


def test_no_order_of_events_makes_the_ledger_wrong(settings_: Settings, dsn: str) -> None:
    with asyncio.Runner() as runner:
        database = runner.run(init_database(settings_))
        machine = type("Machine", (Ledger,), {"loop": runner, "database": database, "dsn": dsn})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=8,
                    stateful_step_count=25,
                    deadline=None,
                    derandomize=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(database.close())


@pytest.fixture
def settings_(request: pytest.FixtureRequest) -> Settings:
    """The project's settings; `settings` is Hypothesis' own word here."""
    chosen: Settings = request.getfixturevalue("settings")
    return chosen


@pytest.fixture
def dsn(request: pytest.FixtureRequest) -> str:
    database = request.getfixturevalue("pg_shared")
    return str(database.superuser_dsn)


async def test_a_refusal_says_what_is_left(owner: Person, app: Any) -> None:
    database: Database = app.state.database
    with owner.sql() as sql:
        sql.execute(
            "update public.users set budget_limit_monthly = 0.0042 where id = %s", (owner.id,)
        )
    async with database.service("run_engine") as tx:
        budget = await UsageTracker(tx).check_budget(owner.id)
        assert (budget.can_afford, budget.remaining) == (False, 0.0042)
        with pytest.raises(BudgetExceeded) as refused:
            await UsageTracker(tx).reserve(
                uuid4(), user_id=owner.id, workspace_id=owner.workspace_id, micro_usd=10_000
            )
    assert refused.value.detail == "Insufficient budget. Remaining: $0.0042"


async def test_usage_adds_up_by_day(owner: Person, app: Any) -> None:
    database: Database = app.state.database

    async def record(agent_type: str, cost_micro_usd: int) -> None:
        async with database.service("run_engine") as tx:
            UsageTracker(tx).record_usage(
                user_id=owner.id,
                workspace_id=owner.workspace_id,
                tokens_input=3,
                tokens_output=2,
                cost_micro_usd=cost_micro_usd,
                agent_type=agent_type,
            )

    await asyncio.gather(*(record("moves", 7) for _ in range(8)), record("foundation", 1))
    row = await database.read_one(owner.user, "select * from public.usage_records")
    assert row is not None
    assert (row["tokens_input"], row["tokens_output"], row["request_count"]) == (27, 18, 9)
    assert row["agent_usage"] == {"moves": 8, "foundation": 1}
    assert row["cost_usd"] * 1_000_000 == 57
