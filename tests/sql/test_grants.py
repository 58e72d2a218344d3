"""What a user may not write of their own: tier, budget, ledger, verdicts, and whose a row is."""

import psycopg
import pytest

from backend.cli.isolation.matrix import acting
from backend.cli.isolation.tenants import Connection, Tenant, sign_up


@pytest.fixture(scope="module")
def tenant(owner: Connection) -> Tenant:
    return sign_up(owner, "EX")


@pytest.mark.parametrize(
    "statement",
    [
        "update public.users set subscription_tier = 'enterprise'",
        "update public.users set budget_limit_monthly = 1000",
        "update public.users set onboarding_completed_at = now()",
        "update public.users set email = 'other@example.in'",
        "update public.workspaces set slug = 'taken'",
        "update public.workspaces set user_id = user_id",
        "insert into public.workspaces (user_id, name) values (auth.uid(), 'second')",
        "update public.subscriptions set plan = 'enterprise'",
        "update public.budget_months set spent_micro_usd = 0",
        "delete from public.budget_reservations",
        "update public.usage_records set cost_usd = 0",
        "update public.agent_executions set total_cost = 0",
        "update public.run_calls set cost_micro_usd = 0",
        "insert into public.run_events (run_id, workspace_id, seq, type)"
        " values (gen_random_uuid(), gen_random_uuid(), 1, 'x')",
        "update public.approval_gates set status = 'approved'",
        "update public.payments set status = 'completed'",
        "delete from public.invoices",
        "select from public.webhook_events",
        "update public.onboarding_sessions set evidence = '[]'",
        "update public.moves set created_at = now()",
        "update public.moves set id = gen_random_uuid()",
        "truncate public.moves",
        "select from auth.users",
        "select public.initialize_user(auth.uid(), 'a@example.in', 'A')",
    ],
)
def test_refused_to_users(app: Connection, tenant: Tenant, statement: str) -> None:
    with (
        acting(app, "authenticated", tenant.claims),
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "update public.users set full_name = 'A', avatar_url = 'https://a.example', preferences = '{}'",
        "update public.workspaces set name = 'A', settings = '{}'",
        "update public.foundations set company_name = 'A', provenance = '{}'",
        "update public.onboarding_sessions set current_step = 2, step_data = '{}'",
    ],
)
def test_allowed_to_users_on_exactly_one_row(
    app: Connection, tenant: Tenant, statement: str
) -> None:
    with acting(app, "authenticated", tenant.claims):
        assert app.execute(statement).rowcount == 1


def test_user_owns_workspace_answers_for_the_caller_alone(
    owner: Connection, app: Connection, tenant: Tenant
) -> None:
    other = sign_up(owner, "FX")
    ask = "select public.user_owns_workspace(%s), public.user_owns_workspace(%s)"
    with acting(app, "authenticated", tenant.claims):
        answers = app.execute(ask, (tenant.workspace_id, other.workspace_id)).fetchone()
    assert answers == (True, False)
