"""Errors as `application/problem+json` (RFC 9457), with the specification's `detail` and a stable `code`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import Scope

from backend.core.errors import AppError

MEDIA_TYPE = "application/problem+json"
_RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}
"""By RFC 9110; Python has these names from 3.13 on."""


def phrase(status: int) -> str:
    """The name of a status, the same on every Python."""
    return _RENAMED.get(status) or HTTPStatus(status).phrase


def problem_document(
    status: int,
    code: str,
    detail: str,
    request_id: str | None,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of every error answer; `extra` adds members such as `errors` or `missing_steps`."""
    return {
        **(extra or {}),
        "type": "about:blank",
        "title": phrase(status),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }


def problem_response(error: AppError, scope: Scope) -> JSONResponse:
    """The answer for one of our own errors."""
    request_id = scope.get("state", {}).get("request_id")
    headers = dict(error.headers)
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers.setdefault(
            "WWW-Authenticate", f'Bearer error="invalid_token", error_description="{error.code}"'
        )
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", "2")
    return JSONResponse(
        problem_document(error.status, error.code, error.detail, request_id, error.extra),
        status_code=error.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )
