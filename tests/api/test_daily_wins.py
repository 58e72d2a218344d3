"""Daily wins over HTTP: ideas out of the documents and the calendar, none twice, kept, skipped and posted."""

import asyncio
import datetime
from typing import Any

import pytest

from backend.skills.composers import daily_wins
from tests.api.test_muse import writer
from tests.founders import COMPANY, Founder, part
from tests.people import Person
from tests.problems import problem
from tests.skills.test_copywriting import firm

__all__ = ["writer"]  # a fixture


async def generate(person: Person, **wish: Any) -> list[dict[str, Any]]:
    answer = await person.post("/daily-wins/generate", json=wish)
    assert answer.status_code == 200, answer.text
    wins: list[dict[str, Any]] = answer.json()["wins"]
    return wins


class TestGenerate:
    async def test_three_that_rest_on_the_documents(self, writer: Founder) -> None:
        wins = await generate(writer.person)
        assert len(wins) == 3
        for win in wins:
            assert win["status"] == "generated"
            assert 0 <= win["relevance_score"] <= 1
            assert win["minutes"] < 10
            assert len(win["outline"]) >= 2
            for source in win["sources"]:
                assert COMPANY[source["start"] : source["end"]] == source["quote"]
        assert any(win["sources"] for win in wins)
        listed = (await writer.person.get("/daily-wins")).json()
        assert listed["total"] == 3
        assert {win["id"] for win in listed["wins"]} == {win["id"] for win in wins}

    async def test_nothing_comes_twice(self, writer: Founder) -> None:
        hooks: list[str] = []
        for _ in range(6):
            answer = await writer.person.post("/daily-wins/generate", json={})
            if answer.status_code != 200:
                problem(answer, 422, "nothing_to_build_on")
                break
            hooks += [win["hook"] for win in answer.json()["wins"]]
        assert len(set(hooks)) == len(hooks) >= 4

    async def test_after_thirty_days_it_may_come_again(self, writer: Founder) -> None:
        first = await generate(writer.person)
        with writer.person.sql() as sql:
            sql.execute(
                "update public.daily_wins set won_on = won_on - 31 where workspace_id = %s",
                (writer.person.workspace_id,),
            )
        assert (await writer.person.get("/daily-wins")).json()["total"] == 0
        again = await generate(writer.person)
        assert {win["hook"] for win in again} == {win["hook"] for win in first}

    async def test_without_documents_it_asks_for_them(
        self, founder: Founder, engine_worker: None
    ) -> None:
        answer = await founder.person.post("/daily-wins/generate", json={})
        if answer.status_code == 200:  # a holiday may be near
            assert {w["source_kind"] for w in answer.json()["wins"]} == {"holiday"}
        else:
            problem(answer, 422, "nothing_to_build_on")

    async def test_of_another_workspace(self, writer: Founder, stranger: Person) -> None:
        (win, *_) = await generate(writer.person)
        for action in ("mark-posted", "save", "skip", "expand"):
            answer = await stranger.post(f"/daily-wins/{win['id']}/{action}")
            problem(answer, 404, "win_not_found")
        assert (await stranger.get("/daily-wins")).json()["total"] == 0


class TestWhatBecomesOfIt:
    async def test_posted_once_with_its_address(self, writer: Founder) -> None:
        (win, *_) = await generate(writer.person)
        path = f"/daily-wins/{win['id']}/mark-posted"
        body = {"posted_url": "https://example.com/post/1"}
        answers = await asyncio.gather(*(writer.person.post(path, json=body) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        posted = part(next(a for a in answers if a.status_code == 200), "win")
        assert (posted["status"], posted["posted_url"]) == ("posted", body["posted_url"])
        assert posted["posted_at"]
        skipped = await writer.person.post(f"/daily-wins/{win['id']}/skip")
        problem(skipped, 409, "win_already_posted")

    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", "ftp://a.example", "x", "https://" + "a" * 2000]
    )
    async def test_an_address_that_is_none(self, writer: Founder, url: str) -> None:
        (win, *_) = await generate(writer.person)
        path = f"/daily-wins/{win['id']}/mark-posted"
        problem(await writer.person.post(path, json={"posted_url": url}), 422, "validation_failed")

    async def test_saved_skipped_and_listed_by_state(self, writer: Founder) -> None:
        one, two, _ = await generate(writer.person)
        await writer.person.post(f"/daily-wins/{one['id']}/save")
        await writer.person.post(f"/daily-wins/{two['id']}/skip")
        for state, win in (("saved", one), ("skipped", two)):
            listed = (await writer.person.get("/daily-wins", params={"status": state})).json()
            assert [w["id"] for w in listed["wins"]] == [win["id"]]

    async def test_expanded_it_is_copy(self, writer: Founder) -> None:
        (win, *_) = await generate(writer.person)
        answer = (await writer.person.post(f"/daily-wins/{win['id']}/expand")).json()
        assert answer["win"]["muse_asset_id"] == answer["asset"]["id"]
        assert answer["asset"]["unsupported"] == 0


class TestCalendar:
    def test_a_holiday_near_is_an_idea_of_its_own(self) -> None:
        facts, evidence, profile = firm("sample_dairy_web.txt")
        wish = daily_wins.WinsRequest(today=datetime.date(2026, 11, 2))
        found = daily_wins.compose(wish, facts, [evidence], profile)["wins"]
        (diwali,) = [win for win in found if win["source_kind"] == "holiday"]
        assert "Diwali" in diwali["hook"]
        assert "8 November" in diwali["hook"]

    def test_it_looks_two_weeks_ahead(self) -> None:
        today = datetime.date(2026, 11, 2)
        days = [day for day, _ in daily_wins.upcoming(daily_wins.WinsRequest(today=today))]
        assert days
        assert all(0 <= (day - today).days <= 14 for day in days)
