"""What was sold, to whom and by whom: scenes for the tests of invoices and credit notes."""

import itertools
import string
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from backend.core.database import Database
from backend.domain import invoices
from backend.domain.invoices import Buyer, Line, Seller, Supply
from backend.domain.tax_documents import CreditNote, Invoice
from tests.people import Person

SELLER = Seller(
    name="Sample Seller Private Limited",
    address="1 Sample Road, Bengaluru 560001",
    gstin="29AABCU9603R1ZJ",
    state_code="29",
    email=None,
    sac="997331",
    rate_percent=18,
    invoice_series="RF",
    credit_note_series="CN",
    lut_arn=None,
    lut_year=None,
)
_SERIES = itertools.combinations(string.ascii_uppercase, 3)
"""2,600 of them; each test process has a database of its own."""
BUYER = Buyer("Sample Buyer", "2 Sample Street", "560002", "29")


def own_series(**changes: Any) -> Seller:
    """A seller whose series nobody else writes, so that a test starts at 1."""
    series = unused_series()
    return replace(SELLER, invoice_series=series, credit_note_series=series[::-1], **changes)


def unused_series() -> str:
    """Three letters in the order of the alphabet, each time others; backwards they are free too."""
    return "".join(next(_SERIES))


def supply(person: Person, *, state: str = "29", paise: int = 299900, **changes: Any) -> Supply:
    """Something that was just paid."""
    with person.sql() as sql:
        row = sql.execute(
            "insert into public.payments (user_id, amount_inr, gst_amount, total_amount)"
            " values (%s, 1, 0, 1) returning id",
            (person.id,),
        ).fetchone()
    assert row is not None
    about: dict[str, Any] = {
        "buyer": replace(BUYER, state_code=state),
        "lines": (Line("Growth plan, one month", 1, paise),),
        "paid_at": datetime.now(UTC),
    }
    return Supply(user_id=person.id, payment_id=row[0], **{**about, **changes})


async def issued(
    database: Database, sold: Supply, seller: Seller | None, at: datetime | None = None
) -> Invoice | None:
    async with database.service("cli") as tx:
        return await invoices.issue(tx, sold, seller, at=at)


async def credited(
    database: Database,
    sold: Supply,
    seller: Seller | None,
    paise: int,
    refund: UUID | None = None,
    *,
    at: datetime | None = None,
) -> CreditNote | None:
    async with database.service("cli") as tx:
        return await invoices.credit(
            tx, sold.payment_id, refund or uuid4(), paise, "Refund", seller, at=at
        )


async def sold(database: Database, person: Person, **about: Any) -> Invoice:
    """An invoice of this person."""
    invoice = await issued(database, supply(person, **about), own_series())
    assert invoice
    return invoice


async def refunded(
    database: Database, person: Person, paise: int = 10000, **about: Any
) -> CreditNote:
    """A credit note of this person, for a part of something they bought."""
    seller, bought = own_series(), supply(person, **about)
    assert await issued(database, bought, seller)
    note = await credited(database, bought, seller, paise)
    assert note
    return note
