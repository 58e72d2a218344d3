"""Text out of what founders bring, read in a process apart under limits (ADR 0030)."""

from dataclasses import dataclass
from typing import Any

import structlog

from backend.core.errors import Unprocessable, UnsupportedMedia, file_too_large
from backend.services.documents import refusals
from backend.services.documents.processes import pool
from backend.services.documents.wire import Message

log = structlog.get_logger(__name__)

MAX_BYTES = 20 * 1024 * 1024
"""What the readers' memory limit is made for."""
MAX_NAME_CHARACTERS = 255

_REFUSALS = {kind.__name__: kind for kind in (UnsupportedMedia, Unprocessable)}


@dataclass(frozen=True, slots=True)
class DocumentText:
    """`page_starts` are the offsets in `text` at which pages begin; a text without pages has one, 0.

    `truncated`: the source had more than the 50,000 characters that are kept. `ocr`: the text was read off
    pictures.
    """

    text: str
    page_starts: list[int]
    content_type: str
    word_count: int
    truncated: bool
    ocr: bool


@dataclass(frozen=True, slots=True)
class PageText:
    """A web page's title (may be empty) and readable text, at most 10,000 characters.

    `links` are the addresses it leads to, absolute; none when its own address was not given.
    """

    title: str
    text: str
    truncated: bool
    links: list[str]


async def read_document(name: str, data: bytes) -> DocumentText:
    """The text of a document or picture (`kinds.SUPPORTED`), known by content, checked against its name.

    Raises PayloadTooLarge; UnsupportedMedia (`unsupported_media_type`, `type_mismatch`); Unprocessable
    (`empty_file`, `no_text`, `encrypted_pdf`, `encrypted_file`, `macros_in_file`, `unreadable_file`,
    `too_complex`);
    Unavailable.
    """
    check_size(data)
    found = await _ask(Message({"op": "document", "name": name[-MAX_NAME_CHARACTERS:]}, data))
    return DocumentText(
        text=found["text"],
        page_starts=found["page_starts"],
        content_type=found["content_type"],
        word_count=len(found["text"].split()),
        truncated=found["truncated"],
        ocr=found["ocr"],
    )


async def read_web_page(
    data: bytes, charset: str | None = None, url: str | None = None
) -> PageText:
    """The readable text of an HTML page. `charset` is what its HTTP header said, `url` where it is.

    Raises as `read_document` does.
    """
    check_size(data)
    found = await _ask(Message({"op": "page", "charset": charset, "url": url}, data))
    return PageText(found["title"], found["text"], found["truncated"], found["links"])


async def warm_up() -> None:
    """Load the parsers now, so that the first document does not wait for them."""
    await _ask(Message({"op": "wake"}))


def check_size(data: bytes) -> None:
    """Raises Unprocessable `empty_file`, PayloadTooLarge."""
    if not data:
        raise refusals.empty()
    if len(data) > MAX_BYTES:
        raise file_too_large(MAX_BYTES)


async def _ask(request: Message) -> dict[str, Any]:
    head = (await pool.ask(request)).head
    if "refused" in head:
        raise _REFUSALS[head["refused"]](head["detail"], code=head["code"])
    if (
        "died" in head
    ):  # by a signal: a limit was passed; by itself: the parser met what it does not know
        log.warning("document_not_read", exit_code=head["died"])
        raise refusals.too_complex() if head["died"] < 0 else refusals.unreadable("file")
    return head
