"""Rewriting, versions, templates and export of copy."""

import re
from typing import Any

import pytest

from backend.skills.composers.templates import VARIABLE, templates
from tests.api.test_muse import generate, made, writer
from tests.founders import Founder, part
from tests.people import Person
from tests.problems import problem

__all__ = ["writer"]  # a fixture


async def rewritten(person: Person, asset: dict[str, Any], **wish: Any) -> dict[str, Any]:
    return part(await person.post(f"/muse/assets/{asset['id']}/rewrite", json=wish), "asset")


def words(asset: dict[str, Any]) -> int:
    return len(re.findall(r"\w+", asset["content"]))


class TestRewrite:
    async def test_shorter_is_a_third_shorter_and_true(self, writer: Founder) -> None:
        asset = await made(writer.person, tone="professional")
        short = await rewritten(writer.person, asset, how="shorter")
        assert words(short) <= 0.75 * words(asset)
        assert (short["id"], short["version"], short["unsupported"]) == (asset["id"], 2, 0)

    async def test_punchier_opens_with_a_figure_or_a_voice(self, writer: Founder) -> None:
        asset = await made(writer.person, tone="friendly", topic="problems of bakeries with paper")
        punchy = await rewritten(writer.person, asset, how="punchier")
        assert re.search(r"\d|“", punchy["content"].split("\n")[0])
        assert punchy["unsupported"] == 0

    async def test_another_tone_says_the_same_facts(self, writer: Founder) -> None:
        asset = await made(writer.person, tone="professional")
        bold = await rewritten(writer.person, asset, how="tone", tone="bold")
        assert bold["tone"] == "bold"
        assert bold["content"] != asset["content"]
        facts = [{id for b in a["blocks"] for id in b["sources"]} for a in (asset, bold)]
        assert len(facts[0] & facts[1]) >= 0.6 * len(facts[0])

    async def test_what_cannot_be_done_is_said(self, writer: Founder) -> None:
        asset = await made(writer.person, tone="bold")
        path = f"/muse/assets/{asset['id']}"
        same = await writer.person.post(f"{path}/rewrite", json={"how": "tone", "tone": "bold"})
        problem(same, 422, "nothing_to_change")
        untold = await writer.person.post(f"{path}/rewrite", json={"how": "tone"})
        problem(untold, 422, "validation_failed")
        await writer.person.put(path, json={"content": "Bakeries pay Rs 900 a month."})
        own = await writer.person.post(f"{path}/rewrite", json={"how": "tone", "tone": "direct"})
        problem(own, 422, "model_needed")
        least = await writer.person.post(f"{path}/rewrite", json={"how": "shorter"})
        problem(least, 422, "nothing_to_change")
        with writer.person.sql() as sql:
            sql.execute("update public.muse_assets set blocks = '[]' where id = %s", (asset["id"],))
        empty = await writer.person.post(f"{path}/rewrite", json={"how": "shorter"})
        told = problem(empty, 422, "nothing_to_change")
        assert told["detail"] == "It has no lines to write anew."

    async def test_an_asset_of_another_workspace(self, writer: Founder, stranger: Person) -> None:
        asset = await made(writer.person)
        answer = await stranger.post(f"/muse/assets/{asset['id']}/rewrite", json={"how": "shorter"})
        problem(answer, 404, "asset_not_found")


class TestVersions:
    async def test_every_change_of_words_is_kept(self, writer: Founder) -> None:
        person = writer.person
        asset = await made(person)
        path = f"/muse/assets/{asset['id']}"
        await rewritten(person, asset, how="shorter")
        await person.put(path, json={"content": "Bakeries pay Rs 900 a month."})
        back = part(await person.post(f"{path}/versions/1/restore"), "asset")
        assert (back["version"], back["content"], back["blocks"]) == (
            4, asset["content"], asset["blocks"],
        )  # fmt: skip
        listed = (await person.get(f"{path}/versions")).json()
        assert [(v["version"], v["parent_version"], v["reason"]) for v in listed["versions"]] == [
            (4, 1, "restored"), (3, 2, "edited"), (2, 1, "rewritten"), (1, None, "generated"),
        ]  # fmt: skip
        third = part(await person.get(f"{path}/versions/3"), "version")
        assert third["content"] == "Bakeries pay Rs 900 a month."

    async def test_a_diff_rebuilds_both_sides(self, writer: Founder) -> None:
        person = writer.person
        asset = await made(person)
        path = f"/muse/assets/{asset['id']}"
        content = asset["content"].replace("\n\n", "\n\nOne more line.\n\n", 1)
        await person.put(path, json={"content": content})
        diff = (await person.get(f"{path}/versions/2/diff")).json()
        assert (diff["from_version"], diff["to_version"]) == (1, 2)
        assert [x["text"] for x in diff["lines"] if x["op"] != "removed"] == content.splitlines()
        assert [x["text"] for x in diff["lines"] if x["op"] != "added"] == asset[
            "content"
        ].splitlines()
        first = (await person.get(f"{path}/versions/1/diff")).json()
        assert {x["op"] for x in first["lines"]} == {"added"}
        back = (await person.get(f"{path}/versions/1/diff", params={"against": 2})).json()
        assert "One more line." in [x["text"] for x in back["lines"] if x["op"] == "removed"]

    async def test_a_version_that_is_not_there(self, writer: Founder, stranger: Person) -> None:
        path = f"/muse/assets/{(await made(writer.person))['id']}/versions"
        for answer in (
            await writer.person.get(f"{path}/2"),
            await writer.person.get(f"{path}/1/diff", params={"against": 9}),
            await writer.person.post(f"{path}/7/restore"),
        ):
            problem(answer, 404, "version_not_found")
        problem(await stranger.get(f"{path}/1"), 404, "asset_not_found")
        problem(await stranger.post(f"{path}/1/restore"), 404, "asset_not_found")
        problem(await writer.person.get(f"{path}/0"), 422, "validation_failed")


class TestTemplates:
    def test_there_are_enough(self) -> None:
        assert len(templates()) >= 24
        assert len({template.content_type for template in templates().values()}) == 8

    async def test_listed_by_type(self, owner: Person) -> None:
        every = (await owner.get("/muse/templates")).json()
        assert every["total"] == len(every["templates"]) == len(templates())
        ads = (await owner.get("/muse/templates", params={"content_type": "ad"})).json()
        assert {template["content_type"] for template in ads["templates"]} == {"ad"}

    async def test_the_documents_offer_values(self, writer: Founder) -> None:
        found = (await writer.person.get("/muse/templates/answer-a-doubt")).json()
        offered = found["suggestions"]
        assert "212 businesses closed their books with us in 2025." in offered["proof"]
        problem(await writer.person.get("/muse/templates/nothing"), 404, "template_not_found")

    async def test_filled_it_is_an_asset_and_checked(self, writer: Founder) -> None:
        values = {
            "fact": "212 businesses closed their books with us in 2025.",
            "so_what": "Ask us how.",
        }
        path = "/muse/templates/short-x-post/fill"
        asset = part(await writer.person.post(path, json={"values": values}), "asset")
        assert (asset["source"], asset["platform"], asset["unsupported"]) == ("template", "x", 0)
        assert asset["content"] == f"{values['fact']}\n\n{values['so_what']}"
        lie = {**values, "fact": "9,000 bakeries trust us."}
        wrong = part(await writer.person.post(path, json={"values": lie}), "asset")
        assert wrong["unsupported"] == 1

    async def test_missing_and_unknown_values_are_named(self, writer: Founder) -> None:
        body = {"values": {"fact": " ", "surprise": "x"}}
        answer = await writer.person.post("/muse/templates/short-x-post/fill", json=body)
        refusal = problem(answer, 422, "template_incomplete")
        assert set(refusal["variables"]) == {"fact", "so_what", "surprise"}

    async def test_a_value_is_text_and_no_template(self, writer: Founder) -> None:
        values = {"fact": "{{so_what}}", "so_what": "Ask us."}
        path = "/muse/templates/short-x-post/fill"
        asset = part(await writer.person.post(path, json={"values": values}), "asset")
        assert asset["content"].startswith("{{so_what}}")

    async def test_our_own_words_are_no_claims(self, writer: Founder) -> None:
        """Every template with values that claim nothing has nothing to flag."""
        for template in templates().values():
            values = dict.fromkeys(VARIABLE.findall(template.body), "later")
            answer = await writer.person.post(
                f"/muse/templates/{template.id}/fill", json={"values": values}
            )
            asset = part(answer, "asset")
            flagged = [c["text"] for c in asset["claims"] if "later" not in c["text"]]
            assert flagged == [], template.id


class TestExport:
    @pytest.mark.parametrize("content_type", ["email", "blog"])
    async def test_as_markdown_and_html(self, writer: Founder, content_type: str) -> None:
        asset = await made(writer.person, content_type=content_type)
        path = f"/muse/assets/{asset['id']}/export"
        text = await writer.person.get(path)
        assert text.headers["content-type"] == "text/markdown; charset=utf-8"
        assert text.text == asset["content"] + "\n"
        page = await writer.person.get(path, params={"format": "html"})
        assert page.headers["content-disposition"].startswith("attachment")
        assert page.text.startswith('<!doctype html>\n<html lang="en-IN">')
        assert ("<h1>" in page.text) == (content_type == "blog")

    async def test_nothing_that_runs_is_exported(self, writer: Founder) -> None:
        asset = await made(writer.person)
        path = f"/muse/assets/{asset['id']}"
        bad = "<script>alert(1)</script>\n\n[a](javascript:alert(1)) <img src=x onerror=alert(1)>"
        await writer.person.put(path, json={"content": bad, "title": "</title><script>"})
        page = (await writer.person.get(f"{path}/export", params={"format": "html"})).text
        assert "<script" not in page
        assert "<img" not in page
        assert "href=" not in page

    async def test_another_format_is_refused(self, writer: Founder) -> None:
        asset = await made(writer.person)
        answer = await writer.person.get(
            f"/muse/assets/{asset['id']}/export", params={"format": "exe"}
        )
        problem(answer, 422, "validation_failed")


async def test_held_advertisements_are_rewritten_through_the_gate_as_well(writer: Founder) -> None:
    held = (await generate(writer.person, content_type="ad")).json()
    await writer.person.post(f"/approvals/{held['approval_gate_id']}/approve", json={})
    asset: dict[str, Any] | None = None
    while asset is None:
        asset = next(iter((await writer.person.get("/muse/assets")).json()["assets"]), None)
    answer = await writer.person.post(
        f"/muse/assets/{asset['id']}/rewrite", json={"how": "shorter"}
    )
    assert answer.json()["requires_approval"] is True
    assert (await writer.person.get(f"/muse/assets/{asset['id']}")).json()["asset"]["version"] == 1
