"""The five verbs that every workspace table shares: list, get, insert, update, delete.

Each statement names `workspace_id` (bound by the door) and runs under row-level security as well. A query
that needs a join, a filter or a lock is written by hand beside its noun; this file grows no flag for it.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, LiteralString
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Identifier, Placeholder
from psycopg.types.json import Jsonb
from pydantic import BaseModel

from backend.core import keyset
from backend.core.database import Reads, Tx
from backend.core.errors import NotFound

TEXT_ARRAY = "text[]"
TextArray = Annotated[list[str], TEXT_ARRAY]
"""A list kept in a `text[]` column; every other list or mapping of a row is jsonb."""

OF_WORKSPACE = SQL("t.workspace_id = %(workspace_id)s")
GET = SQL("select {columns} from {table} where workspace_id = %(workspace_id)s and id = %(id)s")
INSERT = SQL(
    "insert into {table} (workspace_id, {names}) values (%(workspace_id)s, {values})"
    " returning {columns}"
)
INSERT_DEFAULTS = SQL(
    "insert into {table} (workspace_id) values (%(workspace_id)s) returning {columns}"
)
UPDATE = SQL(
    "update {table} set {assignments}"
    " where workspace_id = %(workspace_id)s and id = %(id)s returning {columns}"
)
DELETE = SQL("delete from {table} where workspace_id = %(workspace_id)s and id = %(id)s")
VERSION = SQL(
    "select updated_at from {table}"
    " where workspace_id = %(workspace_id)s and (%(id)s::uuid is null or id = %(id)s::uuid) for update"
)

TABLES: dict[str, "WorkspaceTable"] = {}
"""Every table of a noun by the name its envelopes and path parameters use: `move`, `icp`."""


@dataclass(frozen=True)
class WorkspaceTable:
    """One table of the workspace. `row` names the columns that may leave it.

    `derived` says in SQL how listed rows come by members that are no columns; the row is `t`.
    """

    name: str
    row: type[BaseModel]
    noun: str
    derived: Mapping[str, LiteralString] = field(default_factory=dict)

    def __post_init__(self) -> None:
        TABLES[self.noun.lower().replace(" ", "_")] = self

    @functools.cached_property
    def table(self) -> Identifier:
        return Identifier("public", self.name)

    @functools.cached_property
    def columns(self) -> Composed:
        return SQL(", ").join(Identifier(name) for name in self.row.model_fields)

    def missing(self) -> NotFound:
        return NotFound(
            f"{self.noun} not found", code=f"{self.noun.lower().replace(' ', '_')}_not_found"
        )

    async def list(
        self, db: Reads, *, limit: int, offset: int, after: tuple[str, UUID] | None = None
    ) -> tuple[list[DictRow], int]:
        """A page, newest first, and the true total."""
        listed = keyset.statement(self.columns, self.table, OF_WORKSPACE)
        return await keyset.page(db, listed, {}, limit=limit, offset=offset, after=after)

    async def get(self, db: Reads, id: UUID) -> DictRow:
        row = await db.one(GET.format(columns=self.columns, table=self.table), {"id": id})
        if row is None:
            raise self.missing()
        return row

    async def version(self, tx: Tx, id: UUID | None) -> datetime | None:
        """When the row was last changed; nobody changes it any more until this transaction ends.

        Without `id` for nouns of which a workspace has one. None when the row is absent.
        """
        row = await tx.one(VERSION.format(table=self.table), {"id": id})
        return row["updated_at"] if row else None

    async def insert(self, tx: Tx, values: Mapping[str, Any]) -> DictRow:
        row = await tx.one(self._insert(values), self._adapted(values))
        assert row is not None, "insert ... returning gives a row or raises"
        return row

    def _insert(self, values: Mapping[str, Any]) -> Composed:
        if not values:
            return INSERT_DEFAULTS.format(table=self.table, columns=self.columns)
        return INSERT.format(
            table=self.table,
            names=SQL(", ").join(map(Identifier, values)),
            values=SQL(", ").join(map(Placeholder, values)),
            columns=self.columns,
        )

    async def update(self, tx: Tx, id: UUID, changes: Mapping[str, Any]) -> DictRow:
        """Set the given columns in one scoped statement; with nothing to set, the row as it is."""
        if not changes:
            return await self.get(tx, id)
        statement = UPDATE.format(
            table=self.table,
            assignments=SQL(", ").join(
                SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in changes
            ),
            columns=self.columns,
        )
        row = await tx.one(statement, {**self._adapted(changes), "id": id})
        if row is None:
            raise self.missing()
        return row

    async def delete(self, tx: Tx, id: UUID) -> None:
        if not await tx.run(DELETE.format(table=self.table), {"id": id}):
            raise self.missing()

    def _adapted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._adapt(name, value) for name, value in values.items()}

    def _adapt(self, name: str, value: Any) -> Any:
        if not isinstance(value, dict | list) or TEXT_ARRAY in self.row.model_fields[name].metadata:
            return value
        return Jsonb(value)
