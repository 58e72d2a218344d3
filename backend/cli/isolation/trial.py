"""The matrix tried on a user's own database: two tenants are made, tried and rolled back.

One connection of the schema's owner, one transaction that is never committed. Nothing of a real tenant is
read or written; sequences that the trial advanced stay advanced.
"""

import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from backend.cli.isolation import matrix
from backend.cli.isolation.catalogue import Table
from backend.cli.isolation.grants import OWNER_MAY, expected
from backend.cli.isolation.matrix import Actor, Outcome, Verb
from backend.cli.isolation.tenants import Connection, populate, sign_up

Cell = tuple[str, Actor, Verb]


class NotTried(Exception):
    """Why the trial could not be made; the sentence is for the operator."""


@dataclass(frozen=True)
class Trial:
    outcomes: dict[Cell, Outcome]

    def faults(self, actor: Actor) -> Iterator[str]:
        """Cells of this actor that came out otherwise than they should."""
        for cell, outcome in self.outcomes.items():
            table, who, verb = cell
            if who == actor and outcome != expected(*cell):
                yield f"{verb} on {table}: {outcome}, should be {expected(*cell)}"

    def count(self, actor: Actor) -> int:
        return sum(who == actor for _, who, _ in self.outcomes)


def hold(connection: Connection, tables: dict[str, Table]) -> Trial:
    """Try every cell. The connection must not be in a transaction. Raises NotTried."""
    known = {name: table for name, table in tables.items() if name in OWNER_MAY}
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("set local lock_timeout = '5s'")
            tenants = [sign_up(connection, _tag()) for _ in range(2)]
            for tenant in tenants:
                populate(connection, known, tenant)
            return Trial(matrix.outcomes(connection, known, *tenants))
    except (psycopg.Error, AssertionError, KeyError) as error:
        reason = str(error).strip().splitlines()[0]
        raise NotTried(f"two tenants could not be made for it: {reason}") from error


def _tag() -> str:
    """Three capitals, as a serial's letters: they should meet nobody's."""
    return "".join(secrets.choice(string.ascii_uppercase) for _ in range(3))
