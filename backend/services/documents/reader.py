"""The reader process: `python -m backend.services.documents.reader`.

It loads the parsers once and then reads each document in a fork of itself, under limits. So a document can
neither exhaust the service nor leave anything behind for the next one, and none waits for parsers to load.
It ends when its standard input does, that is when the service ends, however that ends.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import IO, Any

from backend.core.errors import AppError
from backend.services.documents import (
    docx,
    html,
    kinds,
    limits,
    pdf,
    pictures,
    pptx,
    sheets,
)
from backend.services.documents.refusals import no_text, too_complex
from backend.services.documents.text import MAX_CHARACTERS, assemble, decode
from backend.services.documents.wire import Message, receive, send

_PAGES: dict[str, Callable[[bytes], Iterator[str]]] = {
    kinds.PDF: pdf.pages,
    kinds.DOCX: docx.pages,
    kinds.PPTX: pptx.pages,
    kinds.XLSX: sheets.workbook,
}


def read(request: Message) -> Message:
    """What the request asks for: `document` (with `name`) or `page` (with `charset`)."""
    match request.head["op"]:
        case "document":
            return Message(_document(request.head["name"], request.data))
        case "page":
            return Message(_page(request.head["charset"], request.head["url"], request.data))
        case _:
            return Message({})


def _document(name: str, data: bytes) -> dict[str, Any]:
    content_type = kinds.content_type_of(name, data)
    in_pages = _PAGES.get(content_type)
    text = assemble(in_pages(data) if in_pages else [_one_page(content_type, data)])
    ocr = content_type in kinds.PICTURES
    if content_type == kinds.PDF and not text.text.strip():
        text, ocr = assemble(pictures.scanned(data)), True
    if not text.text.strip():
        raise no_text()
    return {
        "text": text.text,
        "page_starts": text.starts,
        "content_type": content_type,
        "truncated": text.truncated,
        "ocr": ocr,
    }


def _one_page(content_type: str, data: bytes) -> str:
    if content_type in kinds.PICTURES:
        return pictures.text(data)
    if content_type == kinds.HTML:
        return html.page(data, None, MAX_CHARACTERS).text
    text = decode(data) or ""
    return sheets.comma_separated(text) if content_type == kinds.CSV else text


def _page(charset: str | None, url: str | None, data: bytes) -> dict[str, Any]:
    page = html.page(data, charset, url=url)
    if not page.text.strip():
        raise no_text()
    return page._asdict()


# --- one fork a document ------------------------------------------------------------------------------


def serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    while (request := receive(requests)) is not None:
        send(replies, _in_a_fork(request))


def _in_a_fork(request: Message) -> Message:
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        _answer_and_exit(request, into)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        reply = receive(pipe)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return reply if reply and code == 0 else Message({"died": code})


def _answer_and_exit(request: Message, into: int) -> None:
    """Never returns: whatever goes wrong ends this process, and its exit code tells."""
    code = 1
    try:
        limits.apply()
        with os.fdopen(into, "wb") as pipe:
            send(pipe, _answer(request))
        code = 0
    finally:
        os._exit(code)


def _answer(request: Message) -> Message:
    try:
        return read(request)
    except (MemoryError, RecursionError):
        return _refusal(too_complex())
    except AppError as error:
        return _refusal(error)


def _refusal(error: AppError) -> Message:
    return Message({"refused": type(error).__name__, "code": error.code, "detail": error.detail})


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's to handle
    logging.disable(logging.CRITICAL)  # parsers comment on every oddity
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
