"""Invoices and credit notes on a real Postgres: numbers, years, holds and refunds (TRUST M6)."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.config import Settings
from backend.core.database import Database, init_database
from backend.core.errors import Conflict, NotFound, Unprocessable
from backend.core.gst import ABROAD, STATES, UNION_TERRITORIES, check_gstin, tax
from backend.domain import invoices
from backend.domain.invoices import Seller, Supply
from tests.people import Person
from tests.sales import BUYER, credited, issued, own_series, supply

NEW_YEARS_EVE = datetime(2027, 3, 31, 18, 29, 59, tzinfo=UTC)  # 23:59:59 in India
NEW_YEAR = datetime(2027, 3, 31, 18, 30, tzinfo=UTC)


class RolledBack(Exception):
    """The payment's transaction fails after its invoice was numbered."""


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    opened = await init_database(settings)
    yield opened
    await opened.close()


@pytest.fixture
def seller() -> Seller:
    return own_series()


class TestNumbers:
    async def test_two_hundred_at_once_with_a_fifth_rolled_back_leave_no_gap(
        self, database: Database, owner: Person, seller: Seller
    ) -> None:
        async def pay(at: int, sold: Supply) -> None:
            async with database.service("cli") as tx:
                await invoices.issue(tx, sold, seller)
                if at % 5 == 0:
                    raise RolledBack

        sales = [supply(owner) for _ in range(200)]
        places = asyncio.Semaphore(8)

        async def queued(at: int, sold: Supply) -> None:
            async with places:
                await pay(at, sold)

        ends = await asyncio.gather(
            *(queued(at, sold) for at, sold in enumerate(sales)), return_exceptions=True
        )
        assert sum(isinstance(end, RolledBack) for end in ends) == 40
        with owner.sql() as sql:
            rows = sql.execute(
                "select number, invoice_number from public.invoices where series = %s order by 1",
                (seller.invoice_series,),
            ).fetchall()
        assert [number for number, _ in rows] == list(range(1, 161))
        assert len({serial for _, serial in rows}) == 160
        assert all(len(serial) <= 16 for _, serial in rows)

    async def test_the_year_turns_at_midnight_in_india(
        self, database: Database, owner: Person, seller: Seller
    ) -> None:
        series = seller.invoice_series
        old = await issued(database, supply(owner), seller, NEW_YEARS_EVE)
        new = await issued(database, supply(owner), seller, NEW_YEAR)
        late = await issued(database, supply(owner), seller, NEW_YEARS_EVE)
        assert old
        assert new
        assert late
        assert (old.invoice_number, str(old.invoice_date)) == (
            f"{series}/26-27/000001",
            "2027-03-31",
        )
        assert (new.invoice_number, str(new.invoice_date)) == (
            f"{series}/27-28/000001",
            "2027-04-01",
        )
        assert late.invoice_number == f"{series}/26-27/000002"

    async def test_a_payment_has_one_invoice_however_often_it_is_asked_for(
        self, database: Database, owner: Person, seller: Seller
    ) -> None:
        sold = supply(owner)
        found = await asyncio.gather(*(issued(database, sold, seller) for _ in range(8)))
        assert len({one.id for one in found if one}) == 1
        next_one = await issued(database, supply(owner), seller)
        assert next_one
        assert next_one.invoice_number.endswith("/000002")


class TestHolds:
    async def test_without_a_seller_it_is_held_and_issued_later_with_its_refund(
        self, database: Database, owner: Person, seller: Seller
    ) -> None:
        sold = supply(owner)
        assert await issued(database, sold, None) is None
        assert await credited(database, sold, None, 10000) is None
        async with database.service("cli") as tx:
            await invoices.issue_held(tx, seller)
        invoice = await issued(database, sold, seller)
        assert invoice
        with owner.sql() as sql:
            notes = sql.execute(
                "select total_amount_paise, invoice_number from public.credit_notes"
                " where payment_id = %s",
                (sold.payment_id,),
            ).fetchall()
            held = sql.execute(
                "select 1 from public.held_documents where payment_id = %s", (sold.payment_id,)
            ).fetchall()
        assert notes == [(10000, invoice.invoice_number)]
        assert held == []

    async def test_a_total_that_was_not_paid_is_never_invoiced(
        self, database: Database, owner: Person, seller: Seller
    ) -> None:
        sold = supply(owner, paid_paise=353881)
        assert await issued(database, sold, seller) is None
        with owner.sql() as sql:
            why = sql.execute(
                "select reason from public.held_documents where payment_id = %s", (sold.payment_id,)
            ).fetchall()
        assert why == [("total_differs",)]


class TestCreditNotes:
    @pytest.mark.parametrize("state", ["29", "27"])
    async def test_refunds_in_parts_add_up_to_the_invoice(
        self, database: Database, owner: Person, seller: Seller, state: str
    ) -> None:
        sold = supply(owner, state=state, paise=299933)
        invoice = await issued(database, sold, seller)
        assert invoice
        total = invoice.total_amount_paise
        parts = [101, 33333, 7777, total - 101 - 33333 - 7777]
        notes = [await credited(database, sold, seller, part) for part in parts]
        for head in ("subtotal", "cgst", "sgst", "igst", "total_gst", "total_amount"):
            name = f"{head}_paise"
            assert sum(getattr(note, name) for note in notes) == getattr(invoice, name)
        assert {note.invoice_number for note in notes if note} == {invoice.invoice_number}

    async def test_no_refund_beyond_what_is_left_and_none_twice(
        self, database: Database, owner: Person, seller: Seller
    ) -> None:
        sold, refund = supply(owner), uuid4()
        await issued(database, sold, seller)
        first = await credited(database, sold, seller, 300000, refund)
        again = await credited(database, sold, seller, 300000, refund)
        assert first == again
        with pytest.raises(Conflict) as caught:
            await credited(database, sold, seller, 53883)
        assert caught.value.extra["left_paise"] == 53882

    async def test_less_than_a_rupee_only_as_the_rest(
        self, database: Database, owner: Person, seller: Seller
    ) -> None:
        sold = supply(owner, paise=299900)
        await issued(database, sold, seller)
        for paise in (99, 0, -100):
            with pytest.raises(Unprocessable) as caught:
                await credited(database, sold, seller, paise)
            assert caught.value.code == "credit_too_small"
        assert await credited(database, sold, seller, 353882 - 7)
        rest = await credited(database, sold, seller, 7)
        assert rest
        assert (rest.subtotal_paise, rest.cgst_paise, rest.sgst_paise) == (5, 1, 1)

    async def test_nothing_is_credited_that_was_not_invoiced(
        self, database: Database, owner: Person, seller: Seller
    ) -> None:
        with pytest.raises(NotFound) as caught:
            await credited(database, supply(owner), seller, 10000)
        assert caught.value.code == "invoice_not_found"


@given(
    taxable=st.integers(100, 10**10),
    rate=st.integers(0, 40),
    states=st.sampled_from([("29", "29"), ("29", "27"), ("38", "38"), ("29", ABROAD)]),
    cuts=st.lists(st.floats(0, 1), max_size=12),
)
def test_any_refunds_add_up_to_the_invoice_under_every_head(
    taxable: int, rate: int, states: tuple[str, str], cuts: list[float]
) -> None:
    split = tax(taxable, seller_state=states[0], buyer_state=states[1], rate_percent=rate)
    whole = {"subtotal": taxable, **asdict(split), "total": taxable + split.total}
    invoice = {f"{name}_paise": paise for name, paise in whole.items()}
    invoice["total_amount_paise"] = whole["total"]
    before = dict.fromkeys(whole, 0)
    for part in [*cuts, 1.0]:
        left = whole["total"] - before["total"]
        amount = left if part == 1 else int(left * part)
        if amount < invoices.MIN_CREDIT_PAISE and (amount != left or amount == 0):
            continue
        note = invoices.share(invoice, before, amount)
        assert min(note[name] for name in before) >= 0
        assert note["cgst"] == note["sgst"] + note["utgst"]
        assert note["total"] == amount == note["subtotal"] + note["total_gst"]
        before = {name: before[name] + note[name] for name in before}
    assert before == whole


class TestExports:
    """Abroad there is IGST, or nothing under a letter of undertaking of the same year."""

    BUYER = replace(BUYER, country="SG", state_code="96", pin="018956")

    @pytest.mark.parametrize(
        ("letter", "igst"),
        [
            ({}, 53982),
            ({"lut_arn": "AD290326000001A", "lut_year": "2026-27"}, 0),
            ({"lut_arn": "AD290325000001A", "lut_year": "2025-26"}, 53982),
        ],
    )
    async def test_with_and_without_a_letter(
        self, database: Database, owner: Person, letter: dict[str, str], igst: int
    ) -> None:
        seller = own_series(**letter)
        sold = supply(owner, buyer=self.BUYER, paise=299900)
        invoice = await issued(database, sold, seller, NEW_YEARS_EVE)
        assert invoice
        assert (invoice.place_of_supply, invoice.gst_type) == (ABROAD, "INTER")
        assert (invoice.igst_paise, invoice.total_amount_paise) == (igst, 299900 + igst)
        assert invoice.lut_arn == (None if igst else "AD290326000001A")
        note = await credited(database, sold, seller, invoice.total_amount_paise)
        assert note
        assert (note.igst_paise, note.lut_arn) == (igst, invoice.lut_arn)

    async def test_a_letter_does_nothing_at_home(self, database: Database, owner: Person) -> None:
        seller = own_series(lut_arn="AD290326000001A", lut_year="2026-27")
        invoice = await issued(database, supply(owner, state="27"), seller, NEW_YEARS_EVE)
        assert invoice
        assert (invoice.igst_paise, invoice.lut_arn) == (53982, None)


def test_every_state_to_the_paisa_over_a_hundred_thousand_amounts() -> None:
    dice = random.Random(46)
    codes = [*STATES, ABROAD]
    for at in range(100_000):
        seller, buyer = dice.choice(list(STATES)), codes[at % len(codes)]
        taxable = dice.randrange(1, 10**9)
        split = tax(taxable, seller_state=seller, buyer_state=buyer)
        if seller == buyer:
            assert split.cgst == split.sgst + split.utgst
            assert split.igst == 0
            assert bool(split.utgst) == (seller in UNION_TERRITORIES and taxable > 5)
            assert abs(split.cgst * 200 - taxable * 18) <= 100
        else:
            assert split.cgst == split.sgst == split.utgst == 0
            assert abs(split.igst * 100 - taxable * 18) <= 50
        assert split.total == split.cgst + split.sgst + split.utgst + split.igst


@pytest.mark.parametrize("gstin", ["27AAPFU0939F1ZV", "29AABCU9603R1ZJ", " 07aabcu9603r1zp "])
def test_a_right_gstin(gstin: str) -> None:
    assert check_gstin(gstin) == gstin.strip().upper()


@pytest.mark.parametrize("gstin", ["", "27AAPFU0939F1ZW", "28AABCU9603R1ZJ", "29AABCU9603R1Z"])
def test_a_wrong_gstin(gstin: str) -> None:
    with pytest.raises(ValueError, match=r"GSTIN|state"):
        check_gstin(gstin)
