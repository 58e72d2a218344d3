"""Sentence spans of one block. `sentencex` cuts; this mends what it cuts too eagerly."""

import re

from sentencex import get_sentence_boundaries

# Business shorthand the segmenter does not know: it would cut "excl. GST" and "approx. 20 days" in two.
_SHORTHAND = re.compile(
    r"(?:^|[\s(])(?:excl|incl|approx|addl|max|min|qty|pvt|mfg|govt|regd|est|tel|mob|ph|w\.e\.f|e\.g|i\.e|\d+)\.\s*$",
    re.I,
)
# `"..." - Name, place`: the speaker belongs to the quotation.
_ATTRIBUTION = re.compile(r"^-\s*[A-Z]")
_CLOSING_QUOTE = re.compile(r"\"\s*$")
# "... since 2018. CEO: ..." : after a long number the segmenter takes the dot for an ordinal's.
_AFTER_NUMBER = re.compile(r"(?<=\d\d\.)\s+(?=[A-Z])")
_INLINE_BULLET = re.compile(r"\s[•●▪◦‣✓✔➤]\s+|\s·\s+(?=[A-Z])")

Spans = list[tuple[int, int]]


def sentence_spans(flat: str) -> Spans:
    """(start, end) of each sentence of a flattened block, outer spaces excluded, in order."""
    pieces: Spans = []
    for start, end in _split_at_bullets(flat):
        pieces += [(start + a, start + b) for a, b in _cut(flat[start:end])]
    return [span for span in (_strip(flat, *piece) for piece in pieces) if span[0] < span[1]]


def _cut(block: str) -> Spans:
    merged: Spans = []
    for start, end in _boundaries(block):
        if merged and _belongs_together(block[merged[-1][0] : merged[-1][1]], block[start:end]):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _boundaries(block: str) -> Spans:
    found: Spans = []
    for boundary in get_sentence_boundaries("en", block):
        at, end = boundary["start_index"], boundary["end_index"]
        for gap in _AFTER_NUMBER.finditer(block, at, end):
            found.append((at, gap.end()))
            at = gap.end()
        found.append((at, end))
    return found


def _belongs_together(before: str, after: str) -> bool:
    if _SHORTHAND.search(before):
        return True
    return bool(_CLOSING_QUOTE.search(before) and _ATTRIBUTION.match(after))


def _split_at_bullets(flat: str) -> Spans:
    """`• one • two` on a single line, as PDF readers leave lists."""
    cuts = [0, *(match.end() for match in _INLINE_BULLET.finditer(flat)), len(flat)]
    ends = [*(match.start() for match in _INLINE_BULLET.finditer(flat)), len(flat)]
    return list(zip(cuts[:-1], ends, strict=True))


def _strip(flat: str, start: int, end: int) -> tuple[int, int]:
    while start < end and flat[start].isspace():
        start += 1
    while end > start and flat[end - 1].isspace():
        end -= 1
    return start, end
