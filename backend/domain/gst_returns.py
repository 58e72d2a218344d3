"""GSTR-1, the return of a month's outward supplies (CGST Rule 59; tables 4 to 13 of the form).

Rows are as the form wants them: invoices to the registered one by one, small ones to others summed by place
of supply. Notes are positive in sections of their own, and subtract in sums.
"""

import csv
import io
import re
from collections.abc import Iterable
from datetime import date
from typing import Any, LiteralString

from backend.core.database import Tx
from backend.core.errors import Unprocessable
from backend.core.gst import STATES
from backend.core.rupees import plain

MONTH = "^20[0-9]{2}-(0[1-9]|1[0-2])$"

COLUMNS = {
    "section": "section",
    "gstin": "gstin",
    "name": "name",
    "document": "document",
    "document_date": "date",
    "original": "original_document",
    "original_date": "original_date",
    "kind": "type",
    "place": "place_of_supply",
    "reverse_charge": "reverse_charge",
    "sac": "sac",
    "rate": "rate",
    "taxable_paise": "taxable_value",
    "igst_paise": "igst",
    "cgst_paise": "cgst",
    "sgst_paise": "sgst_utgst",
    "value_paise": "total_value",
    "first": "first_document",
    "last": "last_document",
    "documents": "documents",
}
"""What the queries call it, and the head of the column. There is no cess."""

# Where an invoice belongs, and with it all its notes. Large: to the unregistered in another state, above one
# lakh rupees (Notification 12/2024, from August 2024).
SECTION: LiteralString = """
case
  when i.place_of_supply = '96' then 'EXP'
  when i.buyer ->> 'gstin' is not null then 'B2B'
  when i.gst_type = 'INTER' and i.total_amount_paise > 10000000 then 'B2CL'
  else 'B2CS' end
"""
RATE: LiteralString = "case when i.lut_arn is null then i.gst_rate else 0 end"
EXPORT: LiteralString = "case when i.lut_arn is null then 'WPAY' else 'WOPAY' end"

# Invoices and notes of the month as one: `sign` is that of the amounts in a sum.
SUPPLIES: LiteralString = f"""
with supplies as (
  select {SECTION} as section, 1 as sign, i.id, i.series, i.fy, i.number, i.invoice_number as document,
    i.invoice_date as document_date, null::text as original, null::date as original_date, i.buyer,
    i.place_of_supply, i.gst_type, {RATE} as rate, {EXPORT} as export, i.items #>> '{{0,hsn_code}}' as sac,
    i.reverse_charge, i.subtotal_paise, i.igst_paise, i.cgst_paise,
    i.sgst_paise + i.utgst_paise as sgst_paise, i.total_amount_paise
  from public.invoices i
  where i.invoice_date >= %(first)s and i.invoice_date < %(first)s::date + interval '1 month'
  union all
  select {SECTION}, -1, n.id, n.series, n.fy, n.number, n.credit_note_number, n.credit_note_date,
    n.invoice_number, n.invoice_date, n.buyer, n.place_of_supply, n.gst_type, {RATE}, {EXPORT},
    n.items #>> '{{0,hsn_code}}', n.reverse_charge, n.subtotal_paise, n.igst_paise, n.cgst_paise,
    n.sgst_paise + n.utgst_paise, n.total_amount_paise
  from public.credit_notes n
  join public.invoices i on i.user_id = n.user_id and i.id = n.invoice_id
  where n.credit_note_date >= %(first)s and n.credit_note_date < %(first)s::date + interval '1 month'
)
"""  # noqa: S608

# Tables 4, 5, 6A and 9B: one row a document.
DOCUMENTS: LiteralString = f"""{SUPPLIES}
select
  case when sign = 1 then section when section = 'B2B' then 'CDNR' else 'CDNUR' end as section,
  buyer ->> 'gstin' as gstin, buyer ->> 'name' as name, document, document_date, original, original_date,
  case
    when section = 'EXP' then export
    when sign = -1 then case section when 'B2B' then 'C' else 'B2CL' end
    else 'Regular' end as kind,
  place_of_supply as place, case when reverse_charge then 'Y' else 'N' end as reverse_charge, sac, rate,
  subtotal_paise as taxable_paise, igst_paise, cgst_paise, sgst_paise, total_amount_paise as value_paise
from supplies where section <> 'B2CS'
order by array_position(array['B2B', 'B2CL', 'EXP'], section) + case sign when 1 then 0 else 3 end,
  series, fy, number
"""  # noqa: S608

# Table 7: the rest by place of supply and rate, less their notes.
CONSUMERS: LiteralString = f"""{SUPPLIES}
select 'B2CS' as section, case gst_type when 'INTRA' then 'Intra-state' else 'Inter-state' end as kind,
  place_of_supply as place, rate, sum(sign * subtotal_paise)::bigint as taxable_paise,
  sum(sign * igst_paise)::bigint as igst_paise, sum(sign * cgst_paise)::bigint as cgst_paise,
  sum(sign * sgst_paise)::bigint as sgst_paise, sum(sign * total_amount_paise)::bigint as value_paise,
  count(*) as documents
from supplies where section = 'B2CS'
group by gst_type, place_of_supply, rate order by place_of_supply, rate
"""  # noqa: S608

# Table 12: everything by service, apart for the registered and for others.
SERVICES: LiteralString = f"""{SUPPLIES}
select 'HSN' as section, case section when 'B2B' then 'B2B' else 'B2C' end as kind, sac, rate,
  sum(sign * subtotal_paise)::bigint as taxable_paise, sum(sign * igst_paise)::bigint as igst_paise,
  sum(sign * cgst_paise)::bigint as cgst_paise, sum(sign * sgst_paise)::bigint as sgst_paise,
  sum(sign * total_amount_paise)::bigint as value_paise, count(*) as documents
from supplies
group by 2, sac, rate order by 2, sac, rate
"""  # noqa: S608

# Table 13: the serials used; none is ever cancelled.
SERIALS: LiteralString = f"""{SUPPLIES}
select 'DOCS' as section,
  case sign when 1 then 'Invoices for outward supply' else 'Credit note' end as kind,
  (array_agg(document order by number))[1] as first,
  (array_agg(document order by number desc))[1] as last, count(*) as documents
from supplies
group by sign, series, fy order by sign desc, series, fy
"""  # noqa: S608


def first_day(month: str) -> date:
    """Of `2026-11`. Raises Unprocessable `month_invalid`."""
    if not re.fullmatch(MONTH, month):
        raise Unprocessable("A month is written like 2026-11.", code="month_invalid")
    return date.fromisoformat(f"{month}-01")


async def gstr1(tx: Tx, month: str) -> str:
    """The CSV: sections B2B, B2CL, EXP, CDNR, CDNUR, B2CS, HSN, DOCS; an empty month has its head alone."""
    values = {"first": first_day(month)}
    rows = [
        row
        for sql in (DOCUMENTS, CONSUMERS, SERVICES, SERIALS)
        for row in await tx.all(sql, values)
    ]
    return _csv(rows)


def _csv(rows: Iterable[dict[str, Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS.values())
    writer.writerows([_cell(name, row.get(name)) for name in COLUMNS] for row in rows)
    return file.getvalue()


def _cell(name: str, value: Any) -> str:
    """As the form writes it: rupees with two decimals, 26-Nov-2026, 29-Karnataka."""
    if value is None:
        return ""
    if name.endswith("_paise"):
        return plain(value)
    if isinstance(value, date):
        return f"{value:%d-%b-%Y}"
    if name == "place":
        return f"{value}-{STATES.get(value, 'Other Country')}"
    return _inert(str(value)) if name == "name" else str(value)


def _inert(text: str) -> str:
    """A buyer's name opens no formula in a spreadsheet."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
