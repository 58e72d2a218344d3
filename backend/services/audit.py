"""Where the API leaves what was done, once it is done."""

import structlog

from backend.core.database import Database
from backend.core.errors import AppError, NotFound
from backend.domain import audit

log = structlog.get_logger(__name__)


class AuditLog:
    """The audit log of all workspaces, behind the service door."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, done: audit.Done) -> None:
        """Write the entry. The work is done by then: a database that fails now costs the entry alone."""
        try:
            async with self._database.service("audit") as tx:
                await audit.add(tx, done)
        except NotFound:  # the log ended with the workspace, by the very act it would tell of
            log.info("audit_log_ended", action=done.action)
        except AppError as error:
            log.error("audit_entry_lost", action=done.action, code=error.code)
