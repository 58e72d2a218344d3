"""Letters about money, over real SMTP on the loopback."""

import asyncio
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from fastapi import FastAPI
from psycopg.types.json import Jsonb

from backend.core.config import ConfigError, Settings, load_settings
from backend.core.database import Database
from backend.local.ports import free_port
from backend.services import mail
from tests.people import Person


class Postbox:
    """What a mail server took, by recipient."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], Message]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=default)
        self.taken.append((envelope.rcpt_tos, message))
        return "250 taken"

    def of(self, person: Person) -> list[Message]:
        return [message for to, message in self.taken if to == [email(person)]]


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def mail_server(postbox: Postbox) -> Iterator[str]:
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port("127.0.0.1", 0))
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


class Shredder:
    async def send(self, message: Message) -> None: ...


@pytest.fixture
async def database(app: FastAPI, settings: Settings) -> Database:
    """Nothing that other tests left behind is due any more."""
    opened: Database = app.state.database
    while await mail.send_due(opened, settings, Shredder()):
        continue
    return opened


def email(person: Person) -> str:
    with person.sql() as sql:
        row = sql.execute("select email from public.users where id = %s", (person.id,)).fetchone()
    assert row is not None
    return str(row[0])


def budget_alert(person: Person, percent: int) -> None:
    with person.sql() as sql:
        sql.execute(
            "insert into public.budget_alerts (user_id, month, percent)"
            " values (%s, date_trunc('month', now())::date, %s)",
            (person.id, percent),
        )


def event(person: Person, cause: str, **detail: object) -> None:
    with person.sql() as sql:
        sql.execute(
            "insert into public.subscription_events (user_id, cause, plan_before, plan, status_before,"
            " status, period_end, detail)"
            " values (%s, %s, 'starter', 'starter', 'active', 'active', '2026-12-03T18:40:00Z', %s)",
            (person.id, cause, Jsonb(detail)),
        )


async def send(database: Database, settings: Settings, url: str) -> int:
    changed = settings.model_copy(update={"app_url": "https://app.example"})
    mailer = mail.make_mailer(load_mail(url))
    return await mail.send_due(database, changed, mailer)


def load_mail(url: str) -> Settings:
    return load_settings(
        database_url="postgresql://x",
        redis_url="redis://x",
        supabase_url="http://x",
        supabase_anon_key="x",
        supabase_service_key="x",
        mail_url=url,
    )


async def test_each_thing_is_written_of_once(
    owner: Person, database: Database, settings: Settings, mail_server: str, postbox: Postbox
) -> None:
    budget_alert(owner, 80)
    event(owner, "renewal_due", days_left=3)
    event(owner, "activated")
    await send(database, settings, mail_server)
    await send(database, settings, mail_server)
    got = {str(message["Subject"]): message for message in postbox.of(owner)}
    assert len(postbox.of(owner)) == 2
    assert set(got) == {
        "80% of this month's model budget is used",
        "Your Starter plan ends on 4 December 2026",  # midnight has passed in India
    }
    body = got["Your Starter plan ends on 4 December 2026"].as_string()
    assert "3 days from now" in body
    assert "https://app.example/billing" in body


async def test_two_workers_send_one(
    owner: Person, database: Database, settings: Settings, mail_server: str, postbox: Postbox
) -> None:
    budget_alert(owner, 100)
    await asyncio.gather(*(send(database, settings, mail_server) for _ in range(8)))
    assert [str(m["Subject"]) for m in postbox.of(owner)] == [
        "This month's model budget is used up"
    ]


async def test_a_server_that_is_down_is_asked_again(
    owner: Person, database: Database, settings: Settings, mail_server: str, postbox: Postbox
) -> None:
    budget_alert(owner, 50)
    nobody_there = free_port("127.0.0.1", 0)
    await send(database, settings, f"smtp://127.0.0.1:{nobody_there}")
    await send(database, settings, mail_server)
    assert postbox.of(owner) == []  # not before its pause is over
    with owner.sql() as sql:
        row = sql.execute(
            "update public.letters set next_attempt_at = now() where user_id = %s"
            " returning attempts, error, sent_at",
            (owner.id,),
        ).fetchone()
    assert row is not None
    assert (row[0], row[2]) == (1, None)
    assert "Connect" in row[1]
    await send(database, settings, mail_server)
    assert len(postbox.of(owner)) == 1


async def test_a_password_is_not_said_in_the_clear(
    owner: Person, database: Database, settings: Settings, mail_server: str, postbox: Postbox
) -> None:
    budget_alert(owner, 50)
    assert await send(database, settings, mail_server.replace("//", "//user:secret@")) == 0
    assert postbox.of(owner) == []


async def test_a_folder_takes_them_too(
    owner: Person, database: Database, settings: Settings, tmp_path: Path
) -> None:
    budget_alert(owner, 50)
    await send(database, settings, (tmp_path / "mail").as_uri())
    letters = [
        message_from_bytes(file.read_bytes(), policy=default)
        for file in (tmp_path / "mail").glob("*.eml")
    ]
    assert "50% of this month's model budget is used" in {
        str(letter["Subject"]) for letter in letters if letter["To"] == email(owner)
    }


async def test_without_a_server_nothing_is_claimed(
    owner: Person, database: Database, settings: Settings
) -> None:
    budget_alert(owner, 50)
    assert await mail.send_due(database, settings, None) == 0
    with owner.sql() as sql:
        assert (
            sql.execute("select 1 from public.letters where user_id = %s", (owner.id,)).fetchone()
            is None
        )


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example"])
def test_what_is_no_mail_server(url: str) -> None:
    with pytest.raises(ConfigError, match="MAIL_URL: must be smtp://"):
        load_mail(url)
