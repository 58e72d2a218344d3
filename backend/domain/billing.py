"""Plans: the one home of what each costs and allows (PRODUCT 10)."""

from dataclasses import dataclass
from typing import Literal

from backend.core.database import Reads
from backend.core.errors import Forbidden

PlanId = Literal["free", "starter", "growth", "enterprise"]
PaidPlanId = Literal["starter", "growth", "enterprise"]
Cycle = Literal["monthly", "annual"]
VAULT_MB: dict[str, int] = {"free": 200, "starter": 500, "growth": 1000, "enterprise": 1000}
"""50 items of 20 MB are 1000 MB: more no vault holds."""
ANALYTICS_DAYS: dict[str, int] = {"free": 28, "starter": 28, "growth": 366, "enterprise": 366}
"""How far back the analytics look, today included."""
MONTHS_PAID_A_YEAR = 10
"""A year costs as much as ten months."""


@dataclass(frozen=True)
class Plan:
    """`None` means unlimited. Prices are per month, before GST; the budget pays for model calls."""

    id: PlanId
    name: str
    price_inr: int
    budget_usd: int
    max_icps: int | None
    max_moves_a_month: int | None
    features: tuple[str, ...]

    @property
    def vault_mb(self) -> int:
        """How much evidence a workspace may keep; the founder's way needs some 20 MB."""
        return VAULT_MB[self.id]

    @property
    def vault_bytes(self) -> int:
        return self.vault_mb * 1024 * 1024

    @property
    def analytics_days(self) -> int:
        return ANALYTICS_DAYS[self.id]

    @property
    def rank(self) -> int:
        """Free is 0; what ranks higher has everything of what ranks lower."""
        return list(PLANS).index(self.id)

    def price_paise(self, cycle: "Cycle") -> int:
        """For a whole cycle, before GST."""
        return self.price_inr * 100 * (MONTHS_PAID_A_YEAR if cycle == "annual" else 1)


PLANS: dict[str, Plan] = {
    plan.id: plan
    for plan in (
        Plan("free", "Free", 0, 1, 1, 10, ("1 ICP", "10 moves a month")),
        Plan("starter", "Starter", 799, 10, 3, None, ("3 ICPs", "Unlimited moves")),
        Plan(
            "growth",
            "Growth",
            2999,
            50,
            None,
            None,
            ("Unlimited ICPs", "Unlimited moves", "Analytics over a year", "API access"),
        ),
        Plan(
            "enterprise",
            "Enterprise",
            9999,
            200,
            None,
            None,
            ("Everything in Growth", "Custom terms", "Service level agreement"),
        ),
    )
}

CURRENT_PLAN = (
    "select plan from public.subscriptions where user_id = %(user_id)s and status <> 'cancelled'"
)


async def current_plan(db: Reads) -> Plan:
    """The plan in force; without a live subscription, the free one."""
    row = await db.one(CURRENT_PLAN)
    return PLANS[row["plan"] if row else "free"]


def limit_reached(
    plan: Plan, limit: int, things: str, used: int | None = None, wanted: int = 1
) -> Forbidden:
    """`used` is what there is already, `wanted` how many more were asked for."""
    more = f" This one needs {wanted} and {max(0, limit - (used or 0))} are left." * (wanted > 1)
    return Forbidden(
        f"The {plan.name} plan allows {limit} {things}.{more}",
        code="plan_limit_reached",
        plan=plan.id,
        limit=limit,
        used=used,
    )
