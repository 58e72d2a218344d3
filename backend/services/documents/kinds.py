"""What a file is, by its content; what its name claims; and the refusal when the two differ."""

import io
import mimetypes
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

import puremagic

from backend.core.errors import UnsupportedMedia
from backend.services.documents.refusals import encrypted, unreadable
from backend.services.documents.text import decode

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
OLE = "application/x-ole-storage"
TEXT = "text/plain"
MARKDOWN = "text/markdown"
HTML = "text/html"
CSV = "text/csv"
PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"
PICTURES = frozenset({PNG, JPEG, WEBP})
NAMED = frozenset({MARKDOWN, CSV, HTML})
"""Kinds of text that differ from plain text by name alone."""
SUPPORTED = frozenset({PDF, DOCX, PPTX, XLSX, TEXT, *NAMED, *PICTURES})

LABELS = {
    PDF: "a PDF",
    DOCX: "a Word document",
    PPTX: "a PowerPoint presentation",
    XLSX: "an Excel workbook",
    ZIP: "a ZIP archive",
    OLE: "an old Office file (.doc, .xls, .ppt)",
    TEXT: "plain text",
    MARKDOWN: "Markdown text",
    HTML: "a web page",
    CSV: "a CSV file",
    PNG: "a PNG picture",
    JPEG: "a JPEG picture",
    WEBP: "a WebP picture",
}
BRING = (
    "Bring a PDF, a Word, PowerPoint or Excel file (.docx, .pptx, .xlsx), a CSV, text, Markdown or "
    "HTML file, or a picture (PNG, JPEG, WebP)."
)

_HEAD = 64 * 1024
_OFFICE_FOLDERS = {"word/": DOCX, "ppt/": PPTX, "xl/": XLSX}
_PICTURE_MAGIC = {b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PAGE_STARTS = ("<!doctype html", "<html")

_names = mimetypes.MimeTypes(filenames=())
for _type, _extension in [(DOCX, ".docx"), (PPTX, ".pptx"), (XLSX, ".xlsx"), (OLE, ".doc")]:
    _names.add_type(_type, _extension)
for _type, _extension in [(DOCX, ".docm"), (PPTX, ".pptm"), (XLSX, ".xlsm"), (WEBP, ".webp")]:
    _names.add_type(_type, _extension)
for _extension in (".md", ".markdown"):
    _names.add_type(MARKDOWN, _extension)
_names.add_type(CSV, ".csv")


@dataclass(frozen=True, slots=True)
class Found:
    """The content's own type. `label` is how a sentence calls it."""

    content_type: str
    label: str


def content_type_of(name: str, data: bytes) -> str:
    """One of SUPPORTED. Markdown and plain text differ by name alone.

    Raises UnsupportedMedia (`unsupported_media_type`, `type_mismatch`), Unprocessable (`encrypted_file`,
    `unreadable_file`).
    """
    claimed = claimed_type(name)
    found = find(data)
    if found is None:
        raise UnsupportedMedia(f"The content of this file is not recognised. {BRING}")
    if found.content_type == TEXT and claimed in NAMED:
        return str(claimed)
    if found.content_type == HTML and claimed == "application/xhtml+xml":
        return HTML
    if _belies(claimed, found.content_type):
        named = PurePath(name).suffix
        raise UnsupportedMedia(
            f"The name ends in {named}, but the content is {found.label}. Is it the right file?",
            code="type_mismatch",
        )
    if found.content_type not in SUPPORTED or claimed not in (None, found.content_type):
        label = LABELS.get(claimed or "", claimed) if found.content_type == TEXT else found.label
        raise UnsupportedMedia(f"This is {label}, which cannot be read yet. {BRING}")
    return found.content_type


def claimed_type(name: str) -> str | None:
    """The type that the name's ending stands for; None when it says nothing."""
    return _names.guess_type(PurePath(name).name, strict=False)[0]


def find(data: bytes) -> Found | None:
    """What the content is; None when it is neither text nor any type that is known."""
    content_type = _marked_type(data) or _text_type(data)
    if content_type:
        return Found(content_type, LABELS[content_type])
    return _other(data)


def _marked_type(data: bytes) -> str | None:
    if data.startswith(b"%PDF-"):
        return PDF
    for magic, content_type in _PICTURE_MAGIC.items():
        if data.startswith(magic):
            return content_type
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith(b"PK\x03\x04"):
        return _zip_type(data)
    if data.startswith(_OLE_MAGIC):
        if _OLE_ENCRYPTED in data:
            raise encrypted("Office file")
        return OLE
    return None


def _zip_type(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise unreadable("Office file or archive") from error
    if "[Content_Types].xml" not in names:
        return ZIP
    for folder, content_type in _OFFICE_FOLDERS.items():
        if any(name.startswith(folder) for name in names):
            return content_type
    return ZIP


def _text_type(data: bytes) -> str | None:
    text = decode(data)
    if text is None or text.startswith("{\\rtf"):
        return None
    return HTML if text.lstrip()[:20].lower().startswith(_PAGE_STARTS) else TEXT


def _other(data: bytes) -> Found | None:
    if b"%PDF-" in data[:1024]:  # a few producers put something before it
        return Found(PDF, LABELS[PDF])
    try:
        best = puremagic.magic_string(data[:_HEAD])[0]
    except (puremagic.PureError, IndexError, ValueError):
        return None
    return Found(best.mime_type or "application/octet-stream", f"a file of type “{best.name}”")


def _belies(claimed: str | None, found: str) -> bool:
    """Whether the name claims what the content is not."""
    if claimed is None or claimed == found:
        return False
    if found == TEXT:  # .csv and .json are text as well: not a lie, only not supported
        return not (claimed.startswith("text/") or claimed.endswith(("json", "xml", "script")))
    same_family = {claimed, found} <= {HTML, "application/xhtml+xml"}
    return not same_family
