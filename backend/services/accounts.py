"""Sign-in accounts, which are the auth server's."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import UUID

import httpx

from backend.core import later
from backend.core.errors import Unavailable

if TYPE_CHECKING:
    from supabase import AsyncClient


class Accounts:
    """Behind the service key of the project."""

    def __init__(self, connect: Callable[[], Awaitable["AsyncClient"]]) -> None:
        """`connect` gives the client; it is asked when the first account is erased."""
        self._connect = connect

    async def erase(self, user_id: UUID) -> None:
        """Make the account one that nobody can sign in to and that names nobody; its id stays, for the books.

        An account that is gone does not matter. Raises Unavailable `auth_unavailable`.
        """
        errors = await later.module("supabase_auth.errors")
        admin = (await self._connect()).auth.admin
        try:
            await admin.delete_user(str(user_id), should_soft_delete=True)
        except errors.AuthApiError as error:
            if error.status != 404:
                raise _unavailable() from error
        except (errors.AuthError, httpx.HTTPError) as error:
            raise _unavailable() from error


def _unavailable() -> Unavailable:
    return Unavailable("The sign-in service cannot be reached.", code="auth_unavailable")
