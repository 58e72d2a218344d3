"""Checks on money: what the tables refuse whoever writes."""

import psycopg
import pytest

from backend.cli.isolation.catalogue import Table, read_tables
from backend.cli.isolation.tenants import Connection, Tenant, populate, sign_up

SECOND_INVOICE = """
insert into public.invoices (user_id, payment_id, series, fy, number, invoice_number, invoice_date,
  seller, buyer, place_of_supply, items, gst_type, gst_rate, subtotal_paise, total_gst_paise,
  total_amount_paise)
select i.user_id, p.id, i.series, i.fy, i.number, 'RF/OTHER', i.invoice_date, '{}', '{}', '29',
  '[]', 'INTER', 18, 0, 0, 0
from public.invoices i
join public.payments p on p.user_id = i.user_id and p.id <> i.payment_id
where i.user_id = %s
"""


@pytest.fixture(scope="module")
def tenant(owner: Connection) -> Tenant:
    tables: dict[str, Table] = read_tables(owner)
    tenant = sign_up(owner, "OX")
    populate(owner, tables, tenant)
    return tenant


@pytest.mark.parametrize(
    "change",
    [
        "budget_months set spent_micro_usd = -1",
        "budget_months set reserved_micro_usd = -1",
        "budget_months set month = '2026-11-02'",
        "budget_reservations set status = 'settled'",
        "budget_reservations set status = 'released'",
        "budget_reservations set settled_micro_usd = 5",
        "run_calls set cost_micro_usd = -1",
        "payments set total_amount = amount_inr + gst_amount + 1",
        "invoices set subtotal_paise = 100, total_amount_paise = 117",
        "invoices set gst_type = 'INTRA', igst_paise = 18, total_gst_paise = 18,"
        " total_amount_paise = 18",
        "invoices set gst_type = 'INTER', cgst_paise = 9, sgst_paise = 9, total_gst_paise = 18,"
        " total_amount_paise = 18",
        "invoices set gst_type = 'INTRA', cgst_paise = 10, sgst_paise = 8, total_gst_paise = 18,"
        " total_amount_paise = 18",
        "invoices set invoice_number = 'RF/2026-27/000001'",
        "users set budget_limit_monthly = -1",
        "moves set duration_days = 91",
        "moves set status = 'done'",
    ],
)
def test_refused_by_a_check(owner: Connection, tenant: Tenant, change: str) -> None:
    column = "id" if change.startswith("users") else "user_id"
    if change.startswith(("run_calls", "moves")):
        column = "workspace_id"
    mine = tenant.workspace_id if column == "workspace_id" else tenant.user_id
    with owner.transaction(force_rollback=True):
        owner.execute("alter table public.invoices disable trigger stay_as_issued")
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute(f"update public.{change} where {column} = %s", (mine,))


def test_an_invoice_within_one_state_adds_up(owner: Connection, tenant: Tenant) -> None:
    with owner.transaction(force_rollback=True):
        owner.execute("alter table public.invoices disable trigger stay_as_issued")
        changed = owner.execute(
            "update public.invoices set gst_type = 'INTRA', subtotal_paise = 100, cgst_paise = 9,"
            " sgst_paise = 9, total_gst_paise = 18, total_amount_paise = 118,"
            " invoice_number = 'RF/2026-27/0001' where user_id = %s",
            (tenant.user_id,),
        )
        assert changed.rowcount == 1


@pytest.mark.parametrize("table", ["invoices", "credit_notes"])
@pytest.mark.parametrize(
    "change",
    [
        "update public.{} set total_amount_paise = total_amount_paise",
        "update public.{} set irn = repeat('a', 64), gst_rate = 5",
        "delete from public.{}",
        "truncate public.{} cascade",
    ],
)
def test_an_issued_document_stays_as_it_is_even_for_the_owner(
    owner: Connection, tenant: Tenant, table: str, change: str
) -> None:
    with owner.transaction(force_rollback=True):
        owner.execute(f"update public.{table} set irn = repeat('b', 64)")
        with pytest.raises(psycopg.errors.IntegrityError, match="stays as it is"):
            owner.execute(change.format(table))


def test_a_number_is_given_once_in_its_series_and_year(owner: Connection, tenant: Tenant) -> None:
    with owner.transaction(force_rollback=True):
        owner.execute(
            "insert into public.payments (user_id, amount_inr, gst_amount, total_amount)"
            " values (%s, 1, 0, 1)",
            (tenant.user_id,),
        )
        with pytest.raises(psycopg.errors.UniqueViolation, match="series_fy_number"):
            owner.execute(SECOND_INVOICE, (tenant.user_id,))


def test_a_replayed_webhook_is_a_conflict(owner: Connection, tenant: Tenant) -> None:
    event = tenant.rows["webhook_events"]
    with pytest.raises(psycopg.errors.UniqueViolation):
        owner.execute(
            "insert into public.webhook_events (provider, event_id, payload) values (%s, %s, '{}')",
            (event["provider"], event["event_id"]),
        )
