"""Sign-in accounts, which are the auth server's."""

from uuid import UUID

import httpx
from supabase import AsyncClient
from supabase_auth.errors import AuthApiError, AuthError

from backend.core.errors import Unavailable


class Accounts:
    """Behind the service key of the project."""

    def __init__(self, client: AsyncClient) -> None:
        self._admin = client.auth.admin

    async def erase(self, user_id: UUID) -> None:
        """Make the account one that nobody can sign in to and that names nobody; its id stays, for the books.

        An account that is gone does not matter. Raises Unavailable `auth_unavailable`.
        """
        try:
            await self._admin.delete_user(str(user_id), should_soft_delete=True)
        except AuthApiError as error:
            if error.status != 404:
                raise _unavailable() from error
        except (AuthError, httpx.HTTPError) as error:
            raise _unavailable() from error


def _unavailable() -> Unavailable:
    return Unavailable("The sign-in service cannot be reached.", code="auth_unavailable")
