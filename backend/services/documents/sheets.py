"""The text of a workbook or a CSV file: a sheet is a page, a row is a line `a | b`."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

import openpyxl

from backend.services.documents import limits, package
from backend.services.documents.docx import BROKEN
from backend.services.documents.refusals import unreadable
from backend.services.documents.text import MAX_CHARACTERS, StoppedEarly

MAX_ROWS, MAX_COLUMNS = 5000, 60
SIGNS = ("₹", "$", "€", "£", "Rs")
"""Of currencies, as number formats name them."""


def workbook(data: bytes) -> Iterator[str]:
    """Values as Excel last computed them; a formula never runs here.

    Raises Unprocessable (`encrypted_file`, `macros_in_file`, `unreadable_file`, `too_complex`).
    """
    try:
        package.check(data, "workbook", ".xlsx")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for number, sheet in enumerate(book.worksheets):
            if number and limits.time_is_up():
                raise StoppedEarly
            rows = sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS)
            lines = _lines([_shown(cell) for cell in row] for row in rows)
            yield "\n".join([f"# {sheet.title}", "", *lines])
            limits.progressed()
    except BROKEN as error:
        raise unreadable("workbook") from error


def comma_separated(text: str) -> str:
    """Rows of a CSV file, whatever it separates with."""
    try:
        dialect: Any = csv.Sniffer().sniff(text[:8192], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        return "\n".join(_lines(csv.reader(io.StringIO(text), dialect)))
    except csv.Error as error:
        raise unreadable("CSV file") from error


def _lines(rows: Iterable[list[str]]) -> list[str]:
    """Until enough is there; empty rows are left out, empty cells inside a row are not."""
    kept: list[str] = []
    length = 0
    for row in rows:
        line = " | ".join(" ".join(cell.split()) for cell in row[:MAX_COLUMNS]).rstrip(" |")
        if line:
            kept.append(line)
            length += len(line) + 1
        if length > MAX_CHARACTERS or len(kept) > MAX_ROWS:
            break
    return kept


def _shown(cell: Any) -> str:
    """A value as the sheet shows it, as far as its meaning goes: currency, percent, date."""
    value, form = cell.value, str(getattr(cell, "number_format", "") or "")
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (
            value.strftime("%d %b %Y")
            if value.time() == time()
            else value.isoformat(" ", "minutes")
        )
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if "%" in form:
        return f"{value * 100:.4g}%"
    number = f"{value:,.2f}".removesuffix(".00") if "," in form else f"{value:.10g}"
    sign = next((sign for sign in SIGNS if sign in form), "")
    return f"{sign} {number}" if sign == "Rs" else f"{sign}{number}"
