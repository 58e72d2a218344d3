"""Who a key acts for. Asked of Postgres on every request, so that a revoked key stops with the next one."""

import json
from uuid import UUID

from backend.core.database import Database
from backend.core.errors import Forbidden, Unauthorized
from backend.core.identity import Identity, KeyUse
from backend.domain import api_keys

MOST_CHARACTERS = 200


class ApiKeys:
    """The keys of all workspaces, behind the service door."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def verify(self, key: str, method: str, path: str) -> Identity:
        """The identity of the key's owner, confined to its scopes.

        Raises Unauthorized `key_invalid`, `key_expired` or `key_revoked`; Forbidden `plan_required`,
        `scope_missing` or `key_not_accepted`.
        """
        if len(key) > MOST_CHARACTERS or not key.isascii():
            raise Unauthorized("This API key is not known.", code="key_invalid")
        async with self._database.service("api_key") as tx:
            row = await tx.one(api_keys.FIND, {"hash": api_keys.hashed(key)})
            if row and row["note"]:
                await tx.run(api_keys.NOTE_USE, {"id": row["id"]})
        if row is None:
            raise Unauthorized("This API key is not known.", code="key_invalid")
        if row["revoked"]:
            raise Unauthorized("This API key was revoked.", code="key_revoked")
        if row["expired"]:
            raise Unauthorized("This API key has expired.", code="key_expired")
        if row["plan"] not in api_keys.PLANS:
            raise api_keys.plan_required(row["plan"].capitalize())
        use = KeyUse(row["id"], frozenset(row["scopes"]))
        needed = api_keys.needed_scope(method, path)
        if needed and not api_keys.allows(use.scopes, needed):
            raise Forbidden(
                f"This API key lacks the scope {needed}.", code="scope_missing", scope=needed
            )
        claims = {"sub": str(row["user_id"]), "role": "authenticated", "email": row["email"]}
        claims["key_id"] = str(use.id)
        return Identity(row["user_id"], row["email"], claims, json.dumps(claims), key=use)

    async def rotate(self, workspace_id: UUID, id: UUID, grace_hours: int) -> str:
        """See `api_keys.rotate`."""
        async with self._database.service("api_key") as tx:
            return await api_keys.rotate(tx, workspace_id, id, grace_hours)
