"""GST as arithmetic: states, GSTINs, and which tax a supply bears (IGST Act 12 and 13, CGST Rule 46).

All money is integer paise, rounded half up. Nothing here knows a setting, a row or a request.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

IST = ZoneInfo("Asia/Kolkata")

STATES: dict[str, str] = {
    "01": "Jammu and Kashmir",
    "02": "Himachal Pradesh",
    "03": "Punjab",
    "04": "Chandigarh",
    "05": "Uttarakhand",
    "06": "Haryana",
    "07": "Delhi",
    "08": "Rajasthan",
    "09": "Uttar Pradesh",
    "10": "Bihar",
    "11": "Sikkim",
    "12": "Arunachal Pradesh",
    "13": "Nagaland",
    "14": "Manipur",
    "15": "Mizoram",
    "16": "Tripura",
    "17": "Meghalaya",
    "18": "Assam",
    "19": "West Bengal",
    "20": "Jharkhand",
    "21": "Odisha",
    "22": "Chhattisgarh",
    "23": "Madhya Pradesh",
    "24": "Gujarat",
    "26": "Dadra and Nagar Haveli and Daman and Diu",
    "27": "Maharashtra",
    "29": "Karnataka",
    "30": "Goa",
    "31": "Lakshadweep",
    "32": "Kerala",
    "33": "Tamil Nadu",
    "34": "Puducherry",
    "35": "Andaman and Nicobar Islands",
    "36": "Telangana",
    "37": "Andhra Pradesh",
    "38": "Ladakh",
    "97": "Other Territory",
}
"""Every state and union territory by its GST code. 25 and 28 went with the states they stood for."""

ABROAD = "96"
"""The code that returns use for a place of supply outside India."""

UNION_TERRITORIES = frozenset({"04", "26", "31", "35", "38", "97"})
"""Without a legislature: UTGST stands in the place of SGST."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GSTIN = re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]")


@dataclass(frozen=True)
class GstSplit:
    """Paise under each head; `total` is the tax in all, without what is taxed."""

    cgst: int = 0
    sgst: int = 0
    utgst: int = 0
    igst: int = 0

    @property
    def total(self) -> int:
        return self.cgst + self.sgst + self.utgst + self.igst


def tax(
    taxable_paise: int,
    *,
    seller_state: str,
    buyer_state: str,
    rate_percent: int = 18,
    under_lut: bool = False,
) -> GstSplit:
    """The tax on a value before tax. `buyer_state` is the place of supply: a code of STATES, or ABROAD.

    Within one state two equal halves, across states IGST; abroad IGST too, or nothing under a letter of
    undertaking (IGST Act 16). Raises ValueError for an unknown code or a negative value.
    """
    if seller_state not in STATES or buyer_state not in STATES | {ABROAD: ""}:
        raise ValueError(f"no such GST state: {seller_state} or {buyer_state}")
    if taxable_paise < 0:
        raise ValueError("a taxable value is not negative")
    if buyer_state == ABROAD and under_lut:
        return GstSplit()
    if seller_state != buyer_state:
        return GstSplit(igst=(taxable_paise * rate_percent + 50) // 100)
    half = (taxable_paise * rate_percent + 100) // 200
    if seller_state in UNION_TERRITORIES:
        return GstSplit(cgst=half, utgst=half)
    return GstSplit(cgst=half, sgst=half)


def check_gstin(gstin: str) -> str:
    """The GSTIN in capitals. Raises ValueError that says what is wrong with it.

    A right check character does not prove a registration; only the GST network knows those.
    """
    clean = gstin.strip().upper()
    if not _GSTIN.fullmatch(clean):
        raise ValueError("a GSTIN has 15 characters, such as 29AABCU9603R1ZJ")
    if clean[:2] not in STATES:
        raise ValueError(f"no state has the GST code {clean[:2]}")
    if clean[14] != check_character(clean[:14]):
        raise ValueError("the check character of this GSTIN is wrong: one character is mistyped")
    return clean


def check_character(first_14: str) -> str:
    """The fifteenth character of a GSTIN: Luhn's scheme over 0-9A-Z."""
    total = 0
    for at, character in enumerate(first_14):
        value = _ALPHABET.index(character) * (2 if at % 2 else 1)
        total += value // 36 + value % 36
    return _ALPHABET[-total % 36]


def gstin_state(gstin: str) -> str:
    """The state code that a checked GSTIN starts with."""
    return gstin[:2]


def place(code: str) -> str:
    """`Karnataka (29)`, as Rule 46(n) wants a place of supply named."""
    return f"{STATES.get(code, 'Outside India')} ({code})"


def financial_year(day: date) -> str:
    """April to March, in the form 2026-27."""
    start = day.year if day.month >= 4 else day.year - 1
    return f"{start}-{(start + 1) % 100:02}"


def indian_day(at: datetime) -> date:
    """The date in India at an instant."""
    return at.astimezone(IST).date()
