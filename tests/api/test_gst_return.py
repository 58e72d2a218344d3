"""GSTR-1 over HTTP: for operators alone, and to the paisa."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from backend.core.config import Settings
from backend.core.database import Database
from backend.domain.tax_documents import Invoice
from tests.people import Person
from tests.problems import problem
from tests.sales import BUYER, credited, issued, own_series, supply

PATH = "/billing/gstr1"
MARCH, LAST_SECOND = (
    datetime(2031, 3, 15, tzinfo=UTC),
    datetime(2031, 3, 31, 18, 29, 59, tzinfo=UTC),
)
APRIL = datetime(2031, 3, 31, 18, 30, tzinfo=UTC)  # in India
REGISTERED = replace(BUYER, name="=Registered & Co", gstin="29AABCU9603R1ZJ")
FAR = replace(BUYER, state_code="27")
ABROAD = replace(BUYER, country="SG", state_code="96", pin="018956")
UNDER_LUT = {"lut_arn": "AD290330000001A", "lut_year": "2030-31"}


@pytest.fixture
def operator(owner: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.setattr(settings, "operator_user_ids", [owner.id])
    return owner


async def rows(person: Person, month: str) -> list[dict[str, str]]:
    answer = await person.get(PATH, params={"month": month})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    name = f'attachment; filename="gstr1-{month}.csv"'
    assert answer.headers["content-disposition"] == name
    return list(csv.DictReader(io.StringIO(answer.text)))


SIGNS = {"B2B": 1, "B2CL": 1, "EXP": 1, "B2CS": 1, "CDNR": -1, "CDNUR": -1}


class TestWho:
    async def test_anonymous(self, http: AsyncClient) -> None:
        answer = await http.get(f"/api/v1{PATH}", params={"month": "2026-11"})
        problem(answer, 401, "token_missing")

    async def test_a_customer(self, owner: Person) -> None:
        problem(await owner.get(PATH, params={"month": "2026-11"}), 403, "operator_only")

    async def test_another_than_the_operator(self, operator: Person, stranger: Person) -> None:
        problem(await stranger.get(PATH, params={"month": "2026-11"}), 403, "operator_only")

    @pytest.mark.parametrize("month", ["", "2026", "2026-13", "2026-1", "26-11", "2026-11-01"])
    async def test_what_is_no_month(self, operator: Person, month: str) -> None:
        problem(await operator.get(PATH, params={"month": month}), 422, "validation_failed")

    async def test_a_month_without_sales(self, operator: Person) -> None:
        assert await rows(operator, "2030-01") == []


@pytest.fixture
async def march(app: FastAPI, stranger: Person) -> dict[str, Invoice]:
    """What was sold in March 2031, by name; some of it was refunded in March, some in April."""
    database: Database = app.state.database
    seller = own_series(**UNDER_LUT)
    sold: dict[str, Any] = {
        "b2b": {"buyer": REGISTERED, "paise": 299900},
        "large": {"buyer": FAR, "paise": 99_999_00},
        "small": {"buyer": FAR, "paise": 79900},
        "second": {"buyer": FAR, "paise": 79900},
        "local": {"paise": 20_000_000},
        "export": {"buyer": ABROAD, "paise": 500000},
    }
    made: dict[str, Invoice] = {}
    for name, about in sold.items():
        bought = supply(stranger, **about)
        invoice = await issued(database, bought, seller, LAST_SECOND if name == "export" else MARCH)
        assert invoice
        made[name] = invoice
        if name in ("b2b", "large", "small"):
            assert await credited(database, bought, seller, 11800, at=MARCH)
        if name == "second":
            assert await credited(database, bought, seller, 11800, at=APRIL)
    return made


class TestWhat:
    async def test_each_supply_in_its_section(
        self, operator: Person, march: dict[str, Invoice]
    ) -> None:
        found = await rows(operator, "2031-03")
        series = series_of(march["b2b"].invoice_number)
        documents = [r for r in found if series_of(r["document"]) in (series, series[::-1])]
        assert [(r["section"], r["type"]) for r in documents] == [
            ("B2B", "Regular"),
            ("B2CL", "Regular"),
            ("EXP", "WOPAY"),
            ("CDNR", "C"),
            ("CDNUR", "B2CL"),
        ]
        b2b, large, export, note, _ = documents
        assert b2b == {
            "section": "B2B",
            "gstin": "29AABCU9603R1ZJ",
            "name": "'=Registered & Co",
            "document": march["b2b"].invoice_number,
            "date": "15-Mar-2031",
            "original_document": "",
            "original_date": "",
            "type": "Regular",
            "place_of_supply": "29-Karnataka",
            "reverse_charge": "N",
            "sac": "997331",
            "rate": "18",
            "taxable_value": "2999.00",
            "igst": "0.00",
            "cgst": "269.91",
            "sgst_utgst": "269.91",
            "total_value": "3538.82",
            "first_document": "",
            "last_document": "",
            "documents": "",
        }
        assert (large["place_of_supply"], large["igst"]) == ("27-Maharashtra", "17999.82")
        assert (export["place_of_supply"], export["rate"]) == ("96-Other Country", "0")
        assert (export["date"], export["igst"]) == ("31-Mar-2031", "0.00")
        assert note["original_document"] == march["b2b"].invoice_number
        assert (note["taxable_value"], note["cgst"], note["total_value"]) == (
            "100.00",
            "9.00",
            "118.00",
        )

    async def test_the_rest_is_summed_less_its_notes(
        self, operator: Person, march: dict[str, Invoice]
    ) -> None:
        before = {
            r["place_of_supply"]: r
            for r in await rows(operator, "2031-03")
            if r["section"] == "B2CS"
        }
        far = before["27-Maharashtra"]
        assert far["type"] == "Inter-state"
        times = int(far["documents"]) // 3  # each sale of the fixture: two invoices and a note
        assert far["taxable_value"] == f"{times * (799 + 799 - 100)}.00"
        assert far["igst"] == f"{times * 269.64:.2f}"
        assert before["29-Karnataka"]["taxable_value"] == f"{times * 200000}.00"

    async def test_sums_of_services_are_those_of_the_documents(
        self, operator: Person, march: dict[str, Invoice]
    ) -> None:
        found = await rows(operator, "2031-03")
        for column in ("taxable_value", "igst", "cgst", "sgst_utgst", "total_value"):
            parts = sum(SIGNS.get(row["section"], 0) * paise(row[column]) for row in found)
            whole = sum(paise(row[column]) for row in found if row["section"] == "HSN")
            assert parts == whole, column

    async def test_serials_and_the_month_of_a_note(
        self, operator: Person, march: dict[str, Invoice]
    ) -> None:
        first, last = march["b2b"].invoice_number, march["export"].invoice_number
        docs = {
            r["first_document"]: r
            for r in await rows(operator, "2031-03")
            if r["section"] == "DOCS"
        }
        assert (docs[first]["last_document"], docs[first]["documents"]) == (last, "6")
        series = series_of(first)
        assert docs[f"{series[::-1]}/30-31/000001"]["documents"] == "3"
        april = [r for r in await rows(operator, "2031-04") if r["section"] == "DOCS"]
        assert f"{series[::-1]}/31-32/000001" in {r["first_document"] for r in april}


def series_of(document: str) -> str:
    return document.partition("/")[0]


def paise(rupees: str) -> int:
    return int(rupees.replace(".", "") or 0)
