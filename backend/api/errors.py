"""The only exception handlers: every error leaves as problem+json (STYLE 2.6).

Bugs are answered by `UnhandledErrorMiddleware`, so that a 500 carries CORS headers and the request id too.
"""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from backend.core.errors import AppError
from backend.core.problems import MEDIA_TYPE, problem_document, problem_response

_CODES = {404: "route_not_found", 413: "payload_too_large"}
"""Where the code is not simply the status' name."""


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return problem_response(error, request.scope)


async def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [_plain(item) for item in error.errors()]
    first = errors[0] if errors else {"pointer": "", "message": "invalid"}
    malformed = any(item["type"] == "json_invalid" for item in errors)
    return _problem(
        request,
        422,
        "json_invalid" if malformed else "validation_failed",
        f"{first['pointer'] or 'body'}: {first['message']}",
        errors=errors,
    )


def _plain(item: dict[str, Any]) -> dict[str, str]:
    """One validation error without the value that was sent: it may be a secret, or not be JSON."""
    return {
        "pointer": "/".join(str(part) for part in item["loc"]),
        "message": str(item["msg"]).removeprefix("Value error, "),
        "type": str(item["type"]),
    }


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, HTTPStatus(error.status_code).name.lower())
    response = _problem(request, error.status_code, code, str(error.detail))
    response.headers.update(error.headers or {})
    return response


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
