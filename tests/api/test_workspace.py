"""What a founder sets of their workspace: a class an endpoint."""

import pytest

from tests.people import Person
from tests.problems import problem


class TestUpdate:
    async def test_only_what_is_sent_changes_and_it_is_the_day_of_the_new_zone(
        self, owner: Person, stranger: Person
    ) -> None:
        theirs = (await stranger.get("/auth/me")).json()["workspace"]
        sent = {"name": "  Patra Boxes ", "timezone": "Pacific/Kiritimati"}
        workspace = (await owner.put("/workspace", json=sent)).json()["workspace"]
        assert workspace["name"] == "Patra Boxes"
        assert workspace["settings"] == {
            "timezone": "Pacific/Kiritimati",
            "currency": "INR",
            "language": "en",
        }
        with owner.sql() as sql:
            row = sql.execute(
                "select public.workspace_today(%s) = (now() at time zone 'Pacific/Kiritimati')::date",
                (owner.workspace_id,),
            ).fetchone()
        assert row == (True,)
        kept = (await owner.put("/workspace", json={"language": "hi-IN"})).json()["workspace"]
        assert (kept["name"], kept["settings"]["language"]) == ("Patra Boxes", "hi-IN")
        assert kept["settings"]["timezone"] == "Pacific/Kiritimati"
        assert (await owner.get("/auth/me")).json()["workspace"] == kept
        assert (await stranger.get("/auth/me")).json()["workspace"] == theirs

    @pytest.mark.parametrize(
        "sent", [{"timezone": "Mars/Olympus"}, {"language": "xx"}, {"name": " "}, {"slug": "mine"}]
    )
    async def test_refused(self, owner: Person, sent: dict[str, str]) -> None:
        problem(await owner.put("/workspace", json=sent), 422, "validation_failed")
