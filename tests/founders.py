"""Founders in their onboarding, and the documents they bring."""

import io
from dataclasses import dataclass
from typing import Any

import docx
from httpx import Response
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from backend.domain import onboarding_steps
from tests.people import Person

STEPS = tuple(onboarding_steps.STEPS)

COMPANY = """# Lantern Ledger

Lantern Ledger is bookkeeping software for independent bakeries and small dental clinics in Pune. 🏮

## Bakeries

Independent bakeries lose hours every week because flour invoices arrive on paper.
Bakery owners start looking after the tax office sends a notice.
"I found out in March that January was in the red," says the owner of a bakery in Kothrud.
Bakeries pay Rs 900 a month.

## Dental clinics

Dental clinics cannot tell which treatment earns money, because insurers pay months later.
Clinic managers ask us about it when an insurer changes its rates.
Dental clinics pay Rs 2,400 a month for up to 3 chairs.

## Why us

- Unlike spreadsheets, every invoice is read from a photo in under 10 seconds.
- 212 businesses closed their books with us in 2025.
"""
PLAIN = "Hopscotch Films makes wedding films in Nagpur. A one-day film costs Rs 45,000."
PAGES = (
    ["Tidewater Tiles supplies bathroom tiles to builders in Goa.", "A sample box costs Rs 600."],
    ["Tidewater Tiles delivered 318 bathrooms in 2025.", "The minimum order is 20 boxes."],
)
WORD = ["Juniper Yoga teaches yoga to office workers in Baner.", "A class costs Rs 350."]


def pdf() -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for lines in PAGES:
        for at, line in enumerate(lines):
            canvas.drawString(72, 760 - 30 * at, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def word() -> bytes:
    file = io.BytesIO()
    document = docx.Document()
    document.add_heading("Juniper Yoga", 1)
    for line in WORD:
        document.add_paragraph(line)
    document.save(file)
    return file.getvalue()


FILES = {
    "company.md": (COMPANY.encode(), "text/markdown"),
    "films.txt": (PLAIN.encode(), "text/plain"),
    "tiles.pdf": (pdf(), "application/pdf"),
    "yoga.docx": (
        word(),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
}


@dataclass
class Founder:
    """Somebody in their onboarding; every call that should succeed does, or the test ends there."""

    person: Person
    session_id: str

    @property
    def path(self) -> str:
        return f"/onboarding/{self.session_id}"

    async def session(self) -> dict[str, Any]:
        return part(await self.person.get("/onboarding/session"), "session")

    async def upload(self, name: str, data: bytes) -> Response:
        return await self.person.post(f"{self.path}/vault/upload", files={"file": (name, data)})

    async def bring(self, name: str, data: bytes) -> dict[str, Any]:
        return part(await self.upload(name, data), "evidence")

    async def vault(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.person.get(f"{self.path}/vault")).json()[
            "evidence"
        ]
        return found

    async def text(self, evidence_id: str) -> str:
        answer = await self.person.get(f"{self.path}/vault/{evidence_id}")
        return str(part(answer, "evidence")["text"])

    async def run(self, step: int, **inputs: Any) -> Response:
        return await self.person.post(f"{self.path}/steps/{step}/run", json=inputs)

    async def ran(self, *steps: int) -> dict[str, Any]:
        """What the last of these steps gave."""
        for step in steps:
            answer = await self.run(step)
            assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    async def states(self) -> dict[int, str]:
        return {step["step"]: step["status"] for step in (await self.session())["steps"]}

    def unfinished(self) -> int:
        """How many of their runs are under way."""
        with self.person.sql() as sql:
            row = sql.execute(
                "select count(*) from public.agent_executions where workspace_id = %s"
                " and status in ('queued', 'running')",
                (self.person.workspace_id,),
            ).fetchone()
        assert row is not None
        return int(row[0])

    def close(self) -> None:
        """As if the onboarding were completed."""
        with self.person.sql() as sql:
            sql.execute(
                "update public.onboarding_sessions set status = 'completed' where id = %s",
                (self.session_id,),
            )

    def count(self, table: str) -> int:
        with self.person.sql() as sql:
            row = sql.execute(
                f"select count(*) from {table} where workspace_id = %s".encode(),
                (self.person.workspace_id,),
            ).fetchone()
        assert row is not None
        return int(row[0])


def part(answer: Response, name: str, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    part: dict[str, Any] = answer.json()[name]
    return part


async def at_the_start(person: Person) -> Founder:
    session = part(await person.get("/onboarding/session"), "session")
    return Founder(person, session["id"])
