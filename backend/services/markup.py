"""Markdown as HTML that can be shown anywhere: no raw HTML comes through, no script, no foreign address."""

import functools
import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

TAGS = frozenset({"p", "br", "strong", "em", "ul", "ol", "li", "h1", "h2", "h3", "h4", "blockquote", "code",
                  "pre", "hr", "a"})  # fmt: skip
SCHEMES = frozenset({"http", "https", "mailto", "tel"})


@functools.lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "linkify": False})


def to_html(markdown: str) -> str:
    """Sanitised HTML: pictures and raw HTML are dropped, links are kept with `rel="noopener noreferrer"`."""
    import nh3

    return nh3.clean(
        _parser().render(markdown),
        tags=set(TAGS),
        attributes={"a": {"href"}},
        url_schemes=set(SCHEMES),
    )


def page(title: str, body: str, language: str) -> str:
    """A whole document around sanitised HTML."""
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title)}</title>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
