"""get_*: what the workspace itself holds, read as its user; and calculate_gst."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from backend.agents.tools.toolbox import Bench, Parameters, Tool
from backend.core.errors import NotFound, Unprocessable
from backend.core.gst import ABROAD, STATES
from backend.payments import gst_service

FOUNDATION = """
select company_name, industry, company_stage, website_url, market_research, competitors, positioning,
  brand_voice, messaging_guardrails, soundbite_library, message_hierarchy, summary, onboarding_completed
from public.foundations where workspace_id = %(workspace_id)s
"""
ICPS = """
select id::text, code, name, tagline, is_primary, demographics, psychographics, behaviors,
  market_sophistication, scores, summary
from public.icp_profiles where workspace_id = %(workspace_id)s
order by is_primary desc, created_at, id limit %(limit)s
"""
MOVES = """
select id::text, name, category, goal, status, progress, current_day, duration_days, channels, source,
  start_date::text, end_date::text, target_icp_id::text, campaign_id::text,
  array(select distinct day ->> 'theme' from jsonb_array_elements(execution) day
    where day ->> 'theme' is not null) as themes
from public.moves where workspace_id = %(workspace_id)s
  and (%(status)s::text is null or status = %(status)s)
order by created_at desc, id desc limit %(limit)s
"""
CAMPAIGNS = """
select id::text, name, description, objective, status, goal, target_icp_id::text, channels,
  duration_days, intensity, start_date::text, end_date::text, progress
from public.campaigns where workspace_id = %(workspace_id)s
  and (%(status)s::text is null or status = %(status)s)
order by created_at desc, id desc limit %(limit)s
"""
MOST_ROWS = 20


class Nothing(Parameters):
    """It takes nothing."""


class Newest(Parameters):
    limit: int = Field(MOST_ROWS, ge=1, le=MOST_ROWS)


class Plans(Newest):
    status: (
        Literal["draft", "planning", "scheduled", "active", "paused", "completed", "cancelled"]
        | None
    ) = None


class Gst(Parameters):
    """`amount_inr` is before tax."""

    amount_inr: Decimal = Field(ge=0, le=1_000_000_000, decimal_places=2)
    buyer_state: Annotated[str, StringConstraints(pattern=r"^\d{2}$")]


async def _foundation(bench: Bench, wish: Nothing) -> dict[str, Any]:
    row = await bench.db.one(FOUNDATION)
    if row is None:
        raise NotFound("Foundation not found", code="foundation_not_found")
    return {"foundation": row}


async def _icps(bench: Bench, wish: Newest) -> dict[str, Any]:
    return {"icps": await bench.db.all(ICPS, {"limit": wish.limit})}


async def _moves(bench: Bench, wish: Plans) -> dict[str, Any]:
    return {"moves": await bench.db.all(MOVES, wish.model_dump())}


async def _campaigns(bench: Bench, wish: Plans) -> dict[str, Any]:
    return {"campaigns": await bench.db.all(CAMPAIGNS, wish.model_dump())}


async def _gst(bench: Bench, wish: Gst) -> dict[str, Any]:
    if wish.buyer_state not in STATES and wish.buyer_state != ABROAD:
        raise Unprocessable(
            f"No state has the GST code {wish.buyer_state}.", code="gst_state_unknown"
        )
    paise = int(wish.amount_inr * 100)
    split = gst_service.quote(bench.settings, paise, wish.buyer_state)
    heads = {name: getattr(split, name) for name in ("cgst", "sgst", "utgst", "igst")}
    inr = {name: f"{Decimal(value) / 100:.2f}" for name, value in heads.items() if value}
    return {
        "amount_inr": f"{wish.amount_inr:.2f}",
        "rate_percent": bench.settings.gst_rate_percent,
        "tax_inr": inr,
        "total_inr": f"{Decimal(paise + split.total) / 100:.2f}",
    }


TOOLS = (
    Tool("get_foundation", "The workspace's foundation.", Nothing, _foundation),
    Tool("get_icps", "The workspace's ICPs, the primary one first.", Newest, _icps),
    Tool("get_moves", "The newest moves, perhaps of one status.", Plans, _moves),
    Tool("get_campaigns", "The newest campaigns, perhaps of one status.", Plans, _campaigns),
    Tool("calculate_gst", "The GST on an amount in rupees, by the buyer's state code.", Gst, _gst),
)
