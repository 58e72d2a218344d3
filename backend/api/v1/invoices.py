"""Tax invoices and credit notes of the signed-in user (ADR 0070)."""

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from backend.api.deps import WorkspaceReader
from backend.api.paging import PageRoute, Plain, json_page
from backend.domain import tax_documents
from backend.domain.tax_documents import CreditNote, CreditNotePage, InvoiceDetail, InvoicePage

router = APIRouter()


class InvoiceEnvelope(BaseModel):
    invoice: InvoiceDetail


class CreditNoteEnvelope(BaseModel):
    credit_note: CreditNote


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
