"""Documents made on the fly: what founders bring, and what attackers do."""

import functools
import io
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

from docx import Document
from reportlab.lib import colors, pagesizes, pdfencrypt
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    SimpleDocTemplate,
    Table,
)

BODY = getSampleStyleSheet()["BodyText"]
SENTENCE = (
    "We repair coffee machines in offices. A technician arrives within four hours and carries the usual "
    "parts. Customers pay Rs 18,000 a year for each machine and never see another bill."
)
PLANS = [["Plan", "Price", "Visits"], ["Basic", "Rs 9,000", "2"], ["Plus", "Rs 18,000", "6"]]


# --- PDF ----------------------------------------------------------------------------------------------


def pdf(pages: int = 3, *, password: str | None = None, owner: str | None = None) -> bytes:
    """Each page: a heading, paragraphs, a ruled table, a last line."""
    lock = (
        pdfencrypt.StandardEncryption(password or "", owner, canCopy=0)
        if password or owner
        else None
    )
    story: list[Any] = []
    for number in range(1, pages + 1):
        table = Table(PLANS)
        table.setStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
        story += [Paragraph(f"Chapter {number}", getSampleStyleSheet()["Heading1"])]
        story += [Paragraph(SENTENCE, BODY)] * 12
        story += [table, Paragraph(f"End of chapter {number}.", BODY), PageBreak()]
    file = io.BytesIO()
    SimpleDocTemplate(file, pagesize=pagesizes.A4, encrypt=lock).build(story)
    return file.getvalue()


def two_column_pdf() -> bytes:
    """A title over two columns of running text; the paragraphs are numbered in reading order."""
    width, height = pagesizes.A4
    frames = [Frame(x, 50, 240, height - 160) for x in (50, 310)]

    def title(canvas: Canvas, _document: object) -> None:
        canvas.setFont("Helvetica-Bold", 20)
        canvas.drawString(50, height - 70, "Coffee machines that never stop working")

    file = io.BytesIO()
    template = BaseDocTemplate(file, pagesize=(width, height))
    template.addPageTemplates(PageTemplate(frames=frames, onPage=title))
    template.build([Paragraph(f"Part {number}. {SENTENCE}", BODY) for number in range(14)])
    return file.getvalue()


def drawn_pdf(
    rows: Sequence[Sequence[str]] = (), cards: Sequence[Sequence[str]] = (), sideways: str = ""
) -> bytes:
    """Rows set by hand without rules, cards in frames side by side, text that runs up the page."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=pagesizes.A4)
    for at, row in enumerate(rows):
        for x, cell in zip((72, 220, 400), row, strict=False):
            canvas.drawString(x, 760 - 20 * at, cell)
    for x, card in zip((60, 230, 400), cards, strict=False):
        canvas.rect(x, 400, 150, 120)
        for at, line in enumerate(card):
            canvas.drawString(x + 10, 500 - 20 * at, line)
    if sideways:
        canvas.rotate(90)
        canvas.drawString(100, -30, sideways)
    canvas.save()
    return file.getvalue()


def scanned_pdf() -> bytes:
    """A page with a picture and no letter."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=pagesizes.A4)
    canvas.rect(50, 50, 400, 600, fill=1)
    canvas.save()
    return file.getvalue()


def raw_pdf(
    content: bytes, *, deflated: bool = False, pages: int = 1, page_extra: bytes = b""
) -> bytes:
    """Pages that share one content stream, written by hand. `deflated`: the content is compressed already."""
    kids = b" ".join(b"%d 0 R" % (10 + at) for at in range(pages))
    encoding = b" /Filter /FlateDecode" if deflated else b""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        4: b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(content), encoding, content),
    }
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 3 0 R >> >> %s >>" % page_extra
    )
    objects |= {10 + at: page for at in range(pages)}
    out = bytearray(b"%PDF-1.4\n")
    index = bytearray()
    for number, body in objects.items():
        index += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = 10 + pages
    end = b"xref\n%strailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF"
    return bytes(out) + end % (index, size, len(out))


@functools.cache
def pdf_stream_bomb(megabytes: int = 150) -> bytes:
    """A page whose content unpacks to more than a reader may hold: spaces."""
    packer = zlib.compressobj(9)
    block = b" " * (1024 * 1024)
    packed = b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()
    return raw_pdf(packed, deflated=True)


@functools.cache
def pdf_drawing_bomb(lines: int = 200_000) -> bytes:
    """A page of ruled lines, each crossing many others: poison for table finders."""
    drawn = b"\n".join(b"%d 0 m %d 800 l S" % (at % 595, (at * 7) % 595) for at in range(lines))
    return raw_pdf(zlib.compress(drawn), deflated=True)


def pdf_text_bomb(pages: int = 200) -> bytes:
    """Many pages that share one stream of overprinted words."""
    words = b"BT /F1 9 Tf " + b"".join(
        b"1 0 0 1 %d %d Tm (word) Tj " % (at % 500, (at * 13) % 800) for at in range(40_000)
    )
    return raw_pdf(zlib.compress(words + b"ET"), deflated=True, pages=pages)


def pdf_deep_bomb(depth: int = 200_000) -> bytes:
    """Arrays within arrays."""
    return raw_pdf(b"BT " + b"[" * depth + b"]" * depth + b" TJ ET")


# --- Word ---------------------------------------------------------------------------------------------


def docx(
    paragraphs: Sequence[tuple[str, str | None]] = (), rows: Sequence[Sequence[str]] = ()
) -> bytes:
    """Paragraphs as (text, style), then a table."""
    document = Document()
    for text, style in paragraphs:
        document.add_paragraph(text, style=style)
    if rows:
        table = document.add_table(rows=len(rows), cols=len(rows[0]))
        for cells, row in zip(table.rows, rows, strict=True):
            for cell, text in zip(cells.cells, row, strict=True):
                cell.text = text
    return _saved(document)


def docx_with_body(xml: str) -> bytes:
    """A document whose body is this WordprocessingML (prefix `w`)."""
    from docx.oxml import parse_xml

    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = Document()
    for element in parse_xml(f'<w:body xmlns:w="{namespace}">{xml}</w:body>'):
        document.element.body.insert(0, element)
    return _saved(document)


def docx_with_part(name: str, content: bytes) -> bytes:
    """An ordinary document with one part replaced or added."""
    source = zipfile.ZipFile(io.BytesIO(docx([("Tea for offices.", None)])))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            if part != name:
                target.writestr(part, source.read(part))
        target.writestr(name, content)
    return file.getvalue()


def docx_media_bomb(megabytes: int = 60) -> bytes:
    """A picture that unpacks to a thousand times its size."""
    source = zipfile.ZipFile(io.BytesIO(docx([("Tea for offices.", None)])))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            target.writestr(part, source.read(part))
        with target.open("word/media/image1.png", "w", force_zip64=True) as picture:
            for _ in range(megabytes):
                picture.write(bytes(1024 * 1024))
    return file.getvalue()


def docx_forged_sizes(megabytes: int = 30) -> bytes:
    """A document part that unpacks to far more than both of its headers say."""
    real = megabytes * 1024 * 1024
    data = docx_with_part("word/document.xml", b"<a>" + b" " * real + b"</a>")
    return data.replace((real + 7).to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def docx_entity_bomb(*, in_attribute: bool = False) -> bytes:
    """Entities of entities: ten to the tenth."""
    levels = "".join(f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' for at in range(1, 11))
    use = '<w:p w:x="&e10;"/>' if in_attribute else "<w:p><w:r><w:t>&e10;</w:t></w:r></w:p>"
    return docx_with_part(
        "word/document.xml",
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "lol">{levels}]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{use}</w:body></w:document>".encode(),
    )


def docx_reading_files() -> bytes:
    """An entity that names a file of the server."""
    return docx_with_part(
        "word/document.xml",
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        b"<w:body><w:p><w:r><w:t>Tea &f; tea</w:t></w:r></w:p></w:body></w:document>",
    )


def docx_wide_bomb(paragraphs: int = 150_000) -> bytes:
    """A real tree, only far too large."""
    one = b"<w:p><w:r><w:t/></w:r></w:p>"
    return docx_with_part(
        "word/document.xml",
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        b"<w:body>" + one * paragraphs + b"</w:body></w:document>",
    )


def _saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


# --- others -------------------------------------------------------------------------------------------


def zip_of(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def zip_within_zips(depth: int = 5) -> bytes:
    """Ten copies of itself on each level."""
    data = bytes(1024 * 1024)
    for _ in range(depth):
        data = zip_of(**{f"part{at}.zip": data for at in range(10)})
    return data


def many_entries_zip(entries: int = 8_000) -> bytes:
    """A directory of empty entries, dressed as Office."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("word/document.xml", b"<a/>")
        for at in range(entries):
            archive.writestr(f"w{at}", b"")
    return file.getvalue()


PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    + bytes(64)
)
OLD_DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
ENCRYPTED_DOCX = OLD_DOC + "EncryptedPackage".encode("utf-16-le") + bytes(100)
JUNK = bytes((at * 167 + 13) % 256 for at in range(4096))
