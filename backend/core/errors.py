"""What can go wrong, by name. No HTTP framework here; `backend.api.errors` turns these into problem+json.

Every error carries the HTTP status, a stable snake_case `code` that clients branch on, and a `detail`
sentence for people (STYLE 2.6).
"""

from typing import Any, ClassVar


class AppError(Exception):
    """Base of every error the API answers on purpose."""

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal_error"
    default_detail: ClassVar[str] = "Internal server error"

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        self.detail = detail or self.default_detail
        self.code = code or self.default_code
        self.headers = headers or {}
        self.extra = extra
        """Further members of the problem document, e.g. `missing_steps`."""
        super().__init__(self.detail)


class Unauthorized(AppError):
    status = 401
    default_code = "unauthorized"
    default_detail = "A valid bearer token is needed."


class BudgetExceeded(AppError):
    status = 402
    default_code = "budget_exceeded"
    default_detail = "Insufficient budget."


class Forbidden(AppError):
    status = 403
    default_code = "forbidden"
    default_detail = "Not allowed."


class NotFound(AppError):
    """Absent, or another tenant's: the two look the same from outside."""

    status = 404
    default_code = "not_found"
    default_detail = "Not found"


class Conflict(AppError):
    status = 409
    default_code = "conflict"
    default_detail = "The current state does not allow this."


class PreconditionFailed(AppError):
    """`If-Match` names another version than the one that is there."""

    status = 412
    default_code = "precondition_failed"
    default_detail = "This was changed by somebody else since you read it."


class PayloadTooLarge(AppError):
    status = 413
    default_code = "payload_too_large"
    default_detail = "The request body is too large."


def file_too_large(limit: int) -> PayloadTooLarge:
    """`limit` in bytes."""
    return PayloadTooLarge(
        f"A file can have up to {limit // (1024 * 1024)} MB.", code="file_too_large"
    )


class UnsupportedMedia(AppError):
    status = 415
    default_code = "unsupported_media_type"
    default_detail = "This type of content is not supported."


class Unprocessable(AppError):
    """Well-formed, but cannot be used: an encrypted PDF, an unreadable page."""

    status = 422
    default_code = "unprocessable"
    default_detail = "The content cannot be processed."


class RateLimited(AppError):
    status = 429
    default_code = "rate_limited"
    default_detail = "Too many requests."


class UpstreamFailed(AppError):
    """A model, a payment gateway or a page elsewhere did not answer as it should."""

    status = 502
    default_code = "upstream_failed"
    default_detail = "A service we depend on failed."


class AddressUnreachable(UpstreamFailed):
    """An address that the user gave does not answer. It may tomorrow, yet the mistake is not ours: no 5xx."""

    status = 422
    default_code = "url_unreachable"
    default_detail = "The address does not answer."


class Unavailable(AppError):
    status = 503
    default_code = "unavailable"
    default_detail = "Temporarily unavailable. Try again shortly."
