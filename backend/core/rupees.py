"""Paise as people in India read them: 1,23,456.78, and lakhs and crores in words."""

_SMALL = [
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
]
_TENS = ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"]
_UNITS = ((10_000_000, "Crore"), (100_000, "Lakh"), (1_000, "Thousand"), (100, "Hundred"))


def grouped(paise: int) -> str:
    """`1,23,45,678.90`: the last three digits, then twos. No sign of the currency."""
    rupees, rest = divmod(abs(paise), 100)
    head, tail = str(rupees)[:-3], str(rupees)[-3:]
    pairs = [head[max(0, at - 2) : at] for at in range(len(head), 0, -2)][::-1]
    return f"{'-' if paise < 0 else ''}{','.join([*pairs, tail])}.{rest:02}"


def plain(paise: int) -> str:
    """`12345678.90`, for machines."""
    return grouped(paise).replace(",", "")


def in_words(paise: int) -> str:
    """`Rupees One Lakh Five and Fifty Paise Only`. Raises ValueError for a negative amount."""
    if paise < 0:
        raise ValueError("an amount in words is not negative")
    rupees, rest = divmod(paise, 100)
    and_paise = f" and {_words(rest)} Paise" if rest else ""
    return f"Rupees {_words(rupees)}{and_paise} Only"


def _words(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return f"{_TENS[tens - 2]}-{_SMALL[ones]}" if ones else _TENS[tens - 2]
    size, name = next(unit for unit in _UNITS if number >= unit[0])
    many, rest = divmod(number, size)
    return f"{_words(many)} {name}" + (f" {_words(rest)}" if rest else "")
