"""Type for printed documents: Noto Sans, which has the rupee sign, and its sisters for the scripts of India.

ReportLab keeps fonts in the process, so whoever sets a document holds `setting`. Fonts of scripts are loaded
anew for each document: they number joined letters in the order in which they meet them, and the same document
must come out as the same bytes.
"""

import re
import threading
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.fonts import addMapping
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import getFont, getRegisteredFontNames, registerFont
from reportlab.pdfbase.ttfonts import TTFont, freshTTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

FONTS = Path(__file__).parent / "fonts"
PLAIN, BOLD = "NotoSans-Regular", "NotoSans-Bold"
SCRIPTS = (
    "NotoSansDevanagari",
    "NotoSansBengali",
    "NotoSansGurmukhi",
    "NotoSansGujarati",
    "NotoSansOriya",
    "NotoSansTamil",
    "NotoSansTelugu",
    "NotoSansKannada",
    "NotoSansMalayalam",
)
"""In the order of Unicode, which gives each a block of its own."""
FIRST_INDIAN, BLOCK = 0x900, 0x80
WITH_BOLD = ("NotoSansDevanagari-Bold",)

INK, SOFT, RULE, MARK = (HexColor(value) for value in ("#16201f", "#55605d", "#d3d9d6", "#17616a"))

setting = threading.Lock()

_CONTROL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_INDIAN = re.compile(r"[\u0900-\u0d7f]")


def load_fonts() -> None:
    """The two fonts that every document uses; under the lock."""
    if PLAIN in getRegisteredFontNames():
        return
    for name in (PLAIN, BOLD):
        registerFont(TTFont(name, FONTS / f"{name}.ttf", shapable=True))
    for bold in (0, 1):
        addMapping(PLAIN, bold, 0, BOLD if bold else PLAIN)


def style(
    size: float, *, bold: bool = False, soft: bool = False, right: bool = False
) -> ParagraphStyle:
    return ParagraphStyle(
        f"{size}-{bold}-{soft}-{right}",
        fontName=BOLD if bold else PLAIN,
        fontSize=size,
        leading=round(size * 1.42, 1),
        textColor=SOFT if soft else INK,
        alignment=TA_RIGHT if right else 0,
    )


class Setter:
    """Sets the texts of one document; knows which scripts it has loaded for it."""

    def __init__(self) -> None:
        load_fonts()
        self._scripts: dict[str, Any] = {}

    def text(self, text: str, look: ParagraphStyle) -> Paragraph:
        """Somebody's words, as they are: nothing in them is markup, lines stay lines."""
        clean = _CONTROL.sub(" ", text.replace("\r\n", "\n"))
        if not _INDIAN.search(clean):
            return Paragraph(escape(clean).replace("\n", "<br/>"), look)
        bold = look.fontName == BOLD
        lines = (
            " ".join(self._word(word, bold) for word in line.split()) for line in clean.split("\n")
        )
        return Paragraph("<br/>".join(lines), ParagraphStyle("shaped", look, shaping=1))

    def _word(self, word: str, bold: bool) -> str:
        """In the font that has its letters. A word of two scripts is set as two: one font joins letters."""
        runs: list[tuple[str | None, str]] = []
        for letter in word:
            font = self._font_of(letter, bold)
            before = runs[-1][0] if runs else None
            if runs and (font == before or self._has(before, letter)):
                runs[-1] = (before, runs[-1][1] + letter)
            elif runs and before is None and all(self._has(font, c) for c in runs[-1][1]):
                runs[-1] = (font, runs[-1][1] + letter)
            else:
                runs.append((font, letter))
        return " ".join(
            f'<font name="{font}">{escape(run)}</font>' if font else escape(run)
            for font, run in runs
        )

    def _font_of(self, letter: str, bold: bool) -> str | None:
        """The script's font, or None for the document's own."""
        block, _ = divmod(ord(letter) - FIRST_INDIAN, BLOCK)
        if not 0 <= block < len(SCRIPTS) or ord(letter) in getFont(PLAIN).face.charToGlyph:
            return None
        name = f"{SCRIPTS[block]}-Bold"
        if not bold or name not in WITH_BOLD:
            name = f"{SCRIPTS[block]}-Regular"
        return name if self._has(name, letter) else None

    def _has(self, name: str | None, letter: str) -> bool:
        if name is None:
            return False
        if name not in self._scripts:
            self._scripts[name] = freshTTFont(name, FONTS / f"{name}.ttf", shapable=True)
            registerFont(self._scripts[name])
            addMapping(name, 0, 0, name)
        return ord(letter) in self._scripts[name].face.charToGlyph


class NumberedCanvas(Canvas):  # type: ignore[misc]  # it has no types
    """Draws the foot of each page when it is known how many there are."""

    foot = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for at, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self._draw_foot(f"Page {at} of {len(self._pages)}")
            super().showPage()
        super().save()

    def _draw_foot(self, number: str) -> None:
        left, right = 51, self._pagesize[0] - 51
        self.setStrokeColor(RULE)
        self.setLineWidth(0.5)
        self.line(left, 46, right, 46)
        self.setFont(PLAIN, 7.5)
        self.setFillColor(SOFT)
        self.drawString(left, 33, self.foot)
        self.drawRightString(right, 33, number)
