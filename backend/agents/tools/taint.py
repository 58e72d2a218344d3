"""Words of strangers: what in them gives orders to the machine is set aside before anybody uses the rest.

A courtesy, not the protection: that is that no text that was read selects a tool, spends money or approves.
"""

import re

from backend.skills.composers.fence import addresses_the_machine

_SENTENCES = re.compile(r"(?<=[.!?।])\s+|\n+")


def set_aside(text: str) -> tuple[str, list[str]]:
    """The text without the sentences that address the machine, and those sentences."""
    parts = [part for part in _SENTENCES.split(text) if part.strip()]
    ordered = [part for part in parts if addresses_the_machine(" ".join(part.split()))]
    if not ordered:
        return text, []
    return "\n".join(part for part in parts if part not in ordered), ordered
