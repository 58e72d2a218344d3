"""The way letters leave: SMTP, or a folder on one's own machine; nothing where MAIL_URL is not set."""

import asyncio
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from backend.core.config import Settings
from backend.core.database import Database
from backend.domain import letters
from backend.domain.letters import Letter

log = structlog.get_logger(__name__)

SECONDS = 20.0
SUBMISSION, SMTPS = 587, 465


class Mailer(Protocol):
    async def send(self, message: EmailMessage) -> None:
        """Raises OSError or aiosmtplib.SMTPException when the letter was not taken."""


class SmtpMailer:
    """`smtp://user:password@host[:587]`, STARTTLS where it is offered, or `smtps://...[:465]`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (SMTPS if self._tls else SUBMISSION)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, message: EmailMessage) -> None:
        await aiosmtplib.send(
            message,
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._tls,
            # A password is never said in the clear; without one a server may do as it can.
            start_tls=None if self._tls or not self._password else True,
            tls_context=ssl.create_default_context(),
            timeout=SECONDS,
        )


class FolderMailer:
    """`file:///folder`: each letter a file that mail programs open."""

    def __init__(self, url: str) -> None:
        self._folder = Path(unquote(urlsplit(url).path))

    async def send(self, message: EmailMessage) -> None:
        name = message["Message-ID"].strip("<>").partition("@")[0]
        await asyncio.to_thread(self._write, f"{name}.eml", bytes(message))

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_bytes(content)


def make_mailer(settings: Settings) -> Mailer | None:
    """The mailer of these settings, None where there is none."""
    if settings.mail_url is None:
        return None
    url = settings.mail_url.get_secret_value()
    return FolderMailer(url) if url.startswith("file:") else SmtpMailer(url)


async def send_due(database: Database, settings: Settings, mailer: Mailer | None) -> int:
    """Send what is due; how many went out. One that fails keeps nobody else's."""
    if mailer is None:
        return 0
    async with database.service("letters") as tx:
        rows = await letters.due(tx)
    count = 0
    for row in rows:
        async with database.service("letters") as tx:
            if not await letters.claim(tx, row):
                continue
        letter = letters.write(row, settings.app_url)
        try:
            await mailer.send(_message(letter, settings.mail_from))
        except (OSError, aiosmtplib.SMTPException) as error:
            log.warning("letter_not_sent", letter=letter.id, error=type(error).__name__)
            async with database.service("letters") as tx:
                await letters.failed(tx, row, f"{type(error).__name__}: {error}")
            continue
        async with database.service("letters") as tx:
            await letters.sent(tx, row)
        count += 1
    return count


def _message(letter: Letter, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message
