"""The morning's daily wins: whose morning has come, once a day, within the budget; and the list's cursor."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.test_daily_wins import generate
from tests.api.test_muse import writer
from tests.founders import Founder
from tests.people import Person
from tests.problems import problem

__all__ = ["writer"]  # a fixture


def morning_is_now(person: Person, hours_from_seven: int = 0) -> None:
    """Put the workspace where it is seven o'clock, or later; the ideas of before are yesterday's."""
    shift = 7 + hours_from_seven - datetime.now(UTC).hour
    shift = shift - 24 if shift > 12 else shift + 24 if shift < -12 else shift
    zone = f"Etc/GMT{-shift:+d}"
    with person.sql() as sql:
        sql.execute(
            "update public.workspaces set settings = settings || jsonb_build_object('timezone', %s::text)"
            " where id = %s",
            (zone, person.workspace_id),
        )
        sql.execute(
            "update public.daily_wins set won_on = public.workspace_today(workspace_id) - 1"
            " where workspace_id = %s",
            (person.workspace_id,),
        )


async def morning(person: Person) -> dict[str, Any]:
    found: dict[str, Any] = (await person.get("/daily-wins/morning")).json()["morning"]
    return found


def runs_of(person: Person) -> int:
    with person.sql() as sql:
        row = sql.execute(
            "select count(*) from public.agent_executions where workspace_id = %s"
            " and request_type = 'daily_wins' and background",
            (person.workspace_id,),
        ).fetchone()
    assert row
    return int(row[0])


async def test_it_comes_once_a_day_to_who_uses_it(writer: Founder, app: FastAPI) -> None:
    person = writer.person
    await generate(person)
    morning_is_now(person)
    assert (await morning(person))["in_use"]
    await app.state.run_desk.begin_mornings()
    await app.state.run_desk.begin_mornings()
    assert runs_of(person) == 1
    told = await morning(person)
    assert (told["last_outcome"], bool(told["last_run_on"])) == ("queued", True)


@pytest.mark.parametrize("hours", [-1, 5])
async def test_not_before_its_hour_nor_long_after(
    writer: Founder, app: FastAPI, hours: int
) -> None:
    await generate(writer.person)
    morning_is_now(writer.person, hours)
    await app.state.run_desk.begin_mornings()
    assert runs_of(writer.person) == 0


async def test_not_for_who_never_used_it_or_turned_it_off(
    owner: Person, writer: Founder, app: FastAPI
) -> None:
    morning_is_now(owner)
    await generate(writer.person)
    morning_is_now(writer.person)
    answer = await writer.person.put("/daily-wins/morning", json={"is_on": False})
    assert answer.json()["morning"]["is_on"] is False
    await app.state.run_desk.begin_mornings()
    assert (runs_of(owner), runs_of(writer.person)) == (0, 0)
    assert not (await morning(owner))["in_use"]


async def test_not_without_budget(writer: Founder, app: FastAPI) -> None:
    await generate(writer.person)
    morning_is_now(writer.person)
    with writer.person.sql() as sql:
        sql.execute(
            "update public.users set budget_limit_monthly = 0.0099 where id = %s",
            (writer.person.id,),
        )
    await app.state.run_desk.begin_mornings()
    assert runs_of(writer.person) == 0
    assert (await morning(writer.person))["last_outcome"] == "no_budget"


@pytest.mark.parametrize("change", [{"hour": 3}, {"hour": 12}, {"last_run_on": "2026-01-01"}])
async def test_hours_that_are_no_morning(owner: Person, change: dict[str, Any]) -> None:
    problem(await owner.put("/daily-wins/morning", json=change), 422, "validation_failed")


async def test_the_list_reads_on_by_a_cursor(owner: Person) -> None:
    at = datetime.now(UTC)
    with owner.sql() as sql:
        for number in range(5):
            sql.execute(
                "insert into public.daily_wins (workspace_id, topic, hook, relevance_score, won_on,"
                " generated_at) values (%s, %s, 'h', %s, public.workspace_today(%s), %s)",
                (
                    owner.workspace_id,
                    f"t{number}",
                    0.1 * number,
                    owner.workspace_id,
                    at - timedelta(hours=number // 2),
                ),
            )
    seen, cursor = [], None
    for _ in range(3):
        asked = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await owner.get("/daily-wins", params=asked)).json()
        assert page["total"] == 5
        seen += [win["topic"] for win in page["wins"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == (["t1", "t0", "t3", "t2", "t4"], None)
