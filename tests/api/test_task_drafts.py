"""The content of a task, written in one call; and the tasks of a move page by page."""

from typing import Any

import pytest

from backend.agents.wishes.task_drafts import DraftWish, request_for
from backend.core.errors import Unprocessable
from tests.api.test_approvals import ended
from tests.api.test_moves import make, make_started
from tests.api.test_muse import writer
from tests.founders import Founder
from tests.people import Person
from tests.problems import problem

__all__ = ["writer"]  # a fixture

TITLE = "Publish why paper invoices cost bakeries hours"


def task(**fields: Any) -> dict[str, Any]:
    plain = {"id": None, "title": TITLE, "platform": None, "deliverable": None, "type": "pillar"}
    return {**plain, **fields}


MOVE: dict[str, Any] = {"id": None, "target_icp_id": None, "campaign_id": None}


@pytest.mark.parametrize(
    ("fields", "kind", "place"),
    [
        ({"platform": "LinkedIn", "deliverable": "One post"}, "social", "linkedin"),
        (
            {"platform": "LinkedIn", "deliverable": "A carousel of six slides"},
            "carousel",
            "linkedin",
        ),
        ({"platform": "WhatsApp", "deliverable": "Ten messages"}, "other", "whatsapp"),
        ({"platform": "email"}, "email", "email"),
        ({"platform": "website", "deliverable": "A landing page"}, "landing", "website"),
        ({"deliverable": "One post, the figure in the first line"}, "social", None),
    ],
)
def test_what_a_task_asks_for(fields: dict[str, Any], kind: str, place: str | None) -> None:
    asked = request_for(task(**fields), MOVE, DraftWish())
    assert (asked.content_type, asked.platform, asked.topic) == (kind, place, TITLE)


def test_a_call_leaves_nothing_written() -> None:
    ring = task(title="Ring ten shops", platform="phone", deliverable="Ten calls made")
    with pytest.raises(Unprocessable) as refused:
        request_for(ring, MOVE, DraftWish())
    assert refused.value.code == "nothing_to_write"
    assert request_for(ring, MOVE, DraftWish(content_type="script")).content_type == "script"


def test_an_email_to_strangers_waits_for_approval() -> None:
    assert request_for(task(platform="email", type="outreach"), MOVE, DraftWish()).cold_outreach
    told = DraftWish(cold_outreach=False)
    assert not request_for(task(platform="email", type="outreach"), MOVE, told).cold_outreach


async def test_the_task_keeps_what_was_written(writer: Founder, stranger: Person) -> None:
    person = writer.person
    move = await make(person)
    plan = [{"day": 1, "theme": "x", "tasks": [{"title": TITLE, "platform": "LinkedIn"}]}]
    await person.put(f"/moves/{move['id']}", json={"execution": plan})
    await person.post(f"/moves/{move['id']}/start")
    (found,) = (await person.get(f"/moves/{move['id']}/tasks")).json()["tasks"]
    path = f"/moves/{move['id']}/tasks/{found['id']}/draft"
    problem(await stranger.post(path), 404, "task_not_found")
    answer = await person.post(path)
    assert answer.status_code == 200, answer.text
    drafted = answer.json()
    assert drafted["asset"]["move_id"] == move["id"]
    assert drafted["asset"]["unsupported"] == 0
    kept = drafted["task"]["generated_content"]
    assert (kept["asset_id"], kept["content"]) == (
        drafted["asset"]["id"],
        drafted["asset"]["content"],
    )
    listed = (await person.get(f"/moves/{move['id']}/tasks")).json()["tasks"]
    assert listed[0]["generated_content"] == kept


async def test_the_task_keeps_a_held_text_once_it_is_approved(writer: Founder) -> None:
    person = writer.person
    move = await make(person)
    plan = [{"day": 1, "theme": "x", "tasks": [{"title": TITLE, "platform": "Google ads"}]}]
    await person.put(f"/moves/{move['id']}", json={"execution": plan})
    await person.post(f"/moves/{move['id']}/start")
    (found,) = (await person.get(f"/moves/{move['id']}/tasks")).json()["tasks"]
    held = (await person.post(f"/moves/{move['id']}/tasks/{found['id']}/draft")).json()
    assert (held["requires_approval"], held["task"]["generated_content"]) == (True, None)
    await person.post(f"/approvals/{held['approval_gate_id']}/approve", json={})
    await ended(person, held["run_id"])
    (kept,) = (await person.get(f"/moves/{move['id']}/tasks")).json()["tasks"]
    asset_id = kept["generated_content"]["asset_id"]
    asset = (await person.get(f"/muse/assets/{asset_id}")).json()["asset"]
    assert kept["generated_content"]["content"] == asset["content"]


async def test_tasks_page_by_page(owner: Person) -> None:
    move = await make_started(owner)
    path = f"/moves/{move['id']}/tasks"
    whole = [task["id"] for task in (await owner.get(path)).json()["tasks"]]
    first = (await owner.get(path, params={"limit": 2})).json()
    rest = (await owner.get(path, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [task["id"] for page in (first, rest) for task in page["tasks"]] == whole
    assert (first["total"], rest["total"], rest["next_cursor"]) == (3, 3, None)
