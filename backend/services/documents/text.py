"""Characters: decoding, cleaning once before anything counts offsets, and cutting to size."""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass

MAX_CHARACTERS = 50_000
"""Of one document (PRODUCT 4). 50,000 characters are some 25 dense pages."""
MAX_DECODED_BYTES = 1024 * 1024
"""More of a text file than this is never decoded: it would be cut anyway."""

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff]")
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MAX_CONTROL, _MAX_CONTROL_SHARE = 2, 0.005
_CUT_AT_SPACE_WITHIN = 500


class StoppedEarly(Exception):
    """Raised by a reader between pages: there is more, but it is not worth its cost."""


@dataclass(frozen=True, slots=True)
class Text:
    """`starts` holds the offset of each page; `truncated` says that the source had more."""

    text: str
    starts: list[int]
    truncated: bool


def assemble(pages: Iterable[str], limit: int = MAX_CHARACTERS) -> Text:
    """Pages joined by a line end, taken only until `limit` characters are there."""
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    stopped = False
    try:
        for page in pages:
            starts.append(length)
            parts.append(clean(page))
            length += len(parts[-1]) + 1
            if length > limit + 1:
                break
    except StoppedEarly:
        stopped = True
    text = "\n".join(parts)
    kept = cut(text, limit)
    return Text(
        kept,
        [start for start in starts if start < len(kept)] or [0],
        stopped or len(kept) < len(text),
    )


def clean(text: str) -> str:
    """The text with one kind of line end and without characters that nobody can see."""
    text = _LINE_ENDS.sub("\n", text)
    text = _INVISIBLE.sub("", text)
    text = text.encode("utf-8", "replace").decode("utf-8")  # half surrogates cannot be stored
    return _BLANK_LINES.sub("\n\n", _TRAILING.sub("", text)).strip("\n")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ending with a line or a word where one ends near."""
    if len(text) <= limit:
        return text
    nearest = max(text.rfind(mark, limit - _CUT_AT_SPACE_WITHIN, limit + 1) for mark in "\n ")
    return text[: nearest if nearest > 0 else limit].rstrip()


def decode(data: bytes) -> str | None:
    """The text these bytes are in UTF-8, UTF-16 or Windows-1252; None when they are no text."""
    head = data[:MAX_DECODED_BYTES]
    whole = len(head) == len(data)
    for encoding in _encodings(head):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head, final=whole)
        except UnicodeDecodeError:
            continue
        return text if _is_readable(text) else None
    return None


def _encodings(head: bytes) -> list[str]:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    sample = head[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 10 > len(sample):  # half of each plain letter in UTF-16; elsewhere a slip
        return ["utf-16-le"] if odd > even else ["utf-16-be"]
    return ["utf-8-sig", "cp1252"]


def _is_readable(text: str) -> bool:
    return len(_CONTROL.findall(text)) <= _MAX_CONTROL + len(text) * _MAX_CONTROL_SHARE
