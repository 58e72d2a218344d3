"""The local issuer on a port of its own, with a clock that tests can move and a mailbox they can read."""

import email
import re
import socket
import threading
import time
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from backend.local.auth import AuthConfig, LocalAuth, LocalKeys

SITE_URL = "http://localhost:3000"


class RunningIssuer:
    """`with RunningIssuer(dsn, data_dir) as issuer:` serves until the block ends."""

    def __init__(self, dsn: str, data_dir: Path) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.keys = LocalKeys.load_or_create(data_dir)
        self.mail_folder = data_dir / "mail"
        self.seconds_ahead = 0.0
        config = AuthConfig(dsn, self.keys, data_dir, self.url, SITE_URL)
        self.auth = LocalAuth(config, lambda: time.time() + self.seconds_ahead)
        app = Starlette(
            routes=[Mount("/auth/v1", app=self.auth.app)],
            lifespan=lambda _: self.auth.app.router.lifespan_context(self.auth.app),
        )
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join()

    def newest_mail(self) -> tuple[str, str]:
        """Link and code of the last mail."""
        newest = max(self.mail_folder.iterdir())
        message = email.message_from_bytes(newest.read_bytes(), policy=default)
        text = message.get_content()
        link, code = re.search(r"https?://\S+", text), re.search(r"code: (\d{6})", text)
        assert link
        assert code
        return link.group(), code.group(1)
