"""Delete many at once, for every noun whose items can be deleted one by one.

A router that deletes `/{thing_id}` by an endpoint of the id and a transaction alone gets `POST /bulk-delete`
beside it, which calls that same endpoint for each id: rules about a noun stay where they are.
"""

import inspect
import typing
from collections.abc import Callable, Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from backend.api.deps import WorkspaceDB
from backend.core.errors import NotFound

MOST = 100


class Ids(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST)]


class BulkDeleted(BaseModel):
    """Ids that were not there (any more) are in `not_found`; the others are gone."""

    deleted: list[UUID]
    not_found: list[UUID]


def add_bulk_deletes(router: APIRouter) -> None:
    """Add `POST <collection>/bulk-delete` for each collection whose items this router deletes."""
    for route, parameter in list(deletable(router)):
        collection = route.path.rpartition("/")[0]
        verb, _, noun = route.name.partition("_")
        router.add_api_route(
            f"{collection}/bulk-delete",
            _bulk(route.endpoint, parameter),
            methods=["POST"],
            name=f"{verb}_{_many(noun)}",
            dependencies=route.dependencies,
            summary=f"{verb.capitalize()} many {_many(noun).replace('_', ' ')}",
            description=f"Delete up to {MOST} in one transaction: if one may not go, all stay.",
        )


def _many(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"


def deletable(router: APIRouter) -> Iterator[tuple[APIRoute, str]]:
    """The routes that delete one item of a collection, each with its path parameter."""
    for route in router.routes:
        if not isinstance(route, APIRoute) or "DELETE" not in (route.methods or ()):
            continue
        collection, _, last = route.path.rpartition("/")
        hints = typing.get_type_hints(route.endpoint, include_extras=True)
        asked = dict.fromkeys(inspect.signature(route.endpoint).parameters)
        if "{" not in collection and last == f"{{{next(iter(asked), None)}}}" and len(asked) == 2:
            parameter = last.strip("{}")
            if hints[parameter] is UUID and hints.get("db") == WorkspaceDB:
                yield route, parameter


def _bulk(delete_one: Callable[..., Any], parameter: str) -> Callable[..., Any]:
    async def delete_many(wanted: Ids, db: WorkspaceDB) -> BulkDeleted:
        answer = BulkDeleted(deleted=[], not_found=[])
        for id in dict.fromkeys(wanted.ids):
            try:
                await delete_one(**{parameter: id, "db": db})
            except NotFound:
                answer.not_found.append(id)
            else:
                answer.deleted.append(id)
        return answer

    return delete_many
