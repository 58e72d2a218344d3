"""Presentations, workbooks, CSV, HTML files and pictures: what is read, and what bombs cost."""

import io
import time
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from pptx.util import Inches

from backend.core.errors import AppError
from backend.services.documents import read_document


def deck() -> bytes:
    made = Presentation()
    for title in ("What we do", "What it costs"):
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "Books from photos\nFor bakeries in Pune"
        slide.notes_slide.notes_text_frame.text = "Wait for the laugh."
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(5), Inches(4), Inches(1)).table
    for at, text in {(0, 0): "Plan", (0, 1): "Price", (1, 0): "Solo", (1, 1): "Rs 500"}.items():
        table.cell(*at).text = text
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def book() -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "Prices"
    for row in (["Plan", "Price", "Discount"], ["Solo", 1500, 0.25], [None, None, None]):
        sheet.append(row)
    sheet["B2"].number_format, sheet["C2"].number_format = "₹#,##0", "0%"
    made.create_sheet("Staff").append(["Meera", 12])
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def picture(form: str, *lines: str) -> bytes:
    made = Image.new("RGB", (1000, 120 * len(lines) + 40), "white")
    draw, font = ImageDraw.Draw(made), ImageFont.load_default(44)
    for number, text in enumerate(lines):
        draw.text((40, 120 * number + 40), text, fill="black", font=font)
    file = io.BytesIO()
    made.save(file, form)
    return file.getvalue()


class TestRead:
    async def test_a_slide_is_a_page(self) -> None:
        read = await read_document("deck.pptx", deck())
        first, second = (
            read.text[start:end]
            for start, end in zip(read.page_starts, [*read.page_starts[1:], None], strict=True)
        )
        assert first.startswith("# What we do\n- Books from photos\n- For bakeries in Pune")
        assert "Wait for the laugh." in first
        assert "Plan | Price\nSolo | Rs 500" in second

    async def test_a_sheet_is_a_page_with_signs_and_percents(self) -> None:
        read = await read_document("book.xlsx", book())
        assert len(read.page_starts) == 2
        assert "Plan | Price | Discount\nSolo | ₹1,500 | 25%" in read.text
        assert read.text[read.page_starts[1] :] == "# Staff\n\nMeera | 12"

    @pytest.mark.parametrize("mark", [",", ";", "\t"])
    async def test_csv_whatever_it_separates_with(self, mark: str) -> None:
        rows = [["Plan", "Price"], ["Solo", "Rs 900"], ["Team", "Rs 1200"]]
        data = "\n".join(mark.join(row) for row in rows).encode()
        read = await read_document("prices.csv", data)
        assert (read.text.split("\n")[1], read.content_type) == ("Solo | Rs 900", "text/csv")

    async def test_an_html_file(self) -> None:
        page = "<!doctype html><nav>Home</nav><h1>Tea</h1><p>We sell tea at Rs 90.</p>"
        read = await read_document("tea.html", page.encode())
        assert (read.text, read.content_type) == ("# Tea\n\nWe sell tea at Rs 90.", "text/html")

    @pytest.mark.parametrize(
        ("form", "name"), [("PNG", "a.png"), ("JPEG", "a.jpg"), ("WEBP", "a.webp")]
    )
    async def test_a_picture(self, form: str, name: str) -> None:
        read = await read_document(name, picture(form, "Lantern Ledger", "212 businesses"))
        said = read.text.replace(" ", "")
        assert said == "LanternLedger\n212businesses"

    async def test_a_scan_page_by_page(self) -> None:
        """A PDF whose pages are pictures."""
        pages = [("Lantern Ledger", "212 businesses"), ("Solo costs Rs 1500",)]
        images = [Image.open(io.BytesIO(picture("PNG", *lines))) for lines in pages]
        file = io.BytesIO()
        images[0].save(file, "PDF", save_all=True, append_images=images[1:])
        read = await read_document("scan.pdf", file.getvalue())
        assert (read.content_type, read.ocr, len(read.page_starts)) == ("application/pdf", True, 2)
        assert "212" in read.text[: read.page_starts[1]]
        assert "1500" in read.text[read.page_starts[1] :]

    async def test_a_picture_without_text(self) -> None:
        with pytest.raises(AppError) as caught:
            await read_document("white.png", picture("PNG", ""))
        assert caught.value.code == "no_text"


def _png_of(side: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (side, side)).save(file, "PNG")
    return file.getvalue()


def _forged_png() -> bytes:
    """A small file that says it is 60,000 pixels wide."""
    data = bytearray(_png_of(10))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    return bytes(data)


def _zip_bomb(part: str, megabytes: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, b"<a>" + b" " * (megabytes * 1024 * 1024))
    return file.getvalue()


def _laughs(part: str) -> bytes:
    """Entities that unfold to a billion."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(deck())) as whole, zipfile.ZipFile(file, "w") as archive:
        for name in whole.namelist():
            data = whole.read(name)
            if name == part:
                data = f'<!DOCTYPE a [<!ENTITY l0 "ha">{levels}]><a>&l9;</a>'.encode()
            archive.writestr(name, data)
    return file.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "huge.png": lambda: _png_of(20_000),
    "forged.png": _forged_png,
    "bomb.pptx": lambda: _zip_bomb("ppt/presentation.xml", 60),
    "bomb.xlsx": lambda: _zip_bomb("xl/sharedStrings.xml", 60),
    "laughs.pptx": lambda: _laughs("ppt/slides/slide1.xml"),
}


class TestBombs:
    @pytest.mark.parametrize("name", BOMBS)
    async def test_refused_soon(self, name: str) -> None:
        data = BOMBS[name]()
        await read_document("warm.txt", b"warm")
        began = time.perf_counter()
        with pytest.raises(AppError) as caught:
            await read_document(name, data)
        assert caught.value.status in (413, 415, 422)
        assert time.perf_counter() - began < 2
