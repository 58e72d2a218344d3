"""Invoices and credit notes over HTTP: a class an endpoint."""

import io
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from pypdf import PdfReader

from backend.core.database import Database
from backend.domain.tax_documents import CreditNotePage, InvoicePage
from tests.people import Person
from tests.problems import problem
from tests.sales import credited, issued, own_series, refunded, sold, supply


@pytest.fixture
def database(app: FastAPI) -> Database:
    opened: Database = app.state.database
    return opened


LISTS = ("invoices", "credit-notes")


async def fill(database: Database, person: Person, count: int) -> None:
    for _ in range(count):
        await refunded(database, person)


class TestLists:
    @pytest.mark.parametrize("path", LISTS)
    async def test_anonymous(self, http: AsyncClient, path: str) -> None:
        problem(await http.get(f"/api/v1/billing/{path}"), 401, "token_missing")

    @pytest.mark.parametrize("path", LISTS)
    async def test_a_stranger_sees_nothing(
        self, database: Database, owner: Person, stranger: Person, path: str
    ) -> None:
        await fill(database, owner, 1)
        page = (await stranger.get(f"/billing/{path}")).json()
        assert page == {
            path.replace("-", "_"): [],
            "total": 0,
            "limit": 20,
            "offset": 0,
            "next_cursor": None,
            "held": 0,
        }

    @pytest.mark.parametrize(
        ("path", "model"), zip(LISTS, (InvoicePage, CreditNotePage), strict=True)
    )
    async def test_the_bytes_from_postgres_are_the_model(
        self, database: Database, owner: Person, path: str, model: Any
    ) -> None:
        await fill(database, owner, 2)
        raw = (await owner.get(f"/billing/{path}")).json()
        assert model.model_validate(raw).model_dump(mode="json") == raw
        assert raw["total"] == 2

    @pytest.mark.parametrize("path", LISTS)
    async def test_a_cursor_walks_each_once_newest_first(
        self, database: Database, owner: Person, path: str
    ) -> None:
        await fill(database, owner, 3)
        noun = path.replace("-", "_")
        whole = (await owner.get(f"/billing/{path}")).json()[noun]
        first = (await owner.get(f"/billing/{path}", params={"limit": 2})).json()
        params = {"limit": 2, "cursor": first["next_cursor"]}
        rest = (await owner.get(f"/billing/{path}", params=params)).json()
        assert first[noun] + rest[noun] == whole
        assert rest["next_cursor"] is None
        assert [one["created_at"] for one in whole] == sorted(
            (one["created_at"] for one in whole), reverse=True
        )

    @pytest.mark.parametrize("path", LISTS)
    async def test_bad_parameters(self, owner: Person, path: str) -> None:
        answer = await owner.get(f"/billing/{path}", params={"limit": 0})
        problem(answer, 422, "validation_failed")
        answer = await owner.get(f"/billing/{path}", params={"cursor": "x"})
        problem(answer, 422, "cursor_invalid")

    async def test_what_is_held_is_counted(self, database: Database, owner: Person) -> None:
        waiting = supply(owner)
        assert await issued(database, waiting, None) is None
        assert await credited(database, waiting, None, 10000) is None
        assert (await owner.get("/billing/invoices")).json()["held"] == 1
        assert (await owner.get("/billing/credit-notes")).json()["held"] == 1


class TestInvoice:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get(f"/api/v1/billing/invoices/{uuid4()}"), 401, "token_missing")

    async def test_a_stranger(self, database: Database, owner: Person, stranger: Person) -> None:
        invoice = await sold(database, owner)
        answer = await stranger.get(f"/billing/invoices/{invoice.id}")
        assert problem(answer, 404, "invoice_not_found")["detail"] == "Invoice not found"

    async def test_as_issued_with_its_credit_notes(self, database: Database, owner: Person) -> None:
        seller, bought = (
            own_series(),
            supply(owner, state="27", transaction_id="T1", payment_method="UPI"),
        )
        made = await issued(database, bought, seller, datetime(2026, 11, 26, 19, tzinfo=UTC))
        note = await credited(database, bought, seller, 10000)
        assert made
        assert note
        invoice = (await owner.get(f"/billing/invoices/{made.id}")).json()["invoice"]
        assert invoice == {
            **made.model_dump(mode="json"),
            "credit_notes": [
                {
                    "id": str(note.id),
                    "credit_note_number": note.credit_note_number,
                    "credit_note_date": str(note.credit_note_date),
                    "total_amount_paise": 10000,
                }
            ],
        }
        assert (invoice["invoice_date"], invoice["gst_type"]) == ("2026-11-27", "INTER")
        assert (invoice["subtotal_paise"], invoice["igst_paise"]) == (299900, 53982)
        assert invoice["buyer"]["state"] == "Maharashtra"

    async def test_malformed_id(self, owner: Person) -> None:
        problem(await owner.get("/billing/invoices/1"), 422, "validation_failed")


class TestCreditNote:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get(f"/api/v1/billing/credit-notes/{uuid4()}"), 401, "token_missing")

    async def test_a_stranger(self, database: Database, owner: Person, stranger: Person) -> None:
        note = await refunded(database, owner)
        problem(
            await stranger.get(f"/billing/credit-notes/{note.id}"), 404, "credit_note_not_found"
        )

    async def test_as_issued(self, database: Database, owner: Person) -> None:
        note = await refunded(database, owner)
        answer = await owner.get(f"/billing/credit-notes/{note.id}")
        assert answer.json() == {"credit_note": note.model_dump(mode="json")}


class TestPdf:
    @pytest.mark.parametrize("path", LISTS)
    async def test_anonymous(self, http: AsyncClient, path: str) -> None:
        answer = await http.get(f"/api/v1/billing/{path}/{uuid4()}/pdf")
        problem(answer, 401, "token_missing")

    async def test_a_stranger(self, database: Database, owner: Person, stranger: Person) -> None:
        note = await refunded(database, owner)
        answer = await stranger.get(f"/billing/invoices/{note.invoice_id}/pdf")
        problem(answer, 404, "invoice_not_found")
        answer = await stranger.get(f"/billing/credit-notes/{note.id}/pdf")
        problem(answer, 404, "credit_note_not_found")

    async def test_the_same_bytes_under_its_number(self, database: Database, owner: Person) -> None:
        note = await refunded(database, owner)
        for path, number in (
            (f"/billing/invoices/{note.invoice_id}/pdf", note.invoice_number),
            (f"/billing/credit-notes/{note.id}/pdf", note.credit_note_number),
        ):
            answer = await owner.get(path)
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "application/pdf"
            name = number.replace("/", "-") + ".pdf"
            assert answer.headers["content-disposition"] == f'inline; filename="{name}"'
            assert number in PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
            assert (await owner.get(path)).content == answer.content
