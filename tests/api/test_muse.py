"""Muse over HTTP: eight types of copy out of a founder's own page, each claim with its source."""

from typing import Any, get_args

import pytest
from httpx import Response

from backend.domain.feedback import Preferences
from backend.domain.muse import Type
from tests.founders import COMPANY, Founder, part
from tests.people import Person
from tests.problems import problem

TYPES = get_args(Type)
HELD = {"ad"}


@pytest.fixture
async def writer(reader: Founder) -> Founder:
    """Whose documents are read."""
    await reader.ran(1, 2)
    return reader


async def generate(person: Person, **wish: Any) -> Response:
    body = {"content_type": "social", "topic": "why paper invoices cost bakeries hours", **wish}
    return await person.post("/muse/generate", json=body)


async def made(person: Person, **wish: Any) -> dict[str, Any]:
    return part(await generate(person, **wish), "asset")


class TestGenerate:
    async def test_needs_a_token(self, writer: Founder) -> None:
        answer = await writer.person.http.post("/api/v1/muse/generate", json={})
        problem(answer, 401, "token_missing")

    @pytest.mark.parametrize("content_type", [t for t in TYPES if t not in HELD])
    async def test_every_type_rests_on_the_documents(
        self, writer: Founder, content_type: str
    ) -> None:
        asset = await made(writer.person, content_type=content_type)
        assert asset["type"] == content_type
        assert asset["status"] == "draft"
        assert asset["version"] == 1
        assert asset["unsupported"] == 0
        assert asset["problems"] == []
        assert any(claim["source"] for claim in asset["claims"])
        for claim in asset["claims"]:
            assert claim["verdict"] == "supported"
            if claim["source"]:
                start, end = claim["source"]["start"], claim["source"]["end"]
                assert COMPANY[start:end] == claim["source"]["quote"]
        assert (await writer.person.get(f"/muse/assets/{asset['id']}")).json()["asset"] == asset

    async def test_an_ad_waits_for_approval_and_is_kept_as_approved(self, writer: Founder) -> None:
        answer = await generate(writer.person, content_type="ad")
        held = answer.json()
        assert answer.status_code == 200
        assert held["asset"] is None
        assert held["requires_approval"] is True
        assert (await writer.person.get("/muse/assets")).json()["total"] == 0

        gate = held["approval_gate_id"]
        approved = await writer.person.post(f"/approvals/{gate}/approve", json={})
        assert approved.status_code == 200, approved.text
        run = await writer.person.get(f"/agents/runs/{held['run_id']}", params={"wait": 10})
        listed: dict[str, Any] = {}
        for _ in range(50):
            listed = (await writer.person.get("/muse/assets")).json()
            if listed["total"]:
                break
        assert listed["total"] == 1, run.text
        asset = listed["assets"][0]
        assert asset["type"] == "ad"
        assert asset["unsupported"] == 0

    async def test_variants_differ(self, writer: Founder) -> None:
        body = (await generate(writer.person, variants=3)).json()
        texts = [asset["content"] for asset in (body["asset"], *body["variants"])]
        assert len(set(texts)) == 3
        titles = [asset["title"] for asset in (body["asset"], *body["variants"])]
        assert len(set(titles)) == 3

    async def test_the_same_wish_again_is_built_otherwise(self, writer: Founder) -> None:
        first, second = await made(writer.person), await made(writer.person)
        assert first["content"] != second["content"]

    async def test_a_place_that_the_type_does_not_go_to(self, writer: Founder) -> None:
        answer = await generate(writer.person, content_type="email", platform="instagram")
        body = problem(answer, 422, "validation_failed")
        assert "email goes to email" in body["detail"]

    async def test_hindi_needs_a_model_and_says_so(self, writer: Founder) -> None:
        body = problem(await generate(writer.person, language="hi-IN"), 422, "model_needed")
        assert "model" in body["detail"]

    async def test_without_documents_it_asks_for_them(
        self, founder: Founder, engine_worker: None
    ) -> None:
        body = problem(await generate(founder.person), 422, "nothing_to_build_on")
        assert {gap["slot"] for gap in body["missing"]} >= {"positioning"}

    async def test_what_the_topic_claims_is_not_taken_for_true(self, writer: Founder) -> None:
        answer = (
            await generate(writer.person, topic="Diwali offer, 40% off for 500 bakeries")
        ).json()
        assert "40%" not in answer["asset"]["content"]
        assert any("40%" in gap["why"] for gap in answer["missing"])

    async def test_an_icp_that_was_just_deleted(self, writer: Founder) -> None:
        icp = part(await writer.person.post("/icps", json={"name": "Bakers"}), "icp")
        assert (await generate(writer.person, icp_id=icp["id"])).status_code == 200
        await writer.person.delete(f"/icps/{icp['id']}")
        problem(await generate(writer.person, icp_id=icp["id"]), 404, "icp_not_found")

    async def test_free_words_say_the_type(self, writer: Founder) -> None:
        query = "Write an email about flour invoices for bakery owners"
        body = {"request_type": "muse", "request_data": {"query": query}}
        answer = (await writer.person.post("/agents/execute", json=body)).json()
        assert answer["success"] is True, answer
        assert answer["output"]["asset"]["type"] == "email"
        assert answer["output"]["provenance"]["unsupported"] == 0


class TestAssets:
    async def test_of_another_workspace(self, writer: Founder, stranger: Person) -> None:
        asset = await made(writer.person)
        problem(await stranger.get(f"/muse/assets/{asset['id']}"), 404, "asset_not_found")
        assert (await stranger.get("/muse/assets")).json()["total"] == 0

    async def test_lists_by_type_and_status_in_pages(self, writer: Founder) -> None:
        person = writer.person
        ids = [(await made(person, content_type=t))["id"] for t in ("social", "email", "social")]
        await person.put(f"/muse/assets/{ids[0]}", json={"status": "approved"})
        page = (await person.get("/muse/assets", params={"type": "social", "limit": 1})).json()
        assert (page["total"], page["assets"][0]["id"]) == (2, ids[2])
        rest = await person.get(
            "/muse/assets", params={"type": "social", "cursor": page["next_cursor"]}
        )
        assert [asset["id"] for asset in rest.json()["assets"]] == [ids[0]]
        approved = (await person.get("/muse/assets", params={"status": "approved"})).json()
        assert [asset["id"] for asset in approved["assets"]] == [ids[0]]

    async def test_edited_words_are_checked_and_a_new_version(self, writer: Founder) -> None:
        asset = await made(writer.person)
        lie = "Lantern Ledger is trusted by 9,000 bakeries."
        content = f"212 businesses closed their books with us in 2025.\n\n{lie}"
        path = f"/muse/assets/{asset['id']}"
        changed = part(await writer.person.put(path, json={"content": content}), "asset")
        assert (changed["version"], changed["content"]) == (2, content)
        verdicts = {claim["text"]: claim["verdict"] for claim in changed["claims"]}
        assert verdicts.pop("212 businesses closed their books with us in 2025.") == "supported"
        assert changed["unsupported"] == 1
        assert verdicts[lie] != "supported"

    async def test_html_is_safe(self, writer: Founder) -> None:
        asset = await made(writer.person)
        content = (
            "Hello <script>alert(1)</script> [x](javascript:alert(1)) ![p](http://a.example/p.png)"
        )
        path = f"/muse/assets/{asset['id']}"
        changed = part(await writer.person.put(path, json={"content": content}), "asset")
        for bad in ("<script", 'javascript:alert(1)"', "<img"):
            assert bad not in changed["content_html"]

    async def test_a_long_topic_gets_a_short_title(self, writer: Founder) -> None:
        topic = " ".join(["why paper invoices cost independent bakeries hours"] * 8)
        asset = await made(writer.person, topic=topic)
        assert asset["title"].endswith(" …")
        assert 150 < len(asset["title"]) <= 200

    async def test_rating_and_tags_make_no_version(self, writer: Founder) -> None:
        asset = await made(writer.person)
        path = f"/muse/assets/{asset['id']}"
        changes = {"rating": 4, "tags": ["launch"], "status": "published"}
        changed = part(await writer.person.put(path, json=changes), "asset")
        assert changed["version"] == 1
        assert {name: changed[name] for name in changes} == changes
        learned = (await writer.person.get("/feedback/preferences")).json()["preferences"]
        assert (learned["feedback_count"], learned["preferred_tone"]) == (1, asset["tone"])
        assert learned["tone_confidence"] > 0
        await writer.person.put(path, json={"rating": 4})  # said already
        again = (await writer.person.get("/feedback/preferences")).json()["preferences"]
        assert again == learned
        await writer.person.put(path, json={"rating": 1})  # takes the vote for its tone back
        later = (await writer.person.get("/feedback/preferences")).json()["preferences"]
        assert (later["feedback_count"], later["tone_confidence"]) == (2, 0)
        assert later["preferred_tone"] == Preferences().preferred_tone
        problem(await writer.person.put(path, json={"rating": 6}), 422, "validation_failed")
        problem(await writer.person.put(path, json={"version": 9}), 422, "validation_failed")

    async def test_deletes(self, writer: Founder) -> None:
        asset = await made(writer.person)
        path = f"/muse/assets/{asset['id']}"
        assert (await writer.person.delete(path)).json() == {"deleted": True}
        problem(await writer.person.get(path), 404, "asset_not_found")
        assert writer.count("public.muse_versions") == 0
