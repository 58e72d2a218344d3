"""Token budgets: what fits passes as it is, what does not is cut to its most telling sentences."""

import pytest

from backend.memory import compression

SENTENCES = [f"Clinic {n} asked about pricing of the ledger and about chairs." for n in range(400)]


def test_a_text_that_fits_passes_untouched() -> None:
    assert compression.compress("Two clinics. One bakery.") == "Two clinics. One bakery."


def test_a_long_text_keeps_its_budget_and_its_order() -> None:
    kept = compression.compress(" ".join(SENTENCES))
    assert 500 < compression.tokens(kept) <= compression.COMPRESSED_TOKENS
    numbers = [int(word) for word in kept.split() if word.isdigit()]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("text", ["नमस्ते दुनिया " * 2000, "word " * 9000, "x" * 40000])
def test_even_one_endless_sentence_keeps_the_budget(text: str) -> None:
    assert compression.tokens(compression.compress(text)) <= compression.COMPRESSED_TOKENS


def test_devanagari_costs_more_than_ascii() -> None:
    assert compression.tokens("नमस्ते") > compression.tokens("namaste")


def test_what_tells_more_stays() -> None:
    lines = ["Rain today.", "Dentists want demos of billing.", "Dentists want billing demos soon."]
    assert "Rain today." not in compression.extract(lines, 20)


def test_repeated_lines_count_once() -> None:
    assert compression.extract(["Same line here."] * 5, 100) == ["Same line here."]
