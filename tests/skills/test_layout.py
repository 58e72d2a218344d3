"""Lines that carry on, and lines that are a thought of their own."""

import re
from pathlib import Path

from backend.skills.composers import text

NOTES = Path(__file__).parent / "documents" / "sample_repair_notes.txt"


def test_notes_without_full_stops_are_a_thought_a_line() -> None:
    marked = NOTES.read_text(encoding="utf-8")
    plain = re.sub(r"[<{]\w+(?::[^|>}]*)?\|([^<>{}]*)[>}]", r"\1", marked)
    plain = re.sub(r"[<{]\w+\|([^<>{}]*)[>}]", r"\1", plain)
    assert "|" not in plain
    found = [unit.text for unit in text.units(plain)]
    assert [line for line in found if "\n" in line] == []
    assert "screen change from 1800 rs" in found


def test_sentences_cut_at_a_column_are_one() -> None:
    wrapped = (
        "We repair phones at your office while you wait, and every part comes\n"
        "with a card. People are afraid that their photos will be seen; they\n"
        "need not be. A screen is changed within one hour, in front of you,\n"
        "and nobody has to leave the desk for it.\n"
    )
    found = [unit.text for unit in text.units(wrapped)]
    assert any(
        "within one hour, in front of you,\nand nobody has to leave the desk" in line
        for line in found
    )
