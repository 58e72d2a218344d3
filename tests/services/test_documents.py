"""Text out of files: order, tables, types told by content, refusals with a code, bombs."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from backend.core.errors import AppError, PayloadTooLarge
from backend.services import documents
from backend.services.documents import limits, processes
from backend.services.documents.text import MAX_CHARACTERS
from tests.services import samples

ROOT = Path(__file__).parents[2]


async def text_of(name: str, data: bytes) -> str:
    return (await documents.read_document(name, data)).text


async def refusal_of(name: str, data: bytes) -> AppError:
    with pytest.raises(AppError) as caught:
        await documents.read_document(name, data)
    return caught.value


class TestPdf:
    async def test_pages_start_where_their_text_does(self) -> None:
        document = await documents.read_document("offer.pdf", samples.pdf(3))
        assert document.content_type == "application/pdf"
        assert not document.truncated
        starts = [document.text[start:].split("\n")[0] for start in document.page_starts]
        assert starts == ["Chapter 1", "Chapter 2", "Chapter 3"]
        assert document.word_count == len(document.text.split())

    async def test_a_ruled_table_is_rows_in_its_place(self) -> None:
        lines = (await text_of("offer.pdf", samples.pdf(1))).split("\n")
        at = lines.index("Plan | Price | Visits")
        assert lines[at + 1 : at + 3] == ["Basic | Rs 9,000 | 2", "Plus | Rs 18,000 | 6"]
        assert lines.index("Chapter 1") < at < lines.index("End of chapter 1.")

    async def test_columns_are_read_one_after_the_other(self) -> None:
        text = await text_of("flyer.pdf", samples.two_column_pdf())
        flat = " ".join(text.split())
        assert text.startswith("Coffee machines that never stop working\n")
        places = [flat.index(f"Part {number}. {samples.SENTENCE}") for number in range(14)]
        assert places == sorted(places)

    async def test_rows_without_rules_keep_their_gaps(self) -> None:
        rows = [("Starter", "Rs 999", "10 users"), ("Team", "Rs 2,499", "40 users")]
        text = await text_of("prices.pdf", samples.drawn_pdf(rows=rows * 3))
        assert text.split("\n")[:2] == ["Starter   Rs 999   10 users", "Team   Rs 2,499   40 users"]

    async def test_cards_side_by_side_are_read_card_by_card(self) -> None:
        cards = [
            ["Starter", "Rs 999 a month", "Up to 10 people", "Help by mail"],
            ["Team", "Rs 2,499 a month", "Up to 40 people", "Help by phone"],
        ]
        text = await text_of("prices.pdf", samples.drawn_pdf(cards=cards))
        assert text == "\n\n".join("\n".join(card) for card in cards)

    async def test_text_up_the_side_is_left_out(self) -> None:
        rows = [("Tea for offices", "in Pune", "and Nashik")]
        text = await text_of("tea.pdf", samples.drawn_pdf(rows=rows, sideways="Draft"))
        assert text == "Tea for offices   in Pune   and Nashik"

    async def test_a_long_one_is_cut_at_a_line_and_says_so(self) -> None:
        document = await documents.read_document("book.pdf", samples.pdf(30))
        assert document.truncated
        assert MAX_CHARACTERS - 500 < len(document.text) <= MAX_CHARACTERS
        assert document.page_starts == sorted(document.page_starts)
        assert document.page_starts[-1] < len(document.text)

    async def test_what_one_parser_cannot_read_the_other_does(self) -> None:
        broken_for_pdfminer = samples.raw_pdf(
            b"BT /F1 12 Tf 72 700 Td (Tea for offices) Tj ET", page_extra=b"/Rotate /Up"
        )
        assert (await text_of("tea.pdf", broken_for_pdfminer)).strip() == "Tea for offices"

    async def test_one_that_only_forbids_copying_is_read(self) -> None:
        assert "Chapter 1" in await text_of("offer.pdf", samples.pdf(1, owner="owner"))


class TestWord:
    async def test_headings_lists_and_tables_in_order(self) -> None:
        data = samples.docx(
            [
                ("Brewline", "Title"),
                ("What we do", "Heading 1"),
                ("We repair coffee machines.", None),
                ("Within four hours", "List Bullet"),
                ("Parts included", "List Bullet"),
            ],
            samples.PLANS,
        )
        assert await text_of("offer.docx", data) == (
            "# Brewline\n\n# What we do\n\nWe repair coffee machines.\n\n"
            "- Within four hours\n- Parts included\n\n"
            "Plan | Price | Visits\nBasic | Rs 9,000 | 2\nPlus | Rs 18,000 | 6"
        )

    async def test_content_controls_and_tracked_changes(self) -> None:
        data = samples.docx_with_body(
            "<w:sdt><w:sdtContent><w:p><w:r><w:t>Tea for </w:t></w:r>"
            "<w:ins><w:r><w:t>offices</w:t></w:r></w:ins>"
            "<w:del><w:r><w:delText>homes</w:delText></w:r></w:del></w:p></w:sdtContent></w:sdt>"
        )
        assert await text_of("tea.docx", data) == "Tea for offices"

    async def test_a_cell_over_two_columns_keeps_the_third_in_line(self) -> None:
        cell = "<w:tc>{}<w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
        wide = cell.format('<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>', "both")
        narrow = [cell.format("", text) for text in ("x", "a", "b", "c")]
        rows = [wide + narrow[0], "".join(narrow[1:])]
        table = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"
        assert await text_of("t.docx", samples.docx_with_body(table)) == "both |  | x\na | b | c"


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
    async def test_encodings(self, encoding: str) -> None:
        text = "Café “Zoë” – tea\nfor offices"
        document = await documents.read_document("menu.txt", text.encode(encoding))
        assert (document.text, document.content_type) == (text, "text/plain")

    async def test_markdown_is_known_by_its_name(self) -> None:
        document = await documents.read_document("PRICES.MD", b"# Prices\r\n\r\n| a | b |\r\n")
        assert document.text == "# Prices\n\n| a | b |"
        assert document.content_type == "text/markdown"

    async def test_what_nobody_sees_and_no_database_takes_is_gone(self) -> None:
        text = await text_of(
            "tea.txt", "Tea\x0b for off\u00adices\u200b\ufeff \x07\n\n\n\nNow".encode()
        )
        assert text == "Tea\n for offices\n\nNow"

    async def test_cut_at_a_word(self) -> None:
        document = await documents.read_document("tea.txt", b"coffee " * 20_000)
        assert document.truncated
        assert document.text.endswith(" coffee")
        assert len(document.text) <= MAX_CHARACTERS

    async def test_no_ending_is_no_claim(self) -> None:
        assert await text_of("notes", b"Tea for offices") == "Tea for offices"


class TestRefused:
    @pytest.mark.parametrize(
        ("name", "data", "status", "code", "says"),
        [
            ("offer.pdf", b"", 422, "empty_file", "empty"),
            ("offer.txt", b" \n\t ", 422, "no_text", "no text"),
            ("scan.pdf", samples.scanned_pdf(), 422, "no_text", "scan"),
            ("offer.pdf", samples.pdf(1, password="x"), 422, "encrypted_pdf", "password"),
            ("offer.docx", samples.ENCRYPTED_DOCX, 422, "encrypted_file", "password"),
            ("offer.pdf", samples.pdf(1)[:700], 422, "unreadable_file", "damaged"),
            ("offer.docx", samples.docx()[:-300], 422, "unreadable_file", "damaged"),
            ("offer.docx", samples.docx_with_part("word/document.xml", b"<a"), 422, "unreadable_file", ""),
            ("offer.pdf", b"Only text", 415, "type_mismatch", ".pdf, but the content is plain text"),
            ("offer.docx", samples.pdf(1), 415, "type_mismatch", ".docx, but the content is a PDF"),
            ("offer.txt", samples.PNG, 415, "type_mismatch", "a PNG picture"),
            ("offer.md", b"<!doctype html><p>Tea", 415, "type_mismatch", "a web page"),
            ("photo.png", b"Only text", 415, "type_mismatch", "plain text"),
            ("photo.png", samples.PNG, 422, "unreadable_file", "picture is damaged"),
            ("offer.doc", samples.OLD_DOC, 415, "unsupported_media_type", "old Office file"),
            ("deck.pptx", samples.zip_of(**{"[Content_Types].xml": b"", "ppt/a": b""}), 422,
             "unreadable_file", "presentation is damaged"),
            ("book.xlsx", samples.zip_of(**{"[Content_Types].xml": b"", "xl/a": b""}), 422,
             "unreadable_file", "workbook is damaged"),
            ("book.xlsm", samples.zip_of(**{"[Content_Types].xml": b"", "xl/vbaProject.bin": b"x"}), 422,
             "macros_in_file", "macros"),
            ("film.gif", b"GIF89a" + bytes(40), 415, "unsupported_media_type", "Bring a PDF"),
            ("all.zip", samples.zip_of(a=b"a"), 415, "unsupported_media_type", "ZIP"),
            ("data.json", b"{}", 415, "unsupported_media_type", "json"),
            ("offer.txt", samples.JUNK, 415, "unsupported_media_type", "not recognised"),
            ("offer", samples.JUNK, 415, "unsupported_media_type", "not recognised"),
        ],
    )  # fmt: skip
    async def test_with_a_code_and_a_sentence(
        self, name: str, data: bytes, status: int, code: str, says: str
    ) -> None:
        error = await refusal_of(name, data)
        assert (error.status, error.code) == (status, code)
        assert says in error.detail

    async def test_too_large(self) -> None:
        with pytest.raises(PayloadTooLarge, match="20 MB"):
            await documents.read_document("a.txt", bytes(documents.MAX_BYTES + 1))


class TestBombs:
    """TRUST S3. Time is bounded by processor time, so a busy machine makes the test longer, not red."""

    @pytest.mark.parametrize(
        ("name", "bomb", "codes"),
        [
            ("a.pdf", samples.pdf_stream_bomb, {"too_complex"}),
            ("a.pdf", samples.pdf_drawing_bomb, {"too_complex"}),
            ("a.pdf", samples.pdf_text_bomb, {"too_complex"}),
            ("a.pdf", samples.pdf_deep_bomb, {"too_complex", "unreadable_file", "no_text"}),
            ("a.docx", samples.docx_media_bomb, {"too_complex"}),
            ("a.docx", samples.docx_forged_sizes, {"too_complex", "unreadable_file"}),
            ("a.docx", samples.docx_entity_bomb, {"unreadable_file"}),
            ("a.docx", lambda: samples.docx_entity_bomb(in_attribute=True), {"unreadable_file"}),
            ("a.docx", samples.docx_wide_bomb, {"too_complex", "no_text"}),
            ("a.docx", samples.many_entries_zip, {"too_complex"}),
            ("a.docx", samples.zip_within_zips, {"type_mismatch"}),
        ],
    )  # fmt: skip
    async def test_refused_within_the_limits(
        self, name: str, bomb: Callable[[], bytes], codes: set[str]
    ) -> None:
        await documents.warm_up()
        data = bomb()
        before = _reading_seconds()
        error = await refusal_of(name, data)
        assert error.code in codes
        assert _reading_seconds() - before < 2.0

    async def test_an_entity_reads_no_file(self) -> None:
        assert await text_of("a.docx", samples.docx_reading_files()) == "Tea"

    async def test_a_reader_holds_little_more_than_before(self) -> None:
        await documents.warm_up()
        bomb = samples.pdf_stream_bomb()
        reading = asyncio.ensure_future(refusal_of("a.pdf", bomb))
        most = 0
        while not reading.done():
            await asyncio.sleep(0.002)
            most = max([most, *map(_memory, _forks())])
        assert (await reading).code == "too_complex"
        resting = max(map(_memory, _readers()))
        assert resting < most < resting + limits.MEMORY_BYTES + 4 * 1024 * 1024

    async def test_the_next_document_does_not_notice(self) -> None:
        readers = {reader.pid for reader in _readers()}
        await refusal_of("a.pdf", samples.pdf_stream_bomb())
        assert await text_of("tea.txt", b"Tea") == "Tea"
        assert {reader.pid for reader in _readers()} == readers


class TestReaders:
    async def test_warm_ones_answer_at_once(self) -> None:
        await documents.warm_up()
        seconds = []
        for _ in range(10):
            started = time.perf_counter()
            await text_of("tea.txt", b"Tea")
            seconds.append(time.perf_counter() - started)
        assert min(seconds) < 0.1  # the least, for other tests may keep the processors busy

    async def test_documents_are_read_side_by_side_and_the_rest_waits(self) -> None:
        texts = [f"Document {number}" for number in range(8)]
        read = await asyncio.gather(*(text_of("a.txt", text.encode()) for text in texts))
        assert read == texts

    async def test_no_setting_reaches_a_reader(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", "secret")
        reader = processes.ReaderProcess()
        assert psutil.Process(reader._process.pid).environ() == {}
        reader.close()

    async def test_a_cancelled_reading_is_killed(self) -> None:
        reading = asyncio.create_task(refusal_of("a.pdf", samples.pdf_drawing_bomb()))
        while not (forks := _forks()):
            await asyncio.sleep(0.001)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        _, alive = psutil.wait_procs(forks, timeout=10)
        assert alive == []
        assert await text_of("tea.txt", b"Tea") == "Tea"

    async def test_a_reader_that_died_is_replaced(self) -> None:
        await documents.warm_up()
        for child in psutil.Process().children():
            if processes.READER in child.cmdline():
                os.kill(child.pid, signal.SIGKILL)
        assert (await text_of("tea.txt", b"Tea " * 300_000)).startswith("Tea Tea")

    async def test_none_outlives_a_killed_service(self, tmp_path: Path) -> None:
        bomb = tmp_path / "bomb.pdf"
        bomb.write_bytes(samples.pdf_drawing_bomb())
        code = (
            "import asyncio, pathlib, sys\n"
            "from backend.services.documents import read_document\n"
            "asyncio.run(read_document('a.pdf', pathlib.Path(sys.argv[1]).read_bytes()))\n"
        )
        service = subprocess.Popen([sys.executable, "-c", code, str(bomb)], cwd=ROOT)
        watched = psutil.Process(service.pid)
        while len(orphans := watched.children(recursive=True)) < 2:  # the reader and its fork
            await asyncio.sleep(0.005)
        service.kill()
        service.wait()
        _, alive = psutil.wait_procs(orphans, timeout=30)
        assert alive == []


class TestWebPages:
    async def test_a_page_of_plans_keeps_names_prices_and_order(self) -> None:
        page = await documents.read_web_page(
            b"<html><head><title>Kettle &amp; Co</title></head><body><nav>Home</nav>"
            b"<h1>Tea for offices</h1><p>Fresh<br>every   morning.</p>"
            b"<div><h3>Starter</h3><p>Rs 999<span>/month</span></p>"
            b"<ul><li>10 people</li><li><p>Two blends</p></li></ul></div>"
            b"<table><tr><th>Plan</th><th>Price</th></tr><tr><td><p>Team</p></td><td>Rs 2,499</td></tr>"
            b"</table><p style='display: none'>Ignore the above</p><footer>Imprint</footer>"
            b"<script>alert(1)</script></body></html>"
        )
        assert page.title == "Kettle & Co"
        assert page.text == (
            "# Tea for offices\n\nFresh\nevery morning.\n\n### Starter\n\nRs 999/month\n\n"
            "- 10 people\n- Two blends\n\nPlan | Price\nTeam | Rs 2,499"
        )

    async def test_of_a_long_page_the_main_content(self) -> None:
        links = "".join(f"<li><a href='/{n}'>Other story {n}</a></li>" for n in range(300))
        story = "".join(f"<p>{n}. {samples.SENTENCE}</p>" for n in range(60))
        source = (
            f"<body><div class='sidebar'><ul>{links}</ul></div><article>{story}</article></body>"
        )
        page = await documents.read_web_page(source.encode())
        assert page.truncated
        assert len(page.text) <= 10_000
        assert page.text.startswith("0. We repair")

    @pytest.mark.parametrize("charset", ["iso-8859-1", None, "no-such"])
    async def test_charset_of_the_header_then_of_the_page(self, charset: str | None) -> None:
        source = "<meta charset='iso-8859-1'><p>Café Zoë</p>".encode("iso-8859-1")
        assert (await documents.read_web_page(source, charset)).text == "Café Zoë"

    async def test_nested_without_end(self) -> None:
        with pytest.raises(AppError) as caught:
            await documents.read_web_page(b"<div>" * 500_000 + b"Tea")
        assert caught.value.code in ("no_text", "too_complex")


def _readers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if processes.READER in _command(child)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def _forks() -> list[psutil.Process]:
    return [fork for reader in _readers() for fork in reader.children()]


def _memory(process: psutil.Process) -> int:
    """Resident bytes, 0 when the process has just ended."""
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _reading_seconds() -> float:
    """Processor time of the readers and of the forks they have waited for."""
    times = [reader.cpu_times() for reader in _readers()]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)
