"""Plans, the subscription, payments and usage (PRODUCT 10)."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from backend.domain.billing import PLANS, PlanId
from backend.services.rate_limiter import TIMES

router = APIRouter()


class PlanOffer(BaseModel):
    """Prices are before GST. A limit of null means unlimited."""

    id: PlanId
    name: str
    price_inr: int
    price_annual_inr: int
    budget_usd: int
    max_icps: int | None
    max_moves_a_month: int | None
    requests_a_minute: int
    runs_a_minute: int
    features: tuple[str, ...]


class PlanList(BaseModel):
    plans: list[PlanOffer]
    gst_rate_percent: int
    currency: str = "INR"


@router.get("/plans")
async def list_plans(request: Request) -> PlanList:
    """What can be bought, for everybody to see."""
    settings = request.app.state.settings
    offers = [
        PlanOffer(
            id=plan.id,
            name=plan.name,
            price_inr=plan.price_inr,
            price_annual_inr=plan.price_paise("annual") // 100,
            budget_usd=plan.budget_usd,
            max_icps=plan.max_icps,
            max_moves_a_month=plan.max_moves_a_month,
            requests_a_minute=settings.rate_limit_api * TIMES[plan.id],
            runs_a_minute=settings.rate_limit_agent * TIMES[plan.id],
            features=plan.features,
        )
        for plan in PLANS.values()
    ]
    return PlanList(plans=offers, gst_rate_percent=settings.gst_rate_percent)
