"""What every error answer must look like."""

from typing import Any

from httpx import Response


def problem(answer: Response, status: int, code: str) -> dict[str, Any]:
    """Check status, media type, code and request id; returns the document."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["detail"]
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


def assert_readable(sentence: str) -> None:
    """A sentence for people: it begins like one and does not speak Python."""
    assert sentence[0].isupper()
    for jargon in ("dict", "NoneType", "class '", "UploadFile", "Traceback", "function-"):
        assert jargon not in sentence
