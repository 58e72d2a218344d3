"""GST for the checkout: the arithmetic of `core/gst.py` under the name that billing looks for (ADR 0070)."""

from backend.core.config import Settings
from backend.core.gst import STATES, GstSplit, check_gstin, gstin_state, tax
from backend.domain.invoices import Seller, missing_settings, seller_of

__all__ = [
    "STATES",
    "GstSplit",
    "Seller",
    "check_gstin",
    "gstin_state",
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
