"""From a 40-page PDF, a 12-slide deck and 5 web pages to every step's result: seconds and memory.

`python -m benchmarks.onboarding`. The real readers read, and each skill is asked once, in order,
as the worker asks it; there is no database in between. The company and all its figures are made up here.
"""

import asyncio
import io
import resource
import sys
import time
from typing import Any
from uuid import uuid4

from pptx import Presentation
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from backend.domain import onboarding_steps
from backend.domain.facts import Evidence
from backend.services.documents import read_document, read_web_page
from backend.services.documents.processes import pool
from backend.skills.offline import COMPOSERS

TOWNS = ("Pune", "Nashik", "Satara", "Kolhapur", "Sangli", "Solapur", "Nagpur", "Latur")
TRADES = ("bakeries", "dental clinics", "hardware shops", "pharmacies", "tiffin kitchens")


def _page(number: int) -> list[str]:
    town, trade = TOWNS[number % len(TOWNS)], TRADES[number % len(TRADES)]
    return [
        f"Chapter {number + 1}: {trade.capitalize()} in {town}",
        f"Lantern Ledger keeps the books of independent {trade} in {town}.",
        f"Owners of {trade} lose {2 + number % 5} hours every week because invoices arrive on paper.",
        f"They start looking after the tax office sends a notice, or before the filing season in {town}.",
        f'"I found out in March that month {number % 12 + 1} was in the red," says an owner in {town}.',
        f'"Why should I pay again when Tally already does this?" ask many {trade}.',
        f"The plan for {trade} in {town} costs Rs {900 + 50 * number} a month, for up to {2 + number} users.",
        f"Unlike spreadsheets, every invoice is read from a photo in under {10 + number % 7} seconds.",
        f"{120 + 3 * number} {trade} in {town} closed their books with us in 2025.",
        f"We do not file tax returns for {trade} outside {town}.",
        f"Most {trade} in {town} come to us by referral and on WhatsApp.",
    ]


def _pdf(pages: int) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for number in range(pages):
        for at, text in enumerate(_page(number)):
            canvas.setFont("Helvetica", 18 if at == 0 else 10)
            canvas.drawString(50, 780 - 34 * at, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _deck(slides: int) -> bytes:
    made = Presentation()
    for number in range(slides):
        title, *points = _page(number + 3)
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "\n".join(points[:5])
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def _site(number: int) -> bytes:
    title, *lines = _page(number + 7)
    body = "".join(f"<p>{line}</p>" for line in lines)
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>".encode()


async def _read() -> list[Evidence]:
    pdf = await read_document("book.pdf", _pdf(40))
    deck = await read_document("deck.pptx", _deck(12))
    pages = [await read_web_page(_site(n)) for n in range(5)]
    found = [
        Evidence(id=uuid4(), name="book.pdf", text=pdf.text, page_starts=pdf.page_starts),
        Evidence(id=uuid4(), name="deck.pptx", text=deck.text, page_starts=deck.page_starts),
    ]
    return found + [Evidence(id=uuid4(), name=page.title, text=page.text) for page in pages]


def _compose(evidence: list[dict[str, Any]]) -> dict[str, Any]:
    """Every step with a skill, in order; returns what each gave."""
    given: dict[str, Any] = {"2": COMPOSERS["fact_extraction"]({"evidence": evidence})}
    base = {"facts": given["2"]["facts"], "evidence": evidence}
    company: dict[str, Any] = {}
    for number, step in onboarding_steps.STEPS.items():
        if not step.skill or number == 2:
            continue
        inputs: dict[str, Any] = {**base, "company": company, "known": given, "inputs": {}}
        match number:
            case 5:
                inputs = base
            case 13:
                inputs = {**base, "company": company}
            case 15:
                inputs = {**base, "company": company, "positioning": given["13"], "limit": 3}
            case 23:
                icps = given["15"]["icps"]
                inputs = {**base, "company": company, "positioning": given["13"], "icps": icps}
        began = time.perf_counter()
        out = COMPOSERS[step.skill](inputs)
        given[str(number)] = onboarding_steps.plain(out, number)
        print(f"{number:>4} {step.title:<24}{time.perf_counter() - began:8.2f} s")
        if number == 5:
            company = {k: v for k, v in given["5"].items() if v and k not in ("missing", "sources")}
    return given


def main() -> int:
    began = time.perf_counter()
    evidence = [item.model_dump(mode="json") for item in asyncio.run(_read())]
    read = time.perf_counter()
    given = _compose(evidence)
    ended = time.perf_counter()
    pool.close()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    readers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"reading {read - began:.1f} s, composing {ended - read:.1f} s")
    print(
        f"{len(given['2']['facts'])} facts, {sum(len(e['text'].split()) for e in evidence)} words"
    )
    print(f"peak memory: {own:.0f} MB here, {readers:.0f} MB in the largest reader")
    return 0 if ended - read < 60 and own + readers < 1500 else 1


if __name__ == "__main__":
    sys.exit(main())
