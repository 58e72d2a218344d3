"""What stands on paper: read back from the PDF itself."""

import io
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from backend.domain.tax_documents import CreditNote, Invoice
from backend.payments.tax_pdf import render

ID = UUID(int=1)
SELLER = {
    "name": "Sample Seller Private Limited",
    "address": "1 Sample Road, Bengaluru 560001",
    "gstin": "29AABCU9603R1ZJ",
    "state": "Karnataka",
    "state_code": "29",
    "email": "billing@example.com",
}
BUYER = {
    "name": "Sample Buyer",
    "address": "2 Sample Street",
    "gstin": "27AAPFU0939F1ZV",
    "state": "Maharashtra",
    "state_code": "27",
    "email": None,
    "pin": "400001",
    "country": "IN",
}
ITEM = {
    "description": "Growth plan, one month",
    "hsn_code": "997331",
    "quantity": 1,
    "unit_price_paise": 12345600,
    "amount_paise": 12345600,
}
DOCUMENT = {
    "id": ID,
    "user_id": ID,
    "payment_id": ID,
    "invoice_number": "RF/26-27/000123",
    "invoice_date": date(2026, 11, 26),
    "seller": SELLER,
    "buyer": BUYER,
    "place_of_supply": "27",
    "items": [ITEM],
    "gst_type": "INTER",
    "gst_rate": 18,
    "subtotal_paise": 12345600,
    "cgst_paise": 0,
    "sgst_paise": 0,
    "utgst_paise": 0,
    "igst_paise": 2222208,
    "total_gst_paise": 2222208,
    "total_amount_paise": 14567808,
    "reverse_charge": False,
    "lut_arn": None,
    "irn": None,
    "ack_no": None,
    "ack_date": None,
    "signed_qr": None,
    "created_at": datetime(2026, 11, 26, tzinfo=UTC),
}
PAID = {
    "transaction_id": "T100200300",
    "payment_method": "UPI",
    "paid_at": datetime(2026, 11, 25, 20, tzinfo=UTC),
    "status": "paid",
}
NOTE = {
    "invoice_id": ID,
    "refund_id": ID,
    "credit_note_number": "CN/26-27/000007",
    "credit_note_date": date(2026, 12, 2),
    "reason": "Requested by customer",
}
INTRA = {"gst_type": "INTRA", "igst_paise": 0, "cgst_paise": 1111104}


def invoice(**changes: Any) -> Invoice:
    return Invoice.model_validate({**DOCUMENT, **PAID, **changes})


def note(**changes: Any) -> CreditNote:
    return CreditNote.model_validate({**DOCUMENT, **NOTE, **changes})


def pages(pdf: bytes) -> list[str]:
    """The words of each page, one space apart."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def words(document: Invoice | CreditNote) -> str:
    return " ".join(pages(render(document)))


@pytest.mark.parametrize(
    "field",
    [
        "Tax invoice",
        "Original for recipient",
        "Sample Seller Private Limited 1 Sample Road, Bengaluru 560001 Karnataka (29)",
        "GSTIN 29AABCU9603R1ZJ",
        "Number RF/26-27/000123",
        "Date of issue 26 November 2026",
        "Sample Buyer 2 Sample Street Maharashtra (27), PIN 400001 GSTIN 27AAPFU0939F1ZV",
        "Place of supply Maharashtra (27)",
        "Reverse charge No",
        "Growth plan, one month 997331 1 OTH 1,23,456.00 1,23,456.00",
        "Taxable value 1,23,456.00",
        "IGST 18% 22,222.08",
        "Total ₹1,45,678.08",
        "Rupees One Lakh Forty-Five Thousand Six Hundred Seventy-Eight and Eight Paise Only",
        "Received on 26 November 2026 By UPI Transaction T100200300",
        "it needs no signature",
        "Page 1 of 1",
    ],
)
def test_rule_46(field: str) -> None:
    assert field in words(invoice())


@pytest.mark.parametrize(
    "field",
    [
        "Credit note",
        "Number CN/26-27/000007",
        "Date of issue 2 December 2026",
        "Against tax invoice RF/26-27/000123 of 26 November 2026",
        "Reason Requested by customer",
        "Part refund of: Growth plan, one month 997331 1 OTH 847.46 847.46",
        "Taxable value 847.46",
        "IGST 18% 152.54",
        "Total credited ₹1,000.00",
        "Rupees One Thousand Only",
    ],
)
def test_rule_53(field: str) -> None:
    part = {"subtotal_paise": 84746, "igst_paise": 15254, "total_gst_paise": 15254}
    assert field in words(note(**part, total_amount_paise=100000))


def test_a_whole_refund_has_the_lines_of_its_invoice() -> None:
    text = words(note())
    assert "Growth plan, one month 997331 1 OTH 1,23,456.00 1,23,456.00" in text
    assert "Part refund" not in text


@pytest.mark.parametrize(
    ("place", "heads", "expected"),
    [
        ("29", {"sgst_paise": 1111104}, "CGST 9% 11,111.04 SGST 9% 11,111.04"),
        ("38", {"utgst_paise": 1111104}, "CGST 9% 11,111.04 UTGST 9% 11,111.04"),
    ],
)
def test_within_a_state_and_a_territory(place: str, heads: dict[str, int], expected: str) -> None:
    assert expected in words(invoice(**INTRA, **heads, place_of_supply=place))


def test_exports() -> None:
    abroad = {**BUYER, "gstin": None, "state": "", "state_code": "96", "country": "SG"}
    export = {"buyer": abroad, "place_of_supply": "96"}
    free = {"igst_paise": 0, "total_gst_paise": 0, "total_amount_paise": 12345600}
    text = words(invoice(**export, **free, lut_arn="AD290326000001A"))
    assert "WITHOUT PAYMENT OF INTEGRATED TAX" in text
    assert "Country of destination: SG" in text
    assert "Letter of undertaking: AD290326000001A" in text
    assert "IGST 0% 0.00" in text
    text = words(invoice(**export))
    assert "SUPPLY MEANT FOR EXPORT ON PAYMENT OF INTEGRATED TAX" in text
    assert "IGST 18% 22,222.08" in text


def test_an_e_invoice() -> None:
    text = words(
        invoice(irn="0a" * 32, ack_no="1126", ack_date=PAID["paid_at"], signed_qr="signed")
    )
    assert f"Invoice reference number (IRN) {'0a' * 32}" in text
    assert "1126 of 26 November 2026" in text


def test_whatever_a_buyer_is_called_is_printed_and_never_markup() -> None:
    name = "R&D <b>Labs</b> \u202eevil &amp; “Søns” </para>"
    text = words(invoice(buyer={**BUYER, "name": name}))
    assert "R&D <b>Labs</b> evil &amp; “Søns” </para>" in text


def test_names_in_the_scripts_of_india() -> None:
    name = "श्री गणेश தமிழ் ಕನ್ನಡ తెలుగు ગુજરાતી ਪੰਜਾਬੀ বাংলা മലയാളം ଓଡ଼ିଆ Raptorफ्लो"
    pdf = render(invoice(buyer={**BUYER, "name": name}))
    fonts = {
        font.get_object()["/BaseFont"].partition("+")[2]
        for font in PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()
    }
    assert {"NotoSansDevanagari-Bold", "NotoSansTamil-Regular", "NotoSansOriya-Regular"} <= fonts
    assert len(fonts) == 11
    assert pdf == render(invoice(buyer={**BUYER, "name": name}))


def test_many_long_lines_go_on_over_pages_with_their_heading() -> None:
    lines = [{**ITEM, "description": f"Line {n} {'and more ' * 40}"} for n in range(1, 41)]
    lines.append({**ITEM, "description": "W" * 4000})
    buyer = {**BUYER, "name": "N" * 200, "address": "Plot 7, Long Lane\n" * 250}
    found = pages(render(invoice(items=lines, buyer=buyer)))
    assert len(found) > 8
    for at, page in enumerate(found, start=1):
        assert f"Page {at} of {len(found)}" in page
    assert all("Unit price (₹)" in page for page in found[5:-1])
    whole = " ".join(found)
    assert all(f"Line {n} and more" in whole for n in range(1, 41))
    assert whole.count("W") >= 4000
    assert "Total ₹1,45,678.08" in found[-1]


def test_fonts_are_embedded() -> None:
    page = PdfReader(io.BytesIO(render(invoice()))).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert {font["/BaseFont"].partition("+")[2] for font in fonts} == {
        "NotoSans-Regular",
        "NotoSans-Bold",
    }
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)


def test_the_same_bytes_in_every_process() -> None:
    program = (
        "import hashlib; from tests.payments.test_tax_pdf import invoice, render;"
        "print(hashlib.sha256(render(invoice())).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert render(invoice()) == render(invoice())
