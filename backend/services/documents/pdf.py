"""The text of a PDF, page by page: lines as they stand, table rows as `a | b | c`."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.page import Page
from pdfplumber.utils.exceptions import PdfminerException

from backend.services.documents import limits
from backend.services.documents.pdf_layout import page_text
from backend.services.documents.refusals import encrypted, too_complex, unreadable
from backend.services.documents.text import StoppedEarly

MAX_PAGES = 200
MAX_DRAWN_LINES = 3000
"""A page with more rules and boxes is a drawing; looking for tables in it would take minutes."""

BROKEN = (
    PDFException,
    PSException,
    PdfminerException,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
)
"""What the parser raises on files that do not keep to the format."""

# Glyphs without a character: bullets of symbol fonts at the start of a line, noise elsewhere.
_NO_CHARACTER = re.compile(r"\(cid:\d+\)|[\ue000-\uf8ff]")
_BULLET = re.compile(rf"^(?:{_NO_CHARACTER.pattern})+(?=\s*\S)", re.MULTILINE)


def pages(data: bytes) -> Iterator[str]:
    """The text of each page.

    Raises Unprocessable (`encrypted_pdf`, `unreadable_file`, `too_complex`), and StoppedEarly when pages are
    left that would cost too much.
    """
    done = 0
    try:
        for text in _with_tables(data):
            yield text
            done += 1
    except BROKEN as error:
        _refuse_if_locked_or_huge(error)
        yield from _plain(data, skip=done)


def _with_tables(data: bytes) -> Iterator[str]:
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            _check_costs(page.page_number)
            text = _characters(page_text(page, tables=_may_have_tables(page)))
            page.close()
            if text.strip():
                limits.progressed()
            yield text


def _plain(data: bytes, skip: int) -> Iterator[str]:
    """A second parser for what the first cannot read: rows keep their gaps, tables are not found."""
    import pypdf  # rarely needed, and a third of what a reader would load
    from pypdf.errors import LimitReachedError, PyPdfError

    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        for number, page in enumerate(reader.pages, 1):
            _check_costs(number)
            if number > skip:
                text = page.extract_text(extraction_mode="layout")
                if text.strip():
                    limits.progressed()
                yield _characters(text)
    except LimitReachedError as error:
        raise too_complex() from error
    except (PyPdfError, *BROKEN) as error:
        raise unreadable("PDF") from error


def _check_costs(page_number: int) -> None:
    if page_number > MAX_PAGES or limits.time_is_up():
        raise StoppedEarly


def _may_have_tables(page: Page) -> bool:
    return len(page.lines) + len(page.rects) + len(page.curves) <= MAX_DRAWN_LINES


def _characters(text: str) -> str:
    return _NO_CHARACTER.sub("", _BULLET.sub("•", text))


def _refuse_if_locked_or_huge(error: BaseException) -> None:
    cause: Any = error.args[0] if isinstance(error, PdfminerException) and error.args else error
    if isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError):
        raise encrypted("PDF", "encrypted_pdf") from error
    if isinstance(cause, MemoryError | RecursionError):
        raise too_complex() from error
