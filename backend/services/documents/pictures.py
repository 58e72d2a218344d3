"""The text in a picture or on scanned pages, by RapidOCR, whose models come in its wheel.

It is loaded in the fork that reads the picture: a process that has run it cannot fork any more.
"""

import functools
import io
from collections.abc import Iterator, Sequence
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from backend.services.documents import limits
from backend.services.documents.refusals import too_many_pixels, unreadable
from backend.services.documents.text import StoppedEarly

MAX_MEGAPIXELS = 40
LONGEST_SIDE = 2000
"""Larger pictures are made smaller first; print stays readable."""
MAX_SCANNED_PAGES = 20
LARGEST_SCALE = 4.0
"""288 dots an inch: more shows nothing more of a small page."""
SUREST = 0.5
"""Readings below this are noise."""
SAME_LINE = 0.5
"""Of a line's height: how far two readings may be apart and stand on one line."""

Reading = tuple[Sequence[Sequence[float]], str, float]
"""Corners of the box, the text, and how sure it is."""


def text(data: bytes) -> str:
    """Lines from top to bottom. Raises Unprocessable (`unreadable_file`, `too_complex`)."""
    picture = _opened(data)
    limits.apply_for_pictures()
    return "\n".join(_lines(_read(picture)))


def scanned(data: bytes) -> Iterator[str]:
    """The text of each page of a PDF that holds pictures of pages.

    Raises Unprocessable `unreadable_file`, and StoppedEarly when pages are left that would cost too much.
    """
    import pypdfium2  # with its own C library, wanted for scans alone

    limits.apply_for_pictures()
    try:
        document = pypdfium2.PdfDocument(data)
        for number, page in enumerate(document):
            if number == MAX_SCANNED_PAGES or limits.picture_time_is_up():
                raise StoppedEarly
            scale = min(LARGEST_SCALE, LONGEST_SIDE / max(page.get_size()))
            picture = page.render(scale=scale).to_pil().convert("RGB")
            page.close()
            yield "\n".join(_lines(_read(picture)))
            limits.apply_for_pictures()
    except pypdfium2.PdfiumError as error:
        raise unreadable("PDF") from error


def _opened(data: bytes) -> Image.Image:
    """The picture upright and of bearable size; its dimensions are looked at before it is unpacked."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
            if picture.width * picture.height > MAX_MEGAPIXELS * 1_000_000:
                raise too_many_pixels(MAX_MEGAPIXELS)
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except Image.DecompressionBombError as error:
        raise too_many_pixels(MAX_MEGAPIXELS) from error
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
    ) as error:
        raise unreadable("picture") from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return upright


@functools.cache
def _engine() -> Any:
    from rapidocr_onnxruntime import RapidOCR  # in the fork alone, see above

    return RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)


def _read(picture: Image.Image) -> list[Reading]:
    import numpy

    found, _ = _engine()(numpy.asarray(picture)[:, :, ::-1])
    return [(box, said, float(score)) for box, said, score in found or []]


def _lines(readings: Sequence[Reading]) -> list[str]:
    """Readings side by side are one line, a wide gap between them stays wide."""
    placed = sorted(
        (
            (min(y for _, y in box), max(y for _, y in box), min(x for x, _ in box), said)
            for box, said, score in readings
            if score >= SUREST
        ),
    )
    rows: list[list[tuple[float, float, float, str]]] = []
    for reading in placed:
        top, bottom = reading[0], reading[1]
        if rows and top - rows[-1][0][0] < SAME_LINE * (bottom - top):
            rows[-1].append(reading)
        else:
            rows.append([reading])
    return ["   ".join(said for *_, said in sorted(row, key=lambda r: r[2])) for row in rows]
