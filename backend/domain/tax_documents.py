"""Invoices and credit notes as they leave the API: snapshots of the day of issue, in integer paise."""

from datetime import date
from typing import Literal, LiteralString
from uuid import UUID

from pydantic import BaseModel

from backend.core.database import Reader, Reads
from backend.core.errors import NotFound
from backend.domain.values import Timestamp


class Party(BaseModel):
    name: str
    gstin: str | None
    address: str
    state: str
    state_code: str
    email: str | None


class BuyingParty(Party):
    """`state_code` is the place of supply: 96, and no `state`, for whoever buys from abroad."""

    pin: str
    country: str


class Item(BaseModel):
    """Before tax."""

    description: str
    hsn_code: str
    quantity: int
    unit_price_paise: int
    amount_paise: int


class TaxDocument(BaseModel):
    """What invoices and credit notes share. Seller, buyer and items are as on the day of issue."""

    id: UUID
    user_id: UUID
    payment_id: UUID
    invoice_number: str
    invoice_date: date
    seller: Party
    buyer: BuyingParty
    place_of_supply: str
    items: list[Item]
    gst_type: Literal["INTRA", "INTER"]
    gst_rate: int
    subtotal_paise: int
    cgst_paise: int
    sgst_paise: int
    utgst_paise: int
    igst_paise: int
    total_gst_paise: int
    total_amount_paise: int
    reverse_charge: bool
    lut_arn: str | None
    irn: str | None
    ack_no: str | None
    ack_date: Timestamp | None
    signed_qr: str | None
    created_at: Timestamp


class Invoice(TaxDocument):
    transaction_id: str | None
    payment_method: str | None
    paid_at: Timestamp | None
    status: Literal["paid"]


class CreditNote(TaxDocument):
    """`invoice_number` and `invoice_date` are those of the invoice that it corrects."""

    invoice_id: UUID
    refund_id: UUID
    credit_note_number: str
    credit_note_date: date
    reason: str


class NoteRef(BaseModel):
    id: UUID
    credit_note_number: str
    credit_note_date: date
    total_amount_paise: int


class InvoiceDetail(Invoice):
    """With the credit notes that correct it, oldest first."""

    credit_notes: list[NoteRef]


class InvoicePage(BaseModel):
    """`held` counts what is paid and not yet invoiced, because the seller's registration is incomplete."""

    invoices: list[Invoice]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None
    held: int


class CreditNotePage(BaseModel):
    """`held` counts refunds whose credit note waits, as an invoice may."""

    credit_notes: list[CreditNote]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None
    held: int


LIST_INVOICES = (
    "select api.list_invoices(%(claims)s, %(limit)s, %(offset)s, %(after_at)s, %(after_id)s)"
)
LIST_NOTES = (
    "select api.list_credit_notes(%(claims)s, %(limit)s, %(offset)s, %(after_at)s, %(after_id)s)"
)

INVOICE = """
select i.*, coalesce((
  select jsonb_agg(jsonb_build_object('id', n.id, 'credit_note_number', n.credit_note_number,
    'credit_note_date', n.credit_note_date, 'total_amount_paise', n.total_amount_paise)
    order by n.created_at, n.credit_note_number)
  from public.credit_notes n where n.user_id = i.user_id and n.invoice_id = i.id), '[]') as credit_notes
from public.invoices i where i.user_id = %(user_id)s and i.id = %(id)s
"""
NOTE = "select * from public.credit_notes where user_id = %(user_id)s and id = %(id)s"


async def invoice_page(
    db: Reader, *, limit: int, offset: int, after: tuple[str, UUID] | None
) -> bytes | None:
    """The JSON of an `InvoicePage`, rendered by Postgres; None when the user has no workspace."""
    return await _page(db, LIST_INVOICES, limit, offset, after)


async def credit_note_page(
    db: Reader, *, limit: int, offset: int, after: tuple[str, UUID] | None
) -> bytes | None:
    """The JSON of a `CreditNotePage`, as above."""
    return await _page(db, LIST_NOTES, limit, offset, after)


async def _page(
    db: Reader, sql: LiteralString, limit: int, offset: int, after: tuple[str, UUID] | None
) -> bytes | None:
    after_at, after_id = after or (None, None)
    values = {"limit": limit, "offset": offset, "after_at": after_at, "after_id": after_id}
    return await db.json(sql, values)


async def invoice(db: Reads, id: UUID) -> InvoiceDetail:
    """The user's own invoice. Raises NotFound."""
    row = await db.one(INVOICE, {"id": id})
    if row is None:
        raise NotFound("Invoice not found", code="invoice_not_found")
    return InvoiceDetail.model_validate(row)


async def credit_note(db: Reads, id: UUID) -> CreditNote:
    """The user's own credit note. Raises NotFound."""
    row = await db.one(NOTE, {"id": id})
    if row is None:
        raise NotFound("Credit note not found", code="credit_note_not_found")
    return CreditNote.model_validate(row)
