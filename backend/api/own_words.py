"""A founder's own text against their own evidence. The claim check is loaded with the first such text."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.core import later
from backend.core.database import Reads
from backend.domain.muse import Writing


async def checked(
    db: Reads,
    asset: Mapping[str, Any],
    content: str,
    blocks: Sequence[Mapping[str, Any]] | None = None,
    *,
    own_words: frozenset[str] = frozenset(),
) -> Writing:
    """As `copy_writing.checked`."""
    copy_writing = await later.module("backend.agents.specialists.copy_writing")
    writing: Writing = await copy_writing.checked(db, asset, content, blocks, own_words=own_words)
    return writing
