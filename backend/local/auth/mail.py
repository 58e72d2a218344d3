"""Mail without a mail server: each message is a file in the data folder that any mail program opens."""

import asyncio
import os
import secrets
import time
from email.message import EmailMessage
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


class Outbox:
    """Writes `<folder>/<epoch milliseconds>-<random>.eml`, readable by the owner alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, to: str, subject: str, text: str) -> Path:
        message = EmailMessage()
        message["From"] = "Raptorflow (local) <auth@localhost>"
        message["To"] = to
        message["Subject"] = subject
        message.set_content(text)
        path = await asyncio.to_thread(self._write, message.as_bytes())
        log.info("mail_written", file=str(path), subject=subject)
        return path

    def _write(self, message: bytes) -> Path:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{int(time.time() * 1000)}-{secrets.token_hex(4)}.eml"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(message)
        return path
