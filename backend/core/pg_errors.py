"""What the database says, as errors of ours."""

import contextlib
from collections.abc import Iterator

import psycopg
from psycopg import errors as pg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from backend.core.errors import Conflict, NotFound, Unavailable, Unprocessable


@contextlib.contextmanager
def named_errors() -> Iterator[None]:
    """Translate them; anything unnamed stays a bug (500)."""
    try:
        yield
    except pg.UniqueViolation as error:
        raise Conflict("This already exists.", code="already_exists") from error
    except pg.ForeignKeyViolation as error:
        raise NotFound(
            "A referenced item does not exist in this workspace.", code="reference_not_found"
        ) from error
    except pg.QueryCanceled as error:
        raise Unavailable("The database took too long.", code="database_timeout") from error
    except (pg.UntranslatableCharacter, pg.CharacterNotInRepertoire) as error:
        raise Unprocessable("The text holds a character that cannot be stored.") from error
    except (PoolTimeout, TooManyRequests, PoolClosed) as error:
        raise Unavailable("The database is busy.", code="database_busy") from error
    except pg.DiskFull as error:
        raise Unavailable(
            "The database has no room left; nothing was kept.", code="database_unavailable"
        ) from error
    except psycopg.OperationalError as error:
        raise Unavailable("The database cannot be reached.", code="database_unavailable") from error
