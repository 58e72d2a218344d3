"""The foundation over HTTP."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.people import Person
from tests.problems import problem


class TestGet:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.get("/api/v1/foundation"), 401, "token_missing")

    async def test_everybody_has_an_empty_one(self, owner: Person) -> None:
        foundation = (await owner.get("/foundation")).json()["foundation"]
        assert foundation["workspace_id"] == str(owner.workspace_id)
        assert foundation["onboarding_completed"] is False
        assert (await owner.get("/foundation/summary")).json() == {"summary": ""}

    async def test_embeddings_do_not_leave(self, owner: Person) -> None:
        foundation = (await owner.get("/foundation")).json()["foundation"]
        assert not [name for name in foundation if "embed" in name]


class TestUpdate:
    async def test_anonymous(self, http: AsyncClient) -> None:
        problem(await http.put("/api/v1/foundation", json={}), 401, "token_missing")

    async def test_other_workspace_is_untouched(self, owner: Person, stranger: Person) -> None:
        await stranger.put("/foundation", json={"company_name": "Theirs"})
        assert (await owner.get("/foundation")).json()["foundation"]["company_name"] is None

    async def test_only_what_is_sent_changes_and_counts_as_the_founders(
        self, owner: Person
    ) -> None:
        await owner.put("/foundation", json={"industry": "Packaging"})
        body = {"company_name": "Boxes", "messaging_guardrails": ["never say waterproof"]}
        changed = (await owner.put("/foundation", json=body)).json()["foundation"]
        assert changed["industry"] == "Packaging"
        assert changed["messaging_guardrails"] == ["never say waterproof"]
        assert changed["last_updated_by"] == "user"
        assert set(changed["provenance"]) == {"industry", "company_name", "messaging_guardrails"}
        assert changed["provenance"]["company_name"]["source"] == "user"

    @pytest.mark.parametrize(
        "change",
        [
            {"summary": "x"},
            {"onboarding_completed": True},
            {"truth_sheet": {}},
            {"company_stage": "huge"},
            {"website_url": "ftp://x"},
            {"offers": "many"},
        ],
    )
    async def test_bad_input(self, owner: Person, change: dict[str, Any]) -> None:
        problem(await owner.put("/foundation", json=change), 422, "validation_failed")
