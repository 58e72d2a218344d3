"""The text of a presentation, slide by slide: title as `#`, points as `-`, rows as `a | b`, notes."""

import io
from collections.abc import Iterator
from typing import Any

from pptx import Presentation
from pptx.exc import PythonPptxError

from backend.services.documents import limits, package
from backend.services.documents.docx import BROKEN
from backend.services.documents.refusals import unreadable
from backend.services.documents.text import StoppedEarly

MAX_SLIDES = 300
MAX_DEPTH = 8
"""Of groups within groups."""


def pages(data: bytes) -> Iterator[str]:
    """Raises Unprocessable (`encrypted_file`, `macros_in_file`, `unreadable_file`, `too_complex`)."""
    try:
        package.check(data, "presentation", ".pptx")
        slides = Presentation(io.BytesIO(data)).slides
        for number, slide in enumerate(slides):
            if number == MAX_SLIDES or (number and limits.time_is_up()):
                raise StoppedEarly
            yield "\n".join(_slide(slide))
            limits.progressed()
    except (*BROKEN, PythonPptxError) as error:
        raise unreadable("presentation") from error


def _slide(slide: Any) -> Iterator[str]:
    title = slide.shapes.title
    heading = _flat(title.text_frame.text) if title is not None else ""
    if heading:
        yield f"# {heading}"
    for shape in _shapes(slide.shapes, 0):
        if title is None or shape.shape_id != title.shape_id:
            yield from _text(shape)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = slide.notes_slide.notes_text_frame.text.strip()
        if notes:
            yield f"\n{notes}"


def _shapes(shapes: Any, depth: int) -> Iterator[Any]:
    """Top to bottom, left to right, as a reader sees them; groups in their place."""
    placed = sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))
    for shape in placed:
        inner = getattr(shape, "shapes", None)
        if inner is None:
            yield shape
        elif depth < MAX_DEPTH:
            yield from _shapes(inner, depth + 1)


def _text(shape: Any) -> Iterator[str]:
    if getattr(shape, "has_table", False):
        for row in shape.table.rows:
            line = " | ".join(_flat(cell.text_frame.text) for cell in row.cells).rstrip(" |")
            if line:
                yield line
        return
    if not shape.has_text_frame:
        return
    said = [_flat("".join(run.text for run in p.runs)) for p in shape.text_frame.paragraphs]
    lines = [line for line in said if line]
    yield from (f"- {line}" for line in lines) if len(lines) > 1 else lines


def _flat(text: str) -> str:
    return " ".join(text.split())
