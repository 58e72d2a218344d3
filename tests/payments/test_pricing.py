"""Proration to the paisa, and what kind of change a wish is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import Conflict
from backend.domain.billing import PLANS, Cycle, PaidPlanId
from backend.domain.subscriptions import DAYS, Standing
from backend.payments.pricing import unused_paise, way

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
FREE = Standing(
    user_id=UUID(int=1),
    plan="free",
    status="active",
    price_paise=0,
    billing_cycle=None,
    current_period_start=None,
    current_period_end=None,
    trial_end=None,
    cancel_at_period_end=False,
    next_plan=None,
    next_billing_cycle=None,
    past_due_since=None,
    cancelled_at=None,
    trial_used=False,
    term=0,
    billing_details=None,
    phonepe_subscription_id=None,
)


def on(
    plan: PaidPlanId, cycle: Cycle = "monthly", *, days_left: float = 20, **but: Any
) -> Standing:
    end = AT + timedelta(days=days_left)
    return FREE.paid_until(plan, cycle, end - timedelta(days=DAYS[cycle])).but(**but)


class TestUnused:
    @pytest.mark.parametrize(
        ("now", "paise"),
        [
            (on("starter", days_left=30), 79900),
            (on("starter", days_left=15), 39950),
            (on("starter", days_left=7), 18643),  # 18643.33
            (on("starter", days_left=0), 0),
            (on("starter", days_left=-1), 0),
            (on("growth", "annual", days_left=100), 821643),  # 821643.83
            (on("starter", days_left=33), 87890),  # renewed three days early
            (on("starter", status="past_due"), 0),
            (on("starter", status="trialing"), 0),
            (FREE, 0),
        ],
    )
    def test_is_rounded_down_to_the_paisa(self, now: Standing, paise: int) -> None:
        assert unused_paise(now, AT) == paise

    @given(st.sampled_from(["starter", "growth"]), st.integers(0, 30 * 86400 * 10**6))
    def test_never_more_than_was_paid_and_never_negative(
        self, plan: PaidPlanId, microseconds: int
    ) -> None:
        now = on(plan, days_left=microseconds / 86400 / 10**6)
        assert 0 <= unused_paise(now, AT) <= PLANS[plan].price_paise("monthly")


class TestWay:
    @pytest.mark.parametrize(
        ("now", "plan", "cycle", "means"),
        [
            (FREE, "starter", "monthly", "subscription"),
            (on("starter", status="trialing"), "growth", "annual", "subscription"),
            (on("starter"), "growth", "monthly", "upgrade"),
            (on("starter"), "starter", "annual", "upgrade"),
            (on("starter"), "growth", "annual", "upgrade"),
            (on("starter", "annual"), "growth", "annual", "upgrade"),
            (on("growth"), "starter", "monthly", "scheduled"),
            (on("growth"), "starter", "annual", "scheduled"),
            (on("growth", "annual"), "growth", "monthly", "scheduled"),
            (on("growth", days_left=7), "growth", "monthly", "renewal"),
            (on("growth", cancel_at_period_end=True), "growth", "monthly", "resumed"),
            (
                on("growth", next_plan="starter", next_billing_cycle="monthly"),
                "growth",
                "monthly",
                "resumed",
            ),
            (on("growth", status="past_due", days_left=-1), "growth", "monthly", "renewal"),
            (on("growth", status="past_due", days_left=-1), "starter", "monthly", "renewal"),
        ],
    )
    def test_what_a_wish_means(self, now: Standing, plan: Any, cycle: Any, means: str) -> None:
        assert way(now, plan, cycle, AT) == means

    @pytest.mark.parametrize(
        ("now", "plan", "cycle", "code"),
        [
            (on("growth"), "growth", "monthly", "already_subscribed"),
            (on("starter", "annual"), "growth", "monthly", "annual_term_running"),
        ],
    )
    def test_refusals(self, now: Standing, plan: Any, cycle: Any, code: str) -> None:
        with pytest.raises(Conflict) as caught:
            way(now, plan, cycle, AT)
        assert caught.value.code == code
