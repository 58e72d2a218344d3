"""A stored file whose row never came, or is gone, is removed; one that has its row stays."""

from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI

from backend.core.errors import Conflict
from backend.domain import evidence
from backend.services.vault import Vault
from tests.conftest import TestDatabase, TestSupabase
from tests.founders import Founder

BREAD = b"We bake bread in Pune for 40 shops and deliver at six."


class Killed(BaseException):
    """The process ends at this very line."""


@pytest.fixture
def vault(app: FastAPI) -> Vault:
    found: Vault = app.state.vault
    return found


async def an_hour_later(pg_shared: TestDatabase, vault: Vault) -> int:
    with psycopg.connect(pg_shared.superuser_dsn, autocommit=True) as sql:
        sql.execute("update public.file_dues set due_at = now() - interval '1 second'")
    return await vault.remove_strays()


async def test_a_file_whose_row_never_came(
    founder: Founder,
    vault: Vault,
    supabase: TestSupabase,
    pg_shared: TestDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await founder.bring("kept.md", BREAD)

    async def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(evidence, "add", killed)
        with pytest.raises(Killed):
            await vault.add_file_unread(
                founder.person.user, UUID(founder.session_id), "lost.md", b"# lost"
            )
    assert len(supabase.objects_of(founder.person)) == 2
    assert await vault.remove_strays() == 0  # it may still be on its way
    assert await an_hour_later(pg_shared, vault) >= 1
    (left,) = supabase.objects_of(founder.person)
    assert left.path.endswith("kept.md")
    with psycopg.connect(pg_shared.superuser_dsn) as sql:
        assert sql.execute("select path from public.file_dues").fetchall() == []


async def test_a_row_that_went_before_its_file(
    founder: Founder,
    vault: Vault,
    supabase: TestSupabase,
    pg_shared: TestDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item = await founder.bring("gone.md", BREAD)

    async def away(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(vault._storage, "delete", away)
        with pytest.raises(Killed):
            await vault.remove(founder.person.user, UUID(founder.session_id), UUID(item["id"]))
    assert len(supabase.objects_of(founder.person)) == 1
    assert await an_hour_later(pg_shared, vault) == 1
    assert supabase.objects_of(founder.person) == []


async def test_a_removal_that_is_refused_keeps_the_file(
    founder: Founder, vault: Vault, supabase: TestSupabase, pg_shared: TestDatabase
) -> None:
    item = await founder.bring("kept.md", BREAD)
    with psycopg.connect(pg_shared.superuser_dsn, autocommit=True) as sql:
        sql.execute(
            "update public.onboarding_sessions set status = 'completed' where id = %s",
            (founder.session_id,),
        )
    with pytest.raises(Conflict):
        await vault.remove(founder.person.user, UUID(founder.session_id), UUID(item["id"]))
    await an_hour_later(pg_shared, vault)
    assert len(supabase.objects_of(founder.person)) == 1
