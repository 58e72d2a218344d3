"""The vault's list on the session follows its items; the text of an item is final."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest

from backend.cli.isolation.matrix import acting
from backend.cli.isolation.tenants import Connection, Tenant, sign_up

ADD = """
insert into public.evidence_items (workspace_id, session_id, source_type, source_name, sha256, text)
select workspace_id, id, 'file', %(name)s, %(name)s, %(text)s
from public.onboarding_sessions where workspace_id = %(workspace)s
returning id
"""
LISTED = "select evidence from public.onboarding_sessions where workspace_id = %s"
BLOCKED = "select count(*) from pg_stat_activity where %s = any (pg_blocking_pids(pid))"


@pytest.fixture
def tenant(owner: Connection) -> Tenant:
    return sign_up(owner, "NX")


def add(connection: Connection, tenant: Tenant, name: str, text: str | None = None) -> UUID:
    row = connection.execute(
        ADD, {"workspace": tenant.workspace_id, "name": name, "text": text}
    ).fetchone()
    assert row is not None
    return row[0]


def listed(connection: Connection, tenant: Tenant) -> list[str]:
    (evidence,) = connection.execute(LISTED, (tenant.workspace_id,)).fetchone()
    return [entry["source_name"] for entry in evidence]


def test_the_list_follows_insert_update_and_delete(app: Connection, tenant: Tenant) -> None:
    with acting(app, "authenticated", tenant.claims):
        first = add(app, tenant, "deck.pdf")
        app.execute(
            "update public.evidence_items set processing_status = 'completed', word_count = 7"
        )
        (evidence,) = app.execute(LISTED, (tenant.workspace_id,)).fetchone()
        assert evidence == [
            {
                "item_id": str(first),
                "source_type": "file",
                "source_name": "deck.pdf",
                "content_type": None,
                "word_count": 7,
                "processing_status": "completed",
            }
        ]
        app.execute("delete from public.evidence_items where id = %s", (first,))
        assert listed(app, tenant) == []


def test_two_uploads_at_once_are_both_listed(pg_shared, owner: Connection, tenant: Tenant) -> None:
    def upload() -> None:
        with psycopg.connect(pg_shared.owner_dsn, autocommit=True) as other:
            add(other, tenant, "second.pdf")

    with psycopg.connect(pg_shared.owner_dsn) as first, ThreadPoolExecutor(1) as pool:
        add(first, tenant, "first.pdf")
        second = pool.submit(upload)
        while not second.done():
            (waiting,) = owner.execute(BLOCKED, (first.info.backend_pid,)).fetchone()
            if waiting:
                break
        assert not second.done()
        first.commit()
        second.result(timeout=10)
    assert sorted(listed(owner, tenant)) == ["first.pdf", "second.pdf"]


def test_the_same_bytes_are_kept_once_a_session(owner: Connection, tenant: Tenant) -> None:
    add(owner, tenant, "deck.pdf")
    with pytest.raises(psycopg.errors.UniqueViolation):
        add(owner, tenant, "deck.pdf")


def test_a_text_arrives_once_and_stays(owner: Connection, tenant: Tenant) -> None:
    item = add(owner, tenant, "deck.pdf")
    change = "update public.evidence_items set text = %s where id = %s"
    owner.execute(change, ("We sell to clinics.", item))
    owner.execute(change, ("We sell to clinics.", item))
    for other in ("We sell to all.", None):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            owner.execute(change, (other, item))
