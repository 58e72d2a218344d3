"""What the database says, as errors of ours."""

import psycopg
from psycopg import errors as pg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from backend.core.errors import AppError, Conflict, NotFound, Unavailable, Unprocessable


class NamedErrors:
    """`with named_errors:` translates them; anything unnamed stays a bug (500).

    A class and not a generator: it stands around every read.
    """

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None and (named := _named(error)) is not None:
            raise named from error


named_errors = NamedErrors()


def _named(error: BaseException) -> AppError | None:
    match error:
        case pg.UniqueViolation():
            return Conflict("This already exists.", code="already_exists")
        case pg.ForeignKeyViolation():
            return NotFound(
                "A referenced item does not exist in this workspace.", code="reference_not_found"
            )
        case pg.QueryCanceled():
            return Unavailable("The database took too long.", code="database_timeout")
        case pg.UntranslatableCharacter() | pg.CharacterNotInRepertoire():
            return Unprocessable("The text holds a character that cannot be stored.")
        case PoolTimeout() | TooManyRequests() | PoolClosed():
            return Unavailable("The database is busy.", code="database_busy")
        case pg.DiskFull():
            return Unavailable(
                "The database has no room left; nothing was kept.", code="database_unavailable"
            )
        case psycopg.OperationalError():
            return Unavailable("The database cannot be reached.", code="database_unavailable")
    return None
