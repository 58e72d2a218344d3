"""Tax invoices and credit notes of the signed-in user (ADR 0070)."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from backend.api.deps import Db, Operator, WorkspaceReader
from backend.api.paging import PageRoute, Plain, json_page
from backend.domain import gst_returns, tax_documents
from backend.domain.tax_documents import (
    CreditNote,
    CreditNotePage,
    Invoice,
    InvoiceDetail,
    InvoicePage,
)
from backend.payments import gst_service

router = APIRouter()


class InvoiceEnvelope(BaseModel):
    invoice: InvoiceDetail


class CreditNoteEnvelope(BaseModel):
    credit_note: CreditNote


class Pdf(Response):
    media_type = "application/pdf"


class Csv(Response):
    media_type = "text/csv"


async def list_invoices(db: WorkspaceReader, query: Plain) -> Response:
    """Tax invoices, newest first. `held` tells of payments whose invoice is still to come."""
    page = await tax_documents.invoice_page(
        db, limit=query.limit, offset=query.offset, after=query.after()
    )
    return json_page(page)


async def list_credit_notes(db: WorkspaceReader, query: Plain) -> Response:
    """Credit notes for refunds, newest first."""
    page = await tax_documents.credit_note_page(
        db, limit=query.limit, offset=query.offset, after=query.after()
    )
    return json_page(page)


router.add_api_route(
    "/invoices", list_invoices, response_model=InvoicePage, route_class_override=PageRoute
)
router.add_api_route(
    "/credit-notes",
    list_credit_notes,
    response_model=CreditNotePage,
    route_class_override=PageRoute,
)


@router.get("/invoices/{invoice_id}")
async def get_invoice(invoice_id: UUID, db: WorkspaceReader) -> InvoiceEnvelope:
    """One invoice as it was issued, with the credit notes that correct it."""
    return InvoiceEnvelope(invoice=await tax_documents.invoice(db, invoice_id))


@router.get("/credit-notes/{credit_note_id}")
async def get_credit_note(credit_note_id: UUID, db: WorkspaceReader) -> CreditNoteEnvelope:
    """One credit note, with the number and date of its invoice."""
    return CreditNoteEnvelope(credit_note=await tax_documents.credit_note(db, credit_note_id))


@router.get("/invoices/{invoice_id}/pdf", response_class=Pdf)
async def get_invoice_pdf(invoice_id: UUID, db: WorkspaceReader) -> Pdf:
    """The invoice to print or to file; the same bytes each time."""
    document = await tax_documents.invoice(db, invoice_id)
    return await _pdf(document, document.invoice_number)


@router.get("/credit-notes/{credit_note_id}/pdf", response_class=Pdf)
async def get_credit_note_pdf(credit_note_id: UUID, db: WorkspaceReader) -> Pdf:
    """The credit note to print or to file; the same bytes each time."""
    document = await tax_documents.credit_note(db, credit_note_id)
    return await _pdf(document, document.credit_note_number)


async def _pdf(document: Invoice | CreditNote, number: str) -> Pdf:
    from backend.payments import (
        tax_pdf,
    )  # with the library that sets it: 10 MB that few processes need

    name = f"{number.replace('/', '-')}.pdf"
    content = await asyncio.to_thread(tax_pdf.render, document)
    return Pdf(content, headers={"content-disposition": f'inline; filename="{name}"'})


@router.get("/gstr1", response_class=Csv)
async def export_gst_return(
    operator: Operator,
    db: Db,
    month: Annotated[str, Query(pattern=gst_returns.MONTH, examples=["2026-11"])],
) -> Csv:
    """GSTR-1 of a month over all customers, for operators alone."""
    content = await gst_service.gstr1(db, month)
    headers = {"content-disposition": f'attachment; filename="gstr1-{month}.csv"'}
    return Csv(content, headers=headers)
