"""Tax invoices and credit notes (CGST Rules 46 and 53): numbered without gaps, never changed.

A number is taken in the transaction that inserts the document, under the lock of its series, so a rollback
gives it back. Documents of one series are issued one after the other: issue late in a transaction.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from backend.core.config import Settings
from backend.core.database import Tx
from backend.core.errors import Conflict, NotFound, Unprocessable
from backend.core.gst import ABROAD, STATES, GstSplit, financial_year, indian_day, tax
from backend.domain.tax_documents import CreditNote, Invoice, TaxDocument

log = structlog.get_logger(__name__)

MIN_CREDIT_PAISE = 100
"""As the gateway's smallest refund; below it the halves of CGST and SGST could not both be honoured."""


@dataclass(frozen=True)
class Seller:
    """Who sells, from the settings; complete, or there is none."""

    name: str
    address: str
    gstin: str
    state_code: str
    email: str | None
    sac: str
    rate_percent: int
    invoice_series: str
    credit_note_series: str
    lut_arn: str | None
    lut_year: str | None


@dataclass(frozen=True)
class Buyer:
    """`state_code` is one of `gst.STATES`; whoever buys from abroad is placed by `country` alone."""

    name: str
    address: str
    pin: str
    state_code: str
    gstin: str | None = None
    country: str = "IN"
    email: str | None = None

    @property
    def place_of_supply(self) -> str:
        return self.state_code if self.country == "IN" else ABROAD


@dataclass(frozen=True)
class Line:
    """Before tax."""

    description: str
    quantity: int
    unit_paise: int

    @property
    def amount_paise(self) -> int:
        return self.quantity * self.unit_paise


@dataclass(frozen=True)
class Supply:
    """What was sold and paid. `paid_paise` includes tax; an invoice of another total is not issued."""

    user_id: UUID
    payment_id: UUID
    buyer: Buyer
    lines: tuple[Line, ...]
    paid_at: datetime
    transaction_id: str | None = None
    payment_method: str | None = None
    paid_paise: int | None = None


LOCK_PAYMENT = """
select 1 from public.payments where user_id = %(user_id)s and id = %(payment_id)s for update
"""
PAYER = "select user_id from public.payments where id = %(payment_id)s for update"

INVOICE_OF = "select * from public.invoices where payment_id = %(payment_id)s"
NOTE_OF = "select * from public.credit_notes where refund_id = %(refund_id)s"

CREDITED = """
select coalesce(sum(subtotal_paise), 0)::bigint as subtotal, coalesce(sum(cgst_paise), 0)::bigint as cgst,
  coalesce(sum(sgst_paise), 0)::bigint as sgst, coalesce(sum(utgst_paise), 0)::bigint as utgst,
  coalesce(sum(igst_paise), 0)::bigint as igst, coalesce(sum(total_amount_paise), 0)::bigint as total
from public.credit_notes where user_id = %(user_id)s and invoice_id = %(id)s
"""

TAKE_NUMBER = """
insert into public.invoice_series as s (series, fy, last_number, last_date)
values (%(series)s, %(fy)s, 1, %(day)s)
on conflict (series, fy) do update set last_number = s.last_number + 1,
  last_date = greatest(s.last_date, excluded.last_date)
returning last_number, last_date
"""

INSERT_INVOICE = """
insert into public.invoices (user_id, payment_id, series, fy, number, invoice_number, invoice_date,
  seller, buyer, place_of_supply, items, gst_type, gst_rate, subtotal_paise, cgst_paise, sgst_paise,
  utgst_paise, igst_paise, total_gst_paise, total_amount_paise, lut_arn, transaction_id,
  payment_method, paid_at)
values (%(user_id)s, %(payment_id)s, %(series)s, %(fy)s, %(number)s, %(serial)s, %(day)s,
  %(seller)s, %(buyer)s, %(place_of_supply)s, %(items)s, %(gst_type)s, %(gst_rate)s, %(subtotal)s,
  %(cgst)s, %(sgst)s, %(utgst)s, %(igst)s, %(total_gst)s, %(total)s, %(lut_arn)s,
  %(transaction_id)s, %(payment_method)s, %(paid_at)s)
returning *
"""

INSERT_NOTE = """
insert into public.credit_notes (user_id, invoice_id, payment_id, refund_id, series, fy, number,
  credit_note_number, credit_note_date, invoice_number, invoice_date, reason, seller, buyer,
  place_of_supply, items, gst_type, gst_rate, subtotal_paise, cgst_paise, sgst_paise, utgst_paise,
  igst_paise, total_gst_paise, total_amount_paise, lut_arn)
select i.user_id, i.id, i.payment_id, %(refund_id)s, %(series)s, %(fy)s, %(number)s, %(serial)s,
  %(day)s, i.invoice_number, i.invoice_date, %(reason)s, %(seller)s, i.buyer, i.place_of_supply,
  i.items, i.gst_type, i.gst_rate, %(subtotal)s, %(cgst)s, %(sgst)s, %(utgst)s, %(igst)s,
  %(total_gst)s, %(total)s, i.lut_arn
from public.invoices i where i.user_id = %(user_id)s and i.id = %(id)s
returning *
"""

HOLD = """
insert into public.held_documents (user_id, payment_id, refund_id, facts, reason)
values (%(user_id)s, %(payment_id)s, %(refund_id)s, %(facts)s, %(reason)s)
on conflict do nothing
"""
# Of one payment the invoice comes before its credit notes.
HELD = """
select id, payment_id, refund_id, facts from public.held_documents
where %(mismatched)s or reason = 'seller_missing'
order by (refund_id is not null), created_at limit 100 for update skip locked
"""
IS_HELD = (
    "select 1 from public.held_documents where payment_id = %(payment_id)s and refund_id is null"
)
WHY_HELD = """
update public.held_documents set reason = %(reason)s
where payment_id = %(payment_id)s and refund_id is null
"""
RELEASE = (
    "delete from public.held_documents where payment_id = %(payment_id)s and refund_id is null"
)
RELEASE_NOTE = "delete from public.held_documents where refund_id = %(refund_id)s"

_supplies = TypeAdapter(Supply)


def seller_of(settings: Settings) -> Seller | None:
    """The seller of these settings, or None while a part of the registration is not set."""
    if missing_settings(settings):
        return None
    assert settings.company_name
    assert settings.company_address
    assert settings.company_gstin
    return Seller(
        name=settings.company_name,
        address=settings.company_address,
        gstin=settings.company_gstin,
        state_code=settings.company_state,
        email=settings.company_email,
        sac=settings.sac_code,
        rate_percent=settings.gst_rate_percent,
        invoice_series=settings.invoice_series,
        credit_note_series=settings.credit_note_series,
        lut_arn=settings.export_lut_arn,
        lut_year=settings.export_lut_year,
    )


def missing_settings(settings: Settings) -> list[str]:
    """The names of the settings without which no invoice can be issued."""
    needed = ("company_name", "company_address", "company_gstin")
    return [name.upper() for name in needed if not getattr(settings, name)]


async def issue(
    tx: Tx, supply: Supply, seller: Seller | None, *, at: datetime | None = None
) -> Invoice | None:
    """The invoice of a payment, the same one however often it is asked for; None when it is held.

    Held means: the seller is not set, or the total is not what was paid. `issue_held` tries again.
    """
    key = {"user_id": supply.user_id, "payment_id": supply.payment_id}
    if not await tx.one(LOCK_PAYMENT, key):
        raise NotFound("Payment not found", code="payment_not_found")
    existing = await tx.one(INVOICE_OF, key)
    if existing:
        return Invoice.model_validate(existing)
    if seller is None:
        await _hold(tx, supply, "seller_missing")
        return None
    at = at or datetime.now(UTC)
    under_lut = _has_lut(seller, indian_day(at))
    subtotal = sum(line.amount_paise for line in supply.lines)
    split = _split(subtotal, supply.buyer, seller, under_lut=under_lut)
    if supply.paid_paise not in (None, subtotal + split.total):
        await _hold(tx, supply, "total_differs")
        return None
    values = {
        **key,
        **await _take_number(tx, seller.invoice_series, at),
        **_amounts(subtotal, split),
        **_parties(supply, seller),
        "lut_arn": seller.lut_arn if under_lut and supply.buyer.country != "IN" else None,
        "transaction_id": supply.transaction_id,
        "payment_method": supply.payment_method,
        "paid_at": supply.paid_at,
    }
    row = await tx.one(INSERT_INVOICE, values)
    await tx.run(RELEASE, key)
    return Invoice.model_validate(row)


def _has_lut(seller: Seller, day: date) -> bool:
    """A letter of undertaking is good for the financial year it was given for."""
    return bool(seller.lut_arn) and seller.lut_year == financial_year(day)


def _split(subtotal: int, buyer: Buyer, seller: Seller, *, under_lut: bool) -> GstSplit:
    return tax(
        subtotal,
        seller_state=seller.state_code,
        buyer_state=buyer.place_of_supply,
        rate_percent=seller.rate_percent,
        under_lut=under_lut,
    )


async def _take_number(tx: Tx, series: str, at: datetime) -> dict[str, Any]:
    """`RF/26-27/000123`: the next of this series and year, and the date that goes with it."""
    fy = financial_year(indian_day(at))
    taken = await tx.one(TAKE_NUMBER, {"series": series, "fy": fy, "day": indian_day(at)})
    assert taken is not None
    number = taken["last_number"]
    serial = f"{series}/{fy[2:]}/{number:06}"
    return {
        "series": series,
        "fy": fy,
        "number": number,
        "serial": serial,
        "day": taken["last_date"],
    }


def _amounts(subtotal: int, split: GstSplit) -> dict[str, int]:
    total = subtotal + split.total
    return {"subtotal": subtotal, **asdict(split), "total_gst": split.total, "total": total}


def _parties(supply: Supply, seller: Seller) -> dict[str, Any]:
    """The snapshots: what is printed stays as it was on the day of issue."""
    buyer = supply.buyer
    place = buyer.place_of_supply
    return {
        "seller": Jsonb(_seller(seller)),
        "buyer": Jsonb({**asdict(buyer), "state_code": place, "state": STATES.get(place, "")}),
        "place_of_supply": place,
        "items": Jsonb([_item(line, seller.sac) for line in supply.lines]),
        "gst_type": "INTRA" if place == seller.state_code else "INTER",
        "gst_rate": seller.rate_percent,
    }


def _seller(seller: Seller) -> dict[str, Any]:
    known = {name: getattr(seller, name) for name in ("name", "address", "gstin", "state_code")}
    return {**known, "state": STATES[seller.state_code], "email": seller.email}


def _item(line: Line, sac: str) -> dict[str, Any]:
    return {
        "description": line.description,
        "hsn_code": sac,
        "quantity": line.quantity,
        "unit_price_paise": line.unit_paise,
        "amount_paise": line.amount_paise,
    }


async def _hold(tx: Tx, supply: Supply, reason: str) -> None:
    facts = _supplies.dump_python(supply, mode="json")
    values = {"user_id": supply.user_id, "payment_id": supply.payment_id, "refund_id": None}
    await tx.run(HOLD, {**values, "facts": Jsonb(facts), "reason": reason})
    await tx.run(WHY_HELD, {**values, "reason": reason})
    log.warning("invoice_held", payment_id=str(supply.payment_id), reason=reason)


async def credit(
    tx: Tx,
    payment_id: UUID,
    refund_id: UUID,
    amount_paise: int,
    reason: str,
    seller: Seller | None,
    *,
    at: datetime | None = None,
) -> CreditNote | None:
    """The credit note of a refund, the same one however often; None while it is held.

    `amount_paise` includes tax. Raises Conflict `credit_exceeds_invoice` when less is left of the invoice,
    NotFound when nothing was invoiced, Unprocessable below one rupee unless it is the rest.
    """
    payer = await tx.one(PAYER, {"payment_id": payment_id})
    existing = await tx.one(NOTE_OF, {"refund_id": refund_id})
    if existing:
        return CreditNote.model_validate(existing)
    invoice = await tx.one(INVOICE_OF, {"payment_id": payment_id})
    if payer is None or (invoice is None and not await tx.one(IS_HELD, {"payment_id": payment_id})):
        raise NotFound("Invoice not found", code="invoice_not_found")
    if seller is None or invoice is None:
        facts = {"amount_paise": amount_paise, "reason": reason}
        values = {"user_id": payer["user_id"], "payment_id": payment_id, "refund_id": refund_id}
        await tx.run(HOLD, {**values, "facts": Jsonb(facts), "reason": "seller_missing"})
        log.warning("credit_note_held", refund_id=str(refund_id))
        return None
    before = await tx.one(CREDITED, {"user_id": payer["user_id"], "id": invoice["id"]})
    assert before is not None
    amounts = share(invoice, before, amount_paise)
    number = await _take_number(tx, seller.credit_note_series, at or datetime.now(UTC))
    values = {
        "user_id": payer["user_id"],
        "id": invoice["id"],
        "refund_id": refund_id,
        "reason": reason,
        "seller": Jsonb(_seller(seller)),
    }
    row = await tx.one(INSERT_NOTE, {**values, **number, **amounts})
    await tx.run(RELEASE_NOTE, {"refund_id": refund_id})
    return CreditNote.model_validate(row)


def share(invoice: dict[str, Any], before: dict[str, Any], amount_paise: int) -> dict[str, int]:
    """A refund under the heads of its invoice, so that all refunds together give the invoice exactly.

    Each head is what the whole credited so far bears, less what earlier notes took of it.
    """
    total = invoice["total_amount_paise"]
    left = total - before["total"]
    if amount_paise > left:
        raise Conflict(
            "The refund is more than what is left of the invoice.",
            code="credit_exceeds_invoice",
            left_paise=left,
        )
    if amount_paise < MIN_CREDIT_PAISE and (amount_paise <= 0 or amount_paise != left):
        raise Unprocessable("The smallest refund is one rupee.", code="credit_too_small")
    after = before["total"] + amount_paise
    heads = {
        head: (2 * invoice[f"{head}_paise"] * after + total) // (2 * total) - before[head]
        for head in ("cgst", "sgst", "utgst", "igst")
    }
    split = GstSplit(**heads)
    return _amounts(amount_paise - split.total, split)


async def issue_held(tx: Tx, seller: Seller | None, *, again: bool = False) -> int:
    """Issue what was held, up to a hundred documents; returns how many were.

    `again` includes those whose total differed, for an operator who has mended the cause.
    """
    if seller is None:
        return 0
    issued = 0
    for row in await tx.all(HELD, {"mismatched": again}):
        try:
            issued += await _release(tx, row, seller) is not None
        except (Conflict, Unprocessable) as error:  # raised before a number is taken
            log.error("held_document_refused", id=str(row["id"]), code=error.code)
    return issued


async def held(tx: Tx) -> dict[str, int]:
    """How many documents wait, by reason."""
    rows = await tx.all("select reason, count(*) as n from public.held_documents group by reason")
    return {row["reason"]: row["n"] for row in rows}


async def _release(tx: Tx, row: dict[str, Any], seller: Seller) -> TaxDocument | None:
    facts = row["facts"]
    if row["refund_id"] is None:
        return await issue(tx, _supplies.validate_python(facts), seller)
    return await credit(
        tx, row["payment_id"], row["refund_id"], facts["amount_paise"], facts["reason"], seller
    )
