"""Copy held to what its place allows, and laid out: lines become the text that people read and send.

A line is `{slot, style, text, sources}`. The same rules hold for a composer's lines and a model's.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from backend.skills.composers.copybook import ContentType, Rules

Line = Mapping[str, Any]

STYLES = (
    "subject", "preheader", "greeting", "hook", "para", "label", "bullet", "title", "heading", "question",
    "headline", "sub", "primary", "description", "button", "slide", "say", "show", "signoff",
)  # fmt: skip
KEPT = frozenset(
    {"subject", "preheader", "greeting", "hook", "title", "headline", "signoff", "button"}
)
"""Styles that are not left out to save room."""
LONGEST_TITLE = 190
WORDS_A_SECOND = 2.5
_HASHTAG = re.compile(r"[^\W_]{2,30}")
_QUOTED = re.compile(r"“[^”]*”")


def words_of(text: str) -> int:
    return len(re.findall(r"\w[\w'’.,₹%-]*", text))


def own_questions(lines: Sequence[Line]) -> int:
    """Question marks of ours; those of people who are quoted do not count."""
    asked = [line for line in lines if line["style"] not in ("subject", "question")]
    return sum(_QUOTED.sub("", line["text"]).count("?") for line in asked)


def fit(lines: Sequence[Line], rules: Rules) -> list[Line]:
    """The lines that the place has room for: too long ones go, then the last ones of the body."""
    kept = [line for line in lines if not _too_long(line, rules)]
    for style, most in rules.most.items():
        for extra in [line for line in kept if line["style"] == style][most:]:
            kept.remove(extra)
    kept = _without_hanging(kept)
    while _over(kept, rules) and (place := _next_to_go(kept)) is not None:
        kept = _without_hanging([line for at, line in enumerate(kept) if at != place])
    return kept


def _too_long(line: Line, rules: Rules) -> bool:
    limit = rules.limits.get(line["style"])
    many = rules.slide_words if line["style"] == "slide" else None
    return bool((limit and len(line["text"]) > limit) or (many and words_of(line["text"]) > many))


def _over(lines: Sequence[Line], rules: Rules) -> bool:
    text = "\n\n".join(line["text"] for line in lines)
    words = sum(words_of(line["text"]) for line in lines if line["style"] != "show")
    return bool((rules.chars and len(text) > rules.chars) or (rules.words and words > rules.words))


def _next_to_go(lines: Sequence[Line]) -> int | None:
    """The last line of the body; the call to act stays with the opening while anything else can go."""
    free = [at for at, line in enumerate(lines) if line["style"] not in KEPT]
    body = [at for at in free if not str(lines[at]["slot"]).startswith("cta.")]
    choice = body or free
    return choice[-1] if choice else None


def _without_hanging(lines: Sequence[Line]) -> list[Line]:
    """Without labels, headings and questions that nothing follows any more, and directions of no beat."""
    kept: list[Line] = []
    for line in reversed(lines):
        following = kept[-1]["style"] if kept else ""
        if line["style"] == "label" and following != "bullet":
            continue
        if line["style"] in ("heading", "question") and following in _NO_BODY[line["style"]]:
            continue
        if line["style"] == "show" and following == "show":
            continue
        kept.append(line)
    return kept[::-1]


_NO_BODY = {"heading": ("", "heading", "button"), "question": ("", "heading", "question", "button")}


def problems(lines: Sequence[Line], hashtags: Sequence[str], rules: Rules) -> list[str]:
    """Every rule of the place that the piece breaks, as sentences; empty when it may go out."""
    counts = {style: sum(line["style"] == style for line in lines) for style in STYLES}
    found = [
        f"{counts.get(style, 0)} {style} lines where {least} are needed"
        for style, least in rules.least.items()
        if counts.get(style, 0) < least
    ]
    found += [f"a {line['style']} of {len(line['text'])} characters" for line in lines
              if _too_long(line, rules)]  # fmt: skip
    if _over(lines, rules):
        found.append("longer than the place allows")
    if rules.questions is not None and own_questions(lines) > rules.questions:
        found.append(f"more than {rules.questions} question")
    if len(hashtags) > rules.hashtags[1]:
        found.append(f"more than {rules.hashtags[1]} hashtags")
    return found


def hashtags(tags: Sequence[str], known: str, rules: Rules) -> list[str]:
    """The tags that say nothing new: made of words that the evidence or the topic has, each once."""
    squeezed = re.sub(r"[\W_]+", "", known.lower())
    clean = [tag.lstrip("#").lower() for tag in tags]
    kept = [
        tag for tag in clean if _HASHTAG.fullmatch(tag) and not tag.isdigit() and tag in squeezed
    ]
    return list(dict.fromkeys(kept))[: rules.hashtags[1]]


# ---------------------------------------------------------------- laid out


def render(content_type: ContentType, lines: Sequence[Line], tags: Sequence[str]) -> str:
    """The piece as Markdown, ready to read and to copy."""
    if content_type == "script":
        return _script(lines)
    if content_type == "ad":
        return _ad(lines)
    blocks: list[str] = []
    slide, before = 0, ""
    for line in lines:
        slide += line["style"] == "slide"
        text = _shown(line, slide)
        if line["style"] == before == "bullet":
            blocks[-1] += "\n" + text
        else:
            blocks.append(text)
        before = line["style"]
    if tags:
        blocks.append(" ".join(f"#{tag}" for tag in tags))
    return "\n\n".join(blocks)


_MARKS = {
    "subject": "**Subject:** {}",
    "preheader": "**Preheader:** {}",
    "title": "# {}",
    "headline": "# {}",
    "heading": "## {}",
    "question": "### {}",
    "bullet": "- {}",
    "button": "**[ {} ]**",
}


def _shown(line: Line, slide: int) -> str:
    if line["style"] == "slide":
        return f"**Slide {slide}**\n\n{line['text']}"
    if line["style"] == "signoff":
        return str(line["text"]).replace("\n", "  \n")
    return _MARKS.get(line["style"], "{}").format(line["text"])


def _ad(lines: Sequence[Line]) -> str:
    parts = []
    for style, name in (
        ("primary", "Primary text"),
        ("headline", "Headlines"),
        ("description", "Descriptions"),
    ):
        texts = [line["text"] for line in lines if line["style"] == style]
        if texts:
            parts.append(f"**{name}**\n\n" + "\n".join(f"- {text}" for text in texts))
    return "\n\n".join(parts)


def _script(lines: Sequence[Line]) -> str:
    """Beats with their seconds, counted from the words that are spoken."""
    blocks, at = [], 0.0
    for line in lines:
        if line["style"] == "show":
            blocks.append(f"*On screen:* {line['text']}")
            continue
        took = max(2.0, words_of(line["text"]) / WORDS_A_SECOND)
        blocks.append(f"**{round(at)}–{round(at + took)} s** {line['text']}")
        at += took
    return "\n\n".join(blocks)


def plain_words(content: str) -> int:
    """Words of a Markdown text, without its marks."""
    return words_of(re.sub(r"[#*_\[\]>`-]+", " ", content))


def title_of(topic: str, number: int, of: int) -> str:
    """ "Diwali boxes", "Diwali boxes (2)"; a long one ends with " …"."""
    short = textwrap.shorten(topic, LONGEST_TITLE, placeholder=" …")
    title = short[:1].upper() + short[1:]
    return title if of == 1 else f"{title} ({number})"


def lines_of(content: str) -> list[Line]:
    """Hand-written text as lines again: one for each paragraph or list item."""
    found: list[Line] = []
    for part in re.split(r"\n\s*\n|\n(?=[-*] )", content):
        text = " ".join(part.split())
        if text:
            bullet = text.startswith(("- ", "* "))
            style = "bullet" if bullet else "para"
            found.append(
                {"slot": "own", "style": style, "text": text[2:] if bullet else text, "sources": []}
            )
    return found
