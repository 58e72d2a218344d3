"""Invoices and credit notes as they leave the API: snapshots of the day of issue, in integer paise."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from backend.domain.values import Timestamp


class Party(BaseModel):
    name: str
    gstin: str | None
    address: str
    pin: str | None = None
    state: str
    state_code: str
    country: str = "IN"
    email: str | None = None


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
    buyer: Party
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
