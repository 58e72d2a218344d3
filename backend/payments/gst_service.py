"""GST for the checkout, by the arithmetic of `core/gst.py`, and what is done for the seller (ADR 0070)."""

import structlog

from backend.core.config import Settings
from backend.core.database import Database
from backend.core.gst import STATES, GstSplit, check_gstin, gstin_state, tax
from backend.domain import gst_returns, invoices
from backend.domain.invoices import Seller, missing_settings, seller_of

log = structlog.get_logger(__name__)

__all__ = [
    "STATES",
    "GstSplit",
    "Seller",
    "check_gstin",
    "gstin_state",
    "gstr1",
    "issue_held",
    "missing_settings",
    "quote",
    "seller_of",
    "tax",
]


def quote(settings: Settings, taxable_paise: int, buyer_state: str) -> GstSplit:
    """What a buyer in this state pays on top, by the settings that the invoice will be issued on.

    It needs no complete registration: COMPANY_STATE alone decides which tax it is.
    """
    return tax(
        taxable_paise,
        seller_state=settings.company_state,
        buyer_state=buyer_state,
        rate_percent=settings.gst_rate_percent,
    )


async def issue_held(database: Database, settings: Settings) -> int:
    """Issue what waited for the seller's registration, and tell the operator of what still waits.

    A hundred documents a transaction, since each holds the lock of its series. Returns how many were issued.
    """
    seller, issued = seller_of(settings), 0
    while True:
        async with database.service("issue_held") as tx:
            batch = await invoices.issue_held(tx, seller)
            waiting = await invoices.held(tx)
        issued += batch
        if batch == 0:
            break
    if issued:
        log.info("held_documents_issued", count=issued)
    if waiting:
        log.warning("documents_held", reasons=waiting, missing=missing_settings(settings))
    return issued


async def gstr1(database: Database, month: str) -> str:
    """The CSV of `gst_returns.gstr1`, over all buyers: whoever asks must be an operator."""
    async with database.service("gst_return") as tx:
        return await gst_returns.gstr1(tx, month)
