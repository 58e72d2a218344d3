"""Sentences of a document that address the machine instead of the reader; they are shown, never used.

A courtesy to the founder, not the protection: that is that no text of a document is ever executed.
"""

from backend.skills.composers.lexicon import pattern


def addresses_the_machine(flat: str) -> bool:
    """Whether a sentence gives orders to whoever processes the document."""
    return bool(pattern("injection").search(flat))
