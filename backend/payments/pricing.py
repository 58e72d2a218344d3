"""What a wish costs, and what kind of change it is: integers in paise, no row and no request (ADR 0074)."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from backend.core.errors import Conflict
from backend.core.gst import GstSplit
from backend.domain.billing import PLANS, Cycle, PlanId
from backend.domain.payments import Kind
from backend.domain.subscriptions import DAYS, Standing

RENEWABLE_DAYS = 7
"""How long before its end a period can be renewed."""
_MICROSECOND = timedelta(microseconds=1)

Way = Literal["subscription", "upgrade", "renewal", "scheduled", "resumed"]


@dataclass(frozen=True, slots=True)
class Quote:
    """`net_paise` is the list price less the unused part of the term before; GST comes on top."""

    kind: Kind
    list_paise: int
    split: GstSplit
    plan: PlanId | None = None
    cycle: Cycle | None = None
    credit_paise: int = 0
    topup_usd: int | None = None

    @property
    def net_paise(self) -> int:
        return self.list_paise - self.credit_paise

    @property
    def total_paise(self) -> int:
        return self.net_paise + self.split.total

    def shown(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "plan": self.plan,
            "billing_cycle": self.cycle,
            "topup_usd": self.topup_usd,
            "list_paise": self.list_paise,
            "credit_paise": self.credit_paise,
            "net_paise": self.net_paise,
            **{f"{head}_paise": paise for head, paise in asdict(self.split).items()},
            "gst_paise": self.split.total,
            "total_paise": self.total_paise,
        }


def way(now: Standing, plan: PlanId, cycle: Cycle, at: datetime) -> Way:
    """What going to this plan means. Raises Conflict `already_subscribed` or `annual_term_running`.

    More, or for longer, begins at once; less, or for a shorter time, waits for the period's end.
    """
    if now.plan == "free" or now.status == "trialing" or now.billing_cycle is None:
        return "subscription"
    if (plan, cycle) == (now.plan, now.billing_cycle):
        return _again(now, at)
    rank, theirs = PLANS[plan].rank, now.offer.rank
    longer = cycle == now.billing_cycle or cycle == "annual"
    if now.status == "past_due":
        return "renewal"
    if (rank > theirs or (rank == theirs and cycle == "annual")) and longer:
        return "upgrade"
    if rank > theirs:
        raise Conflict(
            f"{PLANS[plan].name} can be had by the year now, or by the month after your annual period ends.",
            code="annual_term_running",
            period_end=now.current_period_end and now.current_period_end.isoformat(),
        )
    return "scheduled"


def _again(now: Standing, at: datetime) -> Way:
    """The plan one has: renewed near its end, or kept after all."""
    if now.cancel_at_period_end or now.next_plan:
        return "resumed"
    ends = now.current_period_end
    if now.status == "past_due" or (ends and ends - at <= timedelta(days=RENEWABLE_DAYS)):
        return "renewal"
    raise Conflict(
        f"You have the {now.offer.name} plan already.",
        code="already_subscribed",
        period_end=ends and ends.isoformat(),
    )


def unused_paise(now: Standing, at: datetime) -> int:
    """What the time that is paid for is still worth at the list price, rounded down to the paisa.

    A period that was renewed early holds more than one of its length.
    """
    end, cycle = now.current_period_end, now.billing_cycle
    if now.status != "active" or cycle is None or end is None or end <= at:
        return 0
    left, whole = (end - at) // _MICROSECOND, timedelta(days=DAYS[cycle]) // _MICROSECOND
    return now.price_paise * left // whole
