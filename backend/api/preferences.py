"""`Prefer: respond-async` (RFC 7240): who would rather not wait gets 202 and looks later."""

from typing import Annotated

from fastapi import Depends, Header, Request

RESPOND_ASYNC = "respond-async"


async def _respond_async(
    request: Request,
    prefer: Annotated[str, Header(max_length=200, description="RFC 7240: `respond-async`.")] = "",
) -> bool:
    """The header may come in several lines, each a list; a preference may carry parameters."""
    wished = ",".join(request.headers.getlist("prefer")).lower().split(",")
    return RESPOND_ASYNC in {wish.partition(";")[0].strip() for wish in wished}


RespondAsync = Annotated[bool, Depends(_respond_async)]
"""Whether the answer should be 202 at once."""


APPLIED = {"Preference-Applied": RESPOND_ASYNC}
"""What a 202 says that was given because of the preference."""
APPLIED_HEADER = {"Preference-Applied": {"schema": {"type": "string", "const": RESPOND_ASYNC}}}
"""Documents it."""
