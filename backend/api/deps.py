"""What endpoints ask for, as `Annotated` aliases."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import Depends, Request
from pydantic import BaseModel

from backend.api import versions
from backend.core.auth import AuthenticatedUser, Identity, get_current_user, get_identity
from backend.core.database import Database, Reader, Tx
from backend.core.errors import Forbidden
from backend.payments.till import Till

TokenHolder = Annotated[Identity, Depends(get_identity)]
"""A verified token, perhaps before sign-up was completed."""
CurrentUser = Annotated[AuthenticatedUser, Depends(get_current_user)]


# All of them are coroutines: FastAPI sends plain functions to a thread each time.


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Db = Annotated[Database, Depends(_database)]
"""The doors themselves, for endpoints that must not hold a transaction while they wait."""


async def _reader(user: CurrentUser, database: Db) -> Reader:
    return database.reader(user)


async def transaction(user: CurrentUser, database: Db, request: Request) -> AsyncIterator[Tx]:
    async with database.workspace(user) as tx:
        await versions.check(tx, request)
        yield tx


async def _till(request: Request) -> Till:
    till: Till = request.app.state.till
    return till


Payments = Annotated[Till, Depends(_till)]
"""What takes payments, for endpoints that wait for the gateway."""


async def _operator(user: CurrentUser, request: Request) -> AuthenticatedUser:
    if user.id not in request.app.state.settings.operator_user_ids:
        raise Forbidden("Only operators of the service may do this.", code="operator_only")
    return user


Operator = Annotated[AuthenticatedUser, Depends(_operator)]
"""One of OPERATOR_USER_IDS; 403 for everyone else (ADR 0072)."""

WorkspaceReader = Annotated[Reader, Depends(_reader)]
WorkspaceDB = Annotated[Tx, Depends(transaction, scope="function")]
"""One transaction a request, committed before the answer (the scope sees to it)."""


class Deleted(BaseModel):
    """What every DELETE answers."""

    deleted: Literal[True] = True
