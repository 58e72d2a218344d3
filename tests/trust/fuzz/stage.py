"""A workspace with some of everything, and people in the states that some operations ask for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from backend.core.config import Settings
from backend.domain.onboarding_steps import STEPS
from backend.local.phonepe import Simulator
from backend.skills.composers.copybook import TONES
from tests.api.documented import operations as documented
from tests.api.test_bad_input import NOT_A_USERS, right
from tests.api.test_tenancy import Tenant, furnish
from tests.conftest import TestDatabase
from tests.founders import COMPANY, at_the_start
from tests.payments.gateway import credentials
from tests.people import Person, sign_token, sign_up
from tests.shop import GENUINE, SELLER, Shop

IN_STATE: list[dict[str, str]] = [
    {
        "pause_move": "move",
        "save_win": "win",
        "accept_strategy": "strategy",
        "reject_output": "gate",
    },
    {
        "complete_move": "move",
        "skip_win": "win",
        "discard_strategy": "strategy",
        "approve_output": "gate",
        "complete_campaign": "campaign",
    },
    {
        "adapt_move": "move",
        "expand_win": "win",
        "pause_campaign": "campaign",
        "erase_memory": "memory",
        "cancel_run": "run",
    },
    {"draft_task": "task"},
]
"""Operations that a row allows once, by the noun: each gets rows that nothing else is asked about."""
ABOVE = {"task_id": "move_id", "delivery_id": "endpoint_id", "evidence_id": "session_id"}
"""Which other id leads to a row, by its own."""
NOUNS = {
    "strategies": "strategy",
    "evidence": "evidence",
    "deliveries": "delivery",
    "calendar_links": "calendar_link",
    "webhook_endpoint": "endpoint",
    "webhook_endpoints": "endpoint",
    "approval": "gate",
    "approvals": "gate",
    "memories": "memory",
}
"""What a row is called in a path, by the member of an answer that holds it."""


@dataclass
class Stage:
    settings: Settings
    pg: TestDatabase
    app: FastAPI
    phonepe: Simulator
    http: httpx.AsyncClient
    operator: UUID | None = None

    def person(self, plan: str = "free") -> Person:
        return sign_up(self.settings, self.pg.superuser_dsn, self.http, plan=plan)

    def bearer(self, person: Person) -> str:
        """Good for long enough."""
        token = sign_token(self.settings, person.id, person.email, exp=2**31)
        return f"Bearer {token}"

    def environment(self) -> dict[str, str]:
        """The settings of the API that is tried: it sells, offers trials, and hears of sign-ups."""
        assert self.settings.auth_webhook_secret
        sells = {**SELLER, **credentials(self.phonepe.url), "trial_days": "14"}
        return {
            **{name.upper(): value for name, value in sells.items()},
            "AUTH_WEBHOOK_SECRET": self.settings.auth_webhook_secret.get_secret_value(),
            "EGRESS_ALLOW_NETWORKS": "127.0.0.0/8",
            "OPERATOR_USER_IDS": str(self.operator),
            "RUN_WAIT_SECONDS": "60",
        }

    async def customer(self, days_ago: float = 0) -> tuple[Person, str]:
        """Somebody who bought Growth, and the payment."""
        shop = Shop(self.app, self.phonepe, self.person())
        begun = await shop.begin("growth")
        payment_id = str(begun["payment_id"])
        await shop.pay(begun["payment_url"])
        await shop.calls_back(payment_id)
        async with asyncio.timeout(60):  # the worker of the stage may have taken it up as well
            while shop.row(payment_id)["status"] != "completed":
                await shop.rounds()
                await asyncio.sleep(0.1)
        shop.moves_the_clock(days_ago)
        return shop.person, payment_id


@asynccontextmanager
async def selling(app: FastAPI) -> AsyncIterator[None]:
    before = app.state.till
    sells = before.settings.model_copy(update=SELLER)
    app.state.till = replace(before, settings=sells)
    yield
    app.state.till = before


async def furnished(stage: Stage, site: str, seed: str, *, whole: bool) -> dict[str, Any]:
    """What `tests.trust.fuzz.hooks` reads; `site` is a page that answers.

    Not `whole`: without the people whose state takes long to come to.
    """
    owner, secret = stage.person("growth"), stage.settings.auth_webhook_secret
    assert secret
    stage.operator = owner.id
    with owner.sql() as sql:
        sql.execute(
            "update public.users set budget_limit_monthly = 9000 where id = %s", (owner.id,)
        )
    founder = await at_the_start(owner)
    brought = await founder.bring("company.md", COMPANY.encode())
    if whole:
        await founder.ran(1, 2, 3, 4)
    database = stage.app.state.database
    free = [await furnish(owner, database) for _ in range(2 if whole else 1)]
    links = [await owner.post("/exports/calendar-links", json={"name": "Phone"}) for _ in "12"]
    tokens = [link.json()["url"].rsplit("/", 1)[1].removesuffix(".ics") for link in links]
    erased, newcomer, trying = stage.person(), stage.person(), stage.person()
    people = {
        "*": owner,
        "delete_workspace": erased,
        "subscribe": newcomer,
        "start_trial": trying,
    }
    asked = {"delete_workspace": {"confirm": [str(erased.workspace_id)]}}
    reserved: list[str] = []
    if whole:
        await _further_on(stage, people, asked)
        for operations in IN_STATE:
            tenant = await furnish(owner, database)
            with owner.sql() as sql:
                sql.execute(
                    "update public.campaigns set status = 'active' where id = %s",
                    (tenant.ids["campaign_id"],),
                )
            for name, noun in operations.items():
                ids = [f"{noun}_id", *([ABOVE[f"{noun}_id"]] if f"{noun}_id" in ABOVE else [])]
                asked[name] = {id: [tenant.ids[id]] for id in ids}
                reserved += [tenant.ids[id] for id in ids]
        wish = {"topic": "why paper invoices cost bakeries hours", "content_type": "email"}
        written = (await owner.post("/muse/generate", json=wish)).json()["asset"]
        asked["rewrite_asset"] = {"asset_id": [written["id"]]}
        reserved.append(written["id"])
    return {
        "seed": seed,
        "authorization": {
            **{operation: stage.bearer(person) for operation, person in people.items()},
            "receive_payment_event": GENUINE,
            "receive_auth_event": f"Bearer {secret.get_secret_value()}",
        },
        "rows": [
            {"session_id": founder.session_id},
            {"evidence_id": brought["id"], "session_id": founder.session_id},
            *(row for tenant in free for row in _rows(tenant)),
        ],
        "reserved": reserved,
        "nouns": NOUNS,
        "above": ABOVE,
        "asked": {
            "*": {
                "template_id": ["short-x-post"],
                "step": [1, 2, 3, 4, 6],
                "version": [1],
                "token": tokens,
            },
            "edit_step": {"step": [6]},
            "skip_step": {"step": [6]},
            "get_step": {"step": [1]},
            "get_original": {"evidence_id": [brought["id"]]},
            **asked,
        },
        "bodies": _bodies(free[0], site),
    }


async def _further_on(
    stage: Stage, people: dict[str, Person], asked: dict[str, dict[str, list[str]]]
) -> None:
    """People with a subscription, or at the end of their onboarding."""
    async with selling(stage.app):
        leaving, _ = await stage.customer()
        renewing, _ = await stage.customer(days_ago=26)
        regretting, payment_id = await stage.customer()
    finisher = await at_the_start(stage.person())
    await finisher.bring("company.md", COMPANY.encode())
    await finisher.ran(*STEPS)
    collector = await at_the_start(stage.person())
    items = [
        await collector.bring(f"{n}.md", f"We sell tea for Rs {n}.".encode()) for n in range(1, 6)
    ]
    erased = stage.person()
    people["delete_me"] = erased
    asked["delete_me"] = {"confirm": [str(erased.id)]}
    # What comes to the vault or goes makes every step stale, and nothing could be planned.
    for operation in ("upload_evidence", "add_evidence_url", "delete_evidence"):
        people[operation] = collector.person
        asked[operation] = {"session_id": [collector.session_id]}
    asked["delete_evidence"]["evidence_id"] = [item["id"] for item in items]
    people["cancel_subscription"] = people["resume_subscription"] = leaving
    people["renew_subscription"] = renewing
    people["refund_payment"] = regretting
    people["complete_onboarding"] = finisher.person
    asked["refund_payment"] = {"payment_id": [payment_id]}
    asked["complete_onboarding"] = {"session_id": [finisher.session_id]}


def _rows(tenant: Tenant) -> list[dict[str, str]]:
    """Ids by the path parameters that lead to them together."""
    return [
        {name: id, **({ABOVE[name]: tenant.ids[ABOVE[name]]} if name in ABOVE else {})}
        for name, id in tenant.ids.items()
    ]


def _bodies(tenant: Tenant, site: str) -> dict[str, list[Any]]:
    """Bodies that are taken, by operationId."""
    made = {
        operation.id: [right(tenant, operation)]
        for operation in documented()
        if operation.json_body and str(operation) not in NOT_A_USERS
    }
    made["rewrite_asset"] = [{"how": "shorter"}, *({"how": "tone", "tone": tone} for tone in TONES)]
    made["edit_step"] = [{}]
    made["approve_output"] = [{}]
    made["run_step"] = [{}]
    made["generate_move"] = [{"query": "10 demo bookings from bakeries in 7 days"}]
    made["generate_campaign"] = [{"goal": "10 demo bookings from bakeries"}]
    made["add_evidence_url"] = [{"url": site}]
    made["create_feed"] = [{"url": f"{site}feed"}]
    return made
