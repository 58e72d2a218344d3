"""Plans: the one home of what each costs and allows (PRODUCT 10)."""

from dataclasses import dataclass
from typing import Literal

from backend.core.database import Reads
from backend.core.errors import Forbidden

PlanId = Literal["free", "starter", "growth", "enterprise"]


@dataclass(frozen=True)
class Plan:
    """`None` means unlimited. Prices are per month, before GST; the budget pays for model calls."""

    id: PlanId
    name: str
    price_inr: int
    budget_usd: int
    max_icps: int | None
    max_moves_a_month: int | None


PLANS: dict[str, Plan] = {
    plan.id: plan
    for plan in (
        Plan("free", "Free", 0, 1, max_icps=1, max_moves_a_month=10),
        Plan("starter", "Starter", 799, 10, max_icps=3, max_moves_a_month=None),
        Plan("growth", "Growth", 2999, 50, max_icps=None, max_moves_a_month=None),
        Plan("enterprise", "Enterprise", 9999, 200, max_icps=None, max_moves_a_month=None),
    )
}

CURRENT_PLAN = (
    "select plan from public.subscriptions where user_id = %(user_id)s and status <> 'cancelled'"
)


async def current_plan(db: Reads) -> Plan:
    """The plan in force; without a live subscription, the free one."""
    row = await db.one(CURRENT_PLAN)
    return PLANS[row["plan"] if row else "free"]


def limit_reached(plan: Plan, limit: int, things: str) -> Forbidden:
    return Forbidden(
        f"The {plan.name} plan allows {limit} {things}.",
        code="plan_limit_reached",
        plan=plan.id,
        limit=limit,
    )
