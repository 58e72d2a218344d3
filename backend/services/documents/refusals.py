"""The sentences with which a document is refused: what is wrong, and what a person can do."""

from backend.core.errors import Unprocessable


def empty() -> Unprocessable:
    return Unprocessable("This file is empty.", code="empty_file")


def no_text() -> Unprocessable:
    return Unprocessable(
        "There is no text in this file that can be read; it may be a scan. Run it through text recognition "
        "(OCR), or type the main points into a text file, and bring that.",
        code="no_text",
    )


def encrypted(kind: str, code: str = "encrypted_file") -> Unprocessable:
    return Unprocessable(
        f"This {kind} is protected by a password. Save a copy without one and bring that.",
        code=code,
    )


def login_wall() -> Unprocessable:
    return Unprocessable(
        "This page asks for a login, and we see only its form. Save the page as a PDF while you are signed "
        "in, and bring that, or copy its text.",
        code="login_required",
    )


def unreadable(kind: str) -> Unprocessable:
    return Unprocessable(
        f"This {kind} is damaged and cannot be read. Export it again, or save its text as a .txt file.",
        code="unreadable_file",
    )


def too_complex() -> Unprocessable:
    return Unprocessable(
        "Reading this file takes more work than a document should. Export it again as a plain PDF, or save "
        "its text as a .txt file.",
        code="too_complex",
    )


def has_macros(kind: str, ending: str) -> Unprocessable:
    return Unprocessable(
        f"This {kind} carries macros (programs). Save a copy without them ({ending}) and bring that.",
        code="macros_in_file",
    )


def too_many_pixels(most: int) -> Unprocessable:
    return Unprocessable(
        f"This picture has more than {most} million pixels. Save a smaller copy and bring that.",
        code="too_complex",
    )
