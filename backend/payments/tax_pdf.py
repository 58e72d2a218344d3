"""Invoices and credit notes as PDF: every field of CGST Rules 46 and 53, on as many pages as it takes.

The same document gives the same bytes. Setting it is CPU work of some ten milliseconds: call it in a thread.
"""

import io
from datetime import date

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    HRFlowable,
    KeepTogether,
    PageTemplate,
    Spacer,
    Table,
)

from backend.core.gst import ABROAD, UNION_TERRITORIES, indian_day, place
from backend.core.rupees import grouped, in_words
from backend.domain.tax_documents import BuyingParty, CreditNote, Invoice, Item, Party
from backend.payments.typesetting import (
    BOLD,
    INK,
    MARK,
    PLAIN,
    RULE,
    SOFT,
    NumberedCanvas,
    Setter,
    setting,
    style,
)

MARGIN = 51
WIDTH = A4[0] - 2 * MARGIN
QR_SIDE = 96

NAME, TITLE = style(12.5, bold=True), style(19, bold=True, right=True)
BODY, SMALL, LABEL = style(9), style(8.5, soft=True), style(7.2, soft=True)
COPY = style(7.2, soft=True, right=True)
STRONG = style(9.5, bold=True)

EXPORT_UNDER_LUT = (
    "SUPPLY MEANT FOR EXPORT UNDER BOND OR LETTER OF UNDERTAKING WITHOUT PAYMENT OF INTEGRATED TAX"
)
EXPORT_WITH_TAX = "SUPPLY MEANT FOR EXPORT ON PAYMENT OF INTEGRATED TAX"

BARE = [("FONTNAME", (0, 0), (-1, -1), PLAIN),
        ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ("VALIGN", (0, 0), (-1, -1), "TOP")]  # fmt: skip


def render(document: Invoice | CreditNote) -> bytes:
    """The PDF."""
    with setting:
        return _Sheet(document).set()


class _Sheet:
    """One document on its way to paper."""

    def __init__(self, document: Invoice | CreditNote) -> None:
        self.document = document
        self.note = document if isinstance(document, CreditNote) else None
        self.title = "Credit note" if self.note else "Tax invoice"
        self.number = self.note.credit_note_number if self.note else document.invoice_number
        self.setter = Setter()

    def set(self) -> bytes:
        file = io.BytesIO()
        seller, foot = self.document.seller.name, f"{self.title} {self.number}"
        template = BaseDocTemplate(
            file,
            pagesize=A4,
            title=foot,
            author=seller,
            subject=f"GST {self.title.lower()} for {self.document.buyer.name}",
            creator="Raptorflow",
            lang="en-IN",
            invariant=1,
            initialFontName=PLAIN,
        )
        frame = Frame(MARGIN, 60, WIDTH, A4[1] - 60 - 48, 0, 0, 0, 0)
        template.addPageTemplates(PageTemplate(frames=[frame]))
        canvas = type("Canvas", (NumberedCanvas,), {"foot": foot})
        template.build(self._story(), canvasmaker=canvas)
        return file.getvalue()

    def _story(self) -> list[Flowable]:
        return [
            self._head(),
            Spacer(0, 16),
            HRFlowable(WIDTH, 1.2, color=MARK, spaceBefore=0, spaceAfter=10),
            self._facts(),
            Spacer(0, 16),
            self._parties(),
            Spacer(0, 20),
            self._lines(),
            KeepTogether(self._end()),
        ]

    def _end(self) -> list[Flowable]:
        """The sums never stand on another page than what is said of them."""
        parts: list[Flowable] = [Spacer(0, 10), self._sums()]
        if self.document.irn:
            parts += [Spacer(0, 18), self._registration()]
        return [*parts, Spacer(0, 22), *self._closing()]

    # --- who, what, when -----------------------------------------------------------------------------

    def _head(self) -> Table:
        right = [self.setter.text(self.title, TITLE)]
        if not self.note:
            right += [self.setter.text("Original for recipient", COPY)]
        left = [self.setter.text(self.document.seller.name, NAME), Spacer(0, 2)]
        left += self._where(self.document.seller)
        return _columns([left, right], [WIDTH * 0.6, WIDTH * 0.4])

    def _where(self, party: Party) -> list[Flowable]:
        lines = [party.address, f"{party.state} ({party.state_code})"]
        if isinstance(party, BuyingParty):
            lines[1:] = [_region(party)]
        texts = [self.setter.text(line, SMALL) for line in lines]
        registered = f"GSTIN {party.gstin}" if party.gstin else "Not registered under GST"
        texts.append(self.setter.text(registered, BODY))
        return texts + ([self.setter.text(party.email, SMALL)] if party.email else [])

    def _facts(self) -> Table:
        document, note = self.document, self.note
        facts = [
            ("Number", self.number),
            ("Date of issue", _day(note.credit_note_date if note else document.invoice_date)),
            ("Place of supply", place(document.place_of_supply)),
            ("Reverse charge", "Yes" if document.reverse_charge else "No"),
        ]
        return _columns([self._labelled(*fact) for fact in facts], [WIDTH / 4] * 4)

    def _labelled(self, label: str, *values: str) -> list[Flowable]:
        texts: list[Flowable] = [self.setter.text(label, LABEL), Spacer(0, 1)]
        return texts + [self.setter.text(value, BODY) for value in values]

    def _parties(self) -> Table:
        buyer = self.document.buyer
        left: list[Flowable] = [self.setter.text("Billed to", LABEL), Spacer(0, 2)]
        left += [self.setter.text(buyer.name, STRONG), *self._where(buyer)]
        return _columns([left, self._reference()], [WIDTH / 2, WIDTH / 2])

    def _reference(self) -> list[Flowable]:
        """What it answers to: the payment of an invoice, the invoice of a credit note."""
        if self.note:
            against = f"{self.note.invoice_number} of {_day(self.note.invoice_date)}"
            return [
                *self._labelled("Against tax invoice", against),
                Spacer(0, 8),
                *self._labelled("Reason", self.note.reason),
            ]
        assert isinstance(self.document, Invoice)
        invoice, paid = self.document, []
        if invoice.paid_at:
            paid.append(f"Received on {_day(indian_day(invoice.paid_at))}")
        if invoice.payment_method:
            paid.append(f"By {invoice.payment_method}")
        if invoice.transaction_id:
            paid.append(f"Transaction {invoice.transaction_id}")
        return self._labelled("Payment", *paid) if paid else []

    # --- how much ------------------------------------------------------------------------------------

    def _lines(self) -> Table:
        money = "Unit price (₹)", "Amount (₹)"
        head = ["", "Description", "SAC", "Qty", *money]
        rows = [
            [
                str(at),
                self.setter.text(item.description, BODY),
                item.hsn_code,
                f"{item.quantity} OTH",
                grouped(item.unit_price_paise),
                grouped(item.amount_paise),
            ]
            for at, item in enumerate(self._items(), start=1)
        ]
        table = Table([head, *rows], [20, WIDTH - 310, 50, 50, 90, 100], repeatRows=1, splitInRow=1)
        table.setStyle(
            [
                *BARE,
                ("FONT", (0, 0), (-1, 0), PLAIN, 7.2),
                ("FONT", (0, 1), (-1, -1), PLAIN, 9),
                ("TEXTCOLOR", (0, 0), (-1, 0), SOFT),
                ("TEXTCOLOR", (0, 1), (-1, -1), INK),
                ("TEXTCOLOR", (0, 1), (0, -1), SOFT),
                ("ALIGN", (3, 0), (-1, -1), "RIGHT"),
                ("RIGHTPADDING", (1, 0), (1, -1), 14),
                ("TOPPADDING", (0, 1), (-1, -1), 6),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
                ("LINEBELOW", (0, 1), (-1, -1), 0.5, RULE),
            ]
        )
        return table

    def _items(self) -> list[Item]:
        """Of a refund in part one line says what part of what; else the lines are the invoice's."""
        document = self.document
        whole = sum(item.amount_paise for item in document.items)
        if self.note is None or whole == document.subtotal_paise:
            return document.items
        what = "; ".join(item.description for item in document.items)
        part = document.items[0].model_copy(
            update={
                "description": f"Part refund of: {what}",
                "quantity": 1,
                "unit_price_paise": document.subtotal_paise,
                "amount_paise": document.subtotal_paise,
            }
        )
        return [part]

    def _sums(self) -> Table:
        document = self.document
        total = "Total credited" if self.note else "Total"
        rows = [
            ["Taxable value", grouped(document.subtotal_paise)],
            *([name, grouped(paise)] for name, paise in self._taxes()),
            [total, f"₹{grouped(document.total_amount_paise)}"],
        ]
        sums = Table(rows, [120, 110])
        sums.setStyle(
            [
                *BARE,
                ("FONT", (0, 0), (-1, -2), PLAIN, 9),
                ("FONT", (0, -1), (-1, -1), BOLD, 11.5),
                ("TEXTCOLOR", (0, 0), (0, -2), SOFT),
                ("TEXTCOLOR", (1, 0), (-1, -1), INK),
                ("TEXTCOLOR", (0, -1), (-1, -1), INK),
                ("ALIGN", (1, 0), (1, -1), "RIGHT"),
                ("BOTTOMPADDING", (0, 0), (-1, -2), 6),
                ("TOPPADDING", (0, -1), (-1, -1), 7),
                ("LINEABOVE", (0, -1), (-1, -1), 0.8, INK),
                ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
            ]
        )
        words = self._labelled("Amount in words", in_words(document.total_amount_paise))
        return _columns([words, [sums]], [WIDTH - 230, 230])

    def _taxes(self) -> list[tuple[str, int]]:
        document = self.document
        if document.gst_type == "INTER":
            rate = 0 if document.lut_arn else document.gst_rate
            return [(f"IGST {rate}%", document.igst_paise)]
        half = f"{document.gst_rate / 2:g}%"
        local = ("SGST", document.sgst_paise)
        if document.place_of_supply in UNION_TERRITORIES:
            local = ("UTGST", document.utgst_paise)
        return [(f"CGST {half}", document.cgst_paise), (f"{local[0]} {half}", local[1])]

    # --- what the law adds ---------------------------------------------------------------------------

    def _registration(self) -> Table:
        """The e-invoice: IRN, acknowledgement, and the portal's signed QR code."""
        document = self.document
        facts = self._labelled("Invoice reference number (IRN)", document.irn or "")
        if document.ack_no:
            when = f" of {_day(indian_day(document.ack_date))}" if document.ack_date else ""
            facts += [Spacer(0, 6), *self._labelled("Acknowledgement", document.ack_no + when)]
        code = [_qr(document.signed_qr)] if document.signed_qr else []
        return _columns([facts, code], [WIDTH - QR_SIDE, QR_SIDE])

    def _closing(self) -> list[Flowable]:
        document, texts = self.document, []
        if document.place_of_supply == ABROAD:
            texts.append(EXPORT_UNDER_LUT if document.lut_arn else EXPORT_WITH_TAX)
            texts.append(f"Country of destination: {document.buyer.country}")
        if document.lut_arn:
            texts.append(f"Letter of undertaking: {document.lut_arn}")
        kind = self.title.lower()
        texts.append(f"This {kind} is computer generated; it needs no signature.")
        return [self.setter.text(text, SMALL) for text in texts]


def _columns(cells: list[list[Flowable]], widths: list[float]) -> Table:
    gap = ("RIGHTPADDING", (0, 0), (-2, -1), 16)
    return Table([cells], widths, style=[*BARE, gap], splitInRow=1, hAlign="LEFT")


def _region(buyer: BuyingParty) -> str:
    if buyer.country != "IN":
        return f"{buyer.pin}, {buyer.country}"
    return f"{buyer.state} ({buyer.state_code}), PIN {buyer.pin}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _qr(signed: str) -> Drawing:
    code = QrCodeWidget(signed, barLevel="L", barBorder=0)
    left, low, right, high = code.getBounds()
    scale = QR_SIDE / (right - left), QR_SIDE / (high - low)
    return Drawing(QR_SIDE, QR_SIDE, code, transform=[scale[0], 0, 0, scale[1], 0, 0])
