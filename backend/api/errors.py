"""The only exception handlers: every error leaves as problem+json (STYLE 2.6).

Bugs are answered by `RequestMiddleware`, so that a 500 carries CORS headers and the request id too.
"""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from backend.core.errors import AppError, Unprocessable, UnsupportedMedia
from backend.core.problems import MEDIA_TYPE, phrase, problem_document, problem_response


class Problem(BaseModel):
    """The body of every error answer (RFC 9457). Some codes add members, such as `missing_steps`."""

    type: str
    title: str
    status: int
    detail: str = Field(description="A sentence for people.")
    code: str = Field(description="Stable snake_case: what clients branch on.")
    request_id: str | None = Field(description="The same as in `X-Request-ID`.")
    errors: list[dict[str, str]] = Field(
        [], description="Of `validation_failed`: `pointer`, `message` and `type` for each place."
    )


PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
"""What the OpenAPI document says of every answer that is not a success."""

_CODES = {404: "route_not_found"}
"""Where the code is not simply the status' name."""

_MESSAGES = {
    "dict_type": "This must be an object.",
    "extra_forbidden": "There is no such field.",
    "missing": "This is required.",
    "model_attributes_type": "This must be an object.",
    "string_unicode": "This is not valid Unicode text.",
    "uuid_parsing": "This is not an id.",
}
"""By the type of a validation error, where pydantic's own words speak of Python."""

_UNREADABLE: list[tuple[type[Exception], str]] = [
    (UnicodeDecodeError, "The body is not UTF-8 text."),
    (RecursionError, "The JSON is nested too deeply."),
    (ValueError, "The JSON holds a number with too many digits."),
]
"""What parsing JSON fails with, beside broken JSON itself."""


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return problem_response(error, request.scope)


async def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(isinstance(item.get("input"), bytes) and item["loc"] == ("body",) for item in found):
        sent = request.headers.get("content-type") or "missing"
        refusal = UnsupportedMedia(f"Send application/json; the Content-Type is {sent}.")
        return problem_response(refusal, request.scope)
    errors = [_plain(item) for item in found]
    return _problem(
        request,
        422,
        "json_invalid" if errors[0]["type"] == "json_invalid" else "validation_failed",
        f"{errors[0]['pointer']}: {errors[0]['message']}",
        errors=errors,
    )


def _plain(item: dict[str, Any]) -> dict[str, str]:
    """One validation error without the value that was sent: it may be a secret, or not be JSON."""
    pointer, message = item["loc"], str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "json_invalid":
        why = item.get("ctx", {}).get("error", "")
        message = f"The JSON is broken at character {pointer[-1]}: {why}."
        pointer = pointer[:1]
    return {
        "pointer": "/".join(str(part) for part in pointer),
        "message": _MESSAGES.get(item["type"], message[:1].upper() + message[1:]),
        "type": str(item["type"]),
    }


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return problem_response(_unreadable(request, error), request.scope)
    code = _CODES.get(error.status_code, phrase(error.status_code).lower().replace(" ", "_"))
    response = _problem(request, error.status_code, code, str(error.detail))
    response.headers.update(error.headers or {})
    return response


def _unreadable(request: Request, error: HTTPException) -> AppError:
    """Why a body could not be parsed; FastAPI says it by the cause alone."""
    cause = error.__cause__
    if isinstance(cause, AppError):  # the body limit, met while reading
        return cause
    if request.headers.get("content-type", "").startswith("multipart/"):
        return Unprocessable(f"The form cannot be read: {error.detail}", code="form_invalid")
    for kind, detail in _UNREADABLE:
        if isinstance(cause, kind):
            return Unprocessable(detail, code="json_invalid")
    return Unprocessable(str(error.detail), code="body_invalid")


def _problem(request: Request, status: int, code: str, detail: str, **extra: Any) -> JSONResponse:
    request_id = getattr(request.state, "request_id", None)
    return JSONResponse(
        problem_document(status, code, detail, request_id, extra),
        status_code=status,
        media_type=MEDIA_TYPE,
    )


def install_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_exception)
