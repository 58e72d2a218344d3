"""Campaigns over HTTP: by hand, planned by the engine, and how dates and progress hang together."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from backend.domain.campaigns import CampaignPage
from backend.domain.moves import MovePage
from tests.founders import COMPANY, Founder, at_the_start, part
from tests.people import Person
from tests.problems import problem

NEXT_MONTH = date.today() + timedelta(days=30)


async def make(person: Person, **fields: Any) -> dict[str, Any]:
    return part(await person.post("/campaigns", json={"name": "Diwali", **fields}), "campaign")


async def planned(founder: Founder, **fields: Any) -> dict[str, Any]:
    """A campaign from the engine; the founder has facts, and no plan limits."""
    wish = {"objective": "lead_gen", "goal": "ten clinics on the yearly plan", **fields}
    return part(await founder.person.post("/campaigns/generate", json=wish), "campaign")


async def moves_of(person: Person, campaign: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await person.get(f"/campaigns/{campaign['id']}/moves?limit=100")
    assert answer.status_code == 200, answer.text
    moves: list[dict[str, Any]] = answer.json()["moves"]
    return moves


@pytest.fixture
async def founder(paying_owner: Person, engine_worker: None) -> Founder:
    found = await at_the_start(paying_owner)
    await found.bring("company.md", COMPANY.encode())
    await found.ran(1, 2, 3, 4, 5)
    return found


class TestByHand:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get("/api/v1/campaigns"), 401, "token_missing")

    async def test_other_workspace(self, owner: Person, stranger: Person) -> None:
        campaign = await make(owner)
        assert (await stranger.get("/campaigns")).json()["campaigns"] == []
        answer = await stranger.get(f"/campaigns/{campaign['id']}")
        problem(answer, 404, "campaign_not_found")

    async def test_made_changed_listed_deleted(self, owner: Person) -> None:
        campaign = await make(owner, duration_days=30, budget_inr=25000.5, objective="lead_gen")
        assert (campaign["status"], campaign["budget_inr"]) == ("planning", 25000.5)
        path = f"/campaigns/{campaign['id']}"
        changed = part(await owner.put(path, json={"name": "Holi", "id": "x"}), "campaign")
        assert (changed["name"], changed["duration_days"]) == ("Holi", 30)
        page = (await owner.get("/campaigns")).json()
        CampaignPage.model_validate(page)
        assert [c["name"] for c in page["campaigns"]] == ["Holi"]
        assert page["campaigns"][0]["move_counts"] == {"total": 0, "active": 0, "completed": 0}
        assert (await owner.delete(path)).json() == {"deleted": True}
        problem(await owner.get(path), 404, "campaign_not_found")

    async def test_the_list_filters_and_pages(self, owner: Person) -> None:
        for name in ("A", "B", "C"):
            await make(owner, name=name)
        first = (await owner.get("/campaigns?limit=2")).json()
        rest = (await owner.get(f"/campaigns?limit=2&cursor={first['next_cursor']}")).json()
        assert [c["name"] for c in first["campaigns"] + rest["campaigns"]] == ["C", "B", "A"]
        assert (await owner.get("/campaigns?status=active")).json()["total"] == 0

    @pytest.mark.parametrize("days", [0, 29, 91, 400])
    async def test_days_out_of_bounds(self, owner: Person, days: int) -> None:
        answer = await owner.post("/campaigns", json={"name": "X", "duration_days": days})
        problem(answer, 422, "validation_failed")

    async def test_a_start_in_the_past(self, owner: Person) -> None:
        answer = await owner.post("/campaigns", json={"name": "X", "start_date": "2026-01-31"})
        assert "is past" in problem(answer, 422, "date_in_past")["detail"]

    @pytest.mark.parametrize("field", ["progress", "spent_inr", "status", "workspace_id_"])
    async def test_what_follows_from_elsewhere_cannot_be_sent(
        self, owner: Person, field: str
    ) -> None:
        answer = await owner.post("/campaigns", json={"name": "X", field: 1})
        problem(answer, 422, "validation_failed")

    async def test_transitions_that_are_not_there(self, owner: Person) -> None:
        campaign = await make(owner)
        path = f"/campaigns/{campaign['id']}"
        problem(await owner.post(f"{path}/pause"), 409, "campaign_not_active")
        problem(await owner.post(f"{path}/complete"), 409, "campaign_not_completable")
        assert part(await owner.post(f"{path}/start"), "campaign")["status"] == "active"
        problem(await owner.post(f"{path}/start"), 409, "campaign_not_startable")
        absent = f"/campaigns/{uuid4()}/start"
        problem(await owner.post(absent), 404, "campaign_not_found")


class TestGenerate:
    async def test_phases_and_moves_fill_the_days(self, founder: Founder) -> None:
        campaign = await planned(founder, duration_days=45, budget_inr=20001)
        moves = await moves_of(founder.person, campaign)
        assert sum(move["duration_days"] for move in moves) == 45
        assert [m["campaign_day"] for m in moves] == sorted(m["campaign_day"] for m in moves)
        assert sum(phase["budget_inr"] for phase in campaign["phases"]) == 20001
        assert sum(len(phase["moves"]) for phase in campaign["phases"]) == len(moves)
        assert {m["status"] for m in moves} == {"draft"}
        for move in moves:
            assert len(move["execution"]) == move["duration_days"]
            for day in move["execution"]:
                assert 2 <= len(day["tasks"]) <= 8
                assert day["total_minutes"] <= 90
        assert campaign["move_counts"]["total"] == len(moves)
        assert all(phase["success_criteria"] for phase in campaign["phases"])

    async def test_plays_hardly_come_again(self, founder: Founder) -> None:
        moves = await moves_of(founder.person, await planned(founder))
        titles = [
            task["title"]
            for move in moves
            for day in move["execution"]
            for task in day["tasks"]
            if task["card"] != "week-review"
        ]
        assert len(set(titles)) >= 0.7 * len(titles)

    async def test_with_a_start_everything_is_scheduled(self, founder: Founder) -> None:
        campaign = await planned(founder, start_date=str(NEXT_MONTH))
        assert campaign["status"] == "scheduled"
        assert campaign["end_date"] == str(NEXT_MONTH + timedelta(days=29))
        for move in await moves_of(founder.person, campaign):
            first = NEXT_MONTH + timedelta(days=move["campaign_day"] - 1)
            assert (move["status"], move["start_date"]) == ("scheduled", str(first))

    async def test_a_new_start_shifts_every_date(self, founder: Founder) -> None:
        campaign = await planned(founder, start_date=str(NEXT_MONTH))
        before = await moves_of(founder.person, campaign)
        later = NEXT_MONTH + timedelta(days=10)
        path = f"/campaigns/{campaign['id']}"
        moved = part(await founder.person.put(path, json={"start_date": str(later)}), "campaign")
        assert moved["end_date"] == str(later + timedelta(days=29))
        after = await moves_of(founder.person, campaign)
        for old, new in zip(before, after, strict=True):
            for name in ("start_date", "end_date"):
                shifted = date.fromisoformat(old[name]) + timedelta(days=10)
                assert new[name] == str(shifted)

    async def test_a_move_taken_elsewhere_goes_along_from_there(self, founder: Founder) -> None:
        campaign = await planned(founder, start_date=str(NEXT_MONTH))
        last = (await moves_of(founder.person, campaign))[-1]
        moved = date.fromisoformat(last["start_date"]) - timedelta(days=2)
        await founder.person.put(f"/moves/{last['id']}", json={"start_date": str(moved)})
        later = {"start_date": str(NEXT_MONTH + timedelta(days=5))}
        await founder.person.put(f"/campaigns/{campaign['id']}", json=later)
        after = (await moves_of(founder.person, campaign))[-1]
        assert after["start_date"] == str(moved + timedelta(days=5))

    async def test_starting_starts_the_first_move(self, founder: Founder) -> None:
        campaign = await planned(founder)
        path = f"/campaigns/{campaign['id']}"
        started = part(await founder.person.post(f"{path}/start"), "campaign")
        assert (started["status"], started["move_counts"]["active"]) == ("active", 1)
        first, *rest = await moves_of(founder.person, campaign)
        assert first["status"] == "active"
        assert {move["status"] for move in rest} == {"scheduled"}
        tasks = (await founder.person.get(f"/moves/{first['id']}/tasks")).json()
        assert tasks["total"] == sum(len(day["tasks"]) for day in first["execution"])
        later = {"start_date": str(NEXT_MONTH)}
        problem(await founder.person.put(path, json=later), 409, "campaign_already_started")

    async def test_progress_is_rolled_up_by_days(self, founder: Founder) -> None:
        campaign = await planned(founder)
        path = f"/campaigns/{campaign['id']}"
        await founder.person.post(f"{path}/start")
        first, *_ = await moves_of(founder.person, campaign)
        await founder.person.post(f"/moves/{first['id']}/complete")
        shown = part(await founder.person.get(path), "campaign")
        assert shown["progress"] == round(100 * first["duration_days"] / 30)
        assert shown["move_counts"]["completed"] == 1

    async def test_a_pause_shifts_what_is_left(self, founder: Founder) -> None:
        campaign = await planned(founder)
        path = f"/campaigns/{campaign['id']}"
        await founder.person.post(f"{path}/start")
        _, second, *_ = await moves_of(founder.person, campaign)
        paused = part(await founder.person.post(f"{path}/pause"), "campaign")
        assert (paused["status"], paused["move_counts"]["active"]) == ("paused", 0)
        with founder.person.sql() as sql:
            sql.execute(
                "update public.campaigns set paused_on = paused_on - 3 where id = %s",
                (campaign["id"],),
            )
        going = part(await founder.person.post(f"{path}/start"), "campaign")
        ended = date.fromisoformat(paused["end_date"]) + timedelta(days=3)
        assert (going["status"], going["end_date"]) == ("active", str(ended))
        shifted = (await moves_of(founder.person, campaign))[1]
        later = date.fromisoformat(second["start_date"]) + timedelta(days=3)
        assert shifted["start_date"] == str(later)
        assert (await moves_of(founder.person, campaign))[0]["status"] == "active"

    async def test_completing_cancels_what_never_began(self, founder: Founder) -> None:
        campaign = await planned(founder)
        path = f"/campaigns/{campaign['id']}"
        await founder.person.post(f"{path}/start")
        assert part(await founder.person.post(f"{path}/complete"), "campaign")["status"] == (
            "completed"
        )
        statuses = [m["status"] for m in await moves_of(founder.person, campaign)]
        assert statuses == ["active"] + ["cancelled"] * (len(statuses) - 1)

    async def test_deleting_takes_the_unbegun_moves_along(self, founder: Founder) -> None:
        campaign = await planned(founder)
        await founder.person.post(f"/campaigns/{campaign['id']}/start")
        assert (await founder.person.delete(f"/campaigns/{campaign['id']}")).status_code == 200
        left = (await founder.person.get("/moves")).json()["moves"]
        assert [(m["status"], m["campaign_id"]) for m in left] == [("active", None)]

    async def test_a_clash_is_said(self, founder: Founder) -> None:
        first = await planned(founder, start_date=str(NEXT_MONTH))
        later = NEXT_MONTH + timedelta(days=20)
        second = await planned(founder, start_date=str(later), intensity="marathon")
        (warning,) = second["warnings"]
        assert (warning["kind"], warning["id"]) == ("campaign", first["id"])
        assert warning["first"] == str(later)
        assert "(10 days)" in warning["detail"]
        assert "120 minutes a day" in warning["detail"]
        assert first["warnings"] == []

    async def test_the_free_plan_has_no_room_for_ninety_days(
        self, owner: Person, engine_worker: None
    ) -> None:
        answer = await owner.post("/campaigns/generate", json={"duration_days": 90})
        refusal = problem(answer, 403, "plan_limit_reached")
        assert (refusal["limit"], refusal["used"]) == (10, 0)
        assert "needs 13 and 10 are left" in refusal["detail"]
        assert founderless(owner) == 0

    async def test_nothing_to_build_on(self, owner: Person, engine_worker: None) -> None:
        answer = await owner.post("/campaigns/generate", json={"goal": "sell more"})
        problem(answer, 422, "nothing_to_build_on")
        assert founderless(owner) == 0

    async def test_an_icp_that_was_just_deleted(self, founder: Founder) -> None:
        icp = part(await founder.person.post("/icps", json={"name": "Clinics"}), "icp")
        await founder.person.delete(f"/icps/{icp['id']}")
        wish = {"goal": "sell more", "target_icp_id": icp["id"]}
        answer = await founder.person.post("/campaigns/generate", json=wish)
        problem(answer, 404, "icp_not_found")

    async def test_the_moves_follow_the_documented_shape(self, founder: Founder) -> None:
        campaign = await planned(founder)
        page = (await founder.person.get(f"/campaigns/{campaign['id']}/moves?limit=2")).json()
        MovePage.model_validate(page)
        rest = await founder.person.get(
            f"/campaigns/{campaign['id']}/moves?cursor={page['next_cursor']}"
        )
        together = page["moves"] + rest.json()["moves"]
        assert [m["id"] for m in together] == [
            m["id"] for m in await moves_of(founder.person, campaign)
        ]


def founderless(person: Person) -> int:
    with person.sql() as sql:
        row = sql.execute(
            "select count(*) from public.campaigns where workspace_id = %s", (person.workspace_id,)
        ).fetchone()
    assert row is not None
    return int(row[0])
