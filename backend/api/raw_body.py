"""Bodies that are verified before they are parsed: webhooks."""

from typing import Final

from fastapi import Request

from backend.core.errors import PayloadTooLarge

MAX_BYTES: Final = 256 * 1024


async def raw_body(request: Request) -> bytes:
    """The bytes as they were signed. Raises PayloadTooLarge."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise PayloadTooLarge(f"A webhook is at most {MAX_BYTES // 1024} KB.")
    return body
