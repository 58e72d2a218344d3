"""Letters to customers about money: budget alerts, reminders of a plan's end, invoices and credit notes.

A letter is about a row that is there anyway; nothing in the path of money knows of mail. What happened within
`DAYS` and has no letter yet gets one; a letter that could not be sent is tried again, `MOST_ATTEMPTS` times.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.core.database import Tx
from backend.core.gst import IST
from backend.core.rupees import grouped

DAYS = 2
MOST_ATTEMPTS = 6
"""With pauses of 2, 4, 8 ... minutes: an hour of trouble at the mail server loses nothing."""
MOST_AT_ONCE = 100

CAUSES = ("renewal_due", "past_due", "expired", "trial_ended")
"""Events of a subscription that a customer has to hear of; of a payment the invoice tells."""

DUE = """
with happened as (
  select 'budget' as kind, concat_ws('/', a.user_id, a.month, a.percent) as reference, a.user_id,
    a.reached_at as at, jsonb_build_object('percent', a.percent) as detail
  from public.budget_alerts a
  union all
  select 'plan', e.id::text, e.user_id, e.created_at, e.detail || jsonb_build_object('cause', e.cause,
    'plan', case e.cause when 'expired' then e.plan_before else e.plan end, 'period_end', e.period_end)
  from public.subscription_events e where e.cause = any(%(causes)s)
  union all
  select 'invoice', i.id::text, i.user_id, i.created_at,
    jsonb_build_object('number', i.invoice_number, 'paise', i.total_amount_paise)
  from public.invoices i
  union all
  select 'credit_note', c.id::text, c.user_id, c.created_at, jsonb_build_object('number',
    c.credit_note_number, 'invoice', c.invoice_number, 'paise', c.total_amount_paise)
  from public.credit_notes c
)
select h.kind, h.reference, h.user_id, h.detail, u.email
from happened h
join public.users u on u.id = h.user_id
left join public.letters l on l.kind = h.kind and l.reference = h.reference
where h.at > now() - make_interval(days => %(days)s)
  and (l.kind is null or (l.sent_at is null and l.next_attempt_at <= now() and l.attempts < %(most)s))
order by h.at limit %(limit)s
"""
# The row is the claim: two workers that see the same letter as due do not both get one.
CLAIM = """
insert into public.letters as l (kind, reference, user_id, next_attempt_at)
values (%(kind)s, %(reference)s, %(user_id)s, now() + interval '2 minutes')
on conflict (kind, reference) do update set attempts = l.attempts + 1,
  next_attempt_at = now() + make_interval(mins => (2 ^ (l.attempts + 1))::integer)
where l.sent_at is null and l.next_attempt_at <= now()
returning attempts
"""
SENT = """
update public.letters set sent_at = now(), error = null
where kind = %(kind)s and reference = %(reference)s
"""
FAILED = """
update public.letters set error = left(%(error)s, 500)
where kind = %(kind)s and reference = %(reference)s
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """Plain text. `id` is the same at every attempt, so that a mailbox can see a repetition."""

    id: str
    to: str
    subject: str
    body: str


async def due(tx: Tx) -> list[dict[str, Any]]:
    """What is to be written now, oldest first."""
    values = {"causes": list(CAUSES), "days": DAYS, "most": MOST_ATTEMPTS, "limit": MOST_AT_ONCE}
    return await tx.all(DUE, values)


async def claim(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Take a letter to send it. False when another has taken it since it was found."""
    return bool(await tx.one(CLAIM, row))


async def sent(tx: Tx, row: Mapping[str, Any]) -> None:
    await tx.run(SENT, row)


async def failed(tx: Tx, row: Mapping[str, Any], error: str) -> None:
    await tx.run(FAILED, {**row, "error": error})


def write(row: Mapping[str, Any], app_url: str) -> Letter:
    """The letter about a row of `due`; `app_url` is where the web app is."""
    subject, lines = WRITERS[row["kind"]](row["detail"], f"{app_url}/billing")
    reference = str(row["reference"]).replace("/", ".")
    return Letter(f"{row['kind']}.{reference}", row["email"], subject, "\n\n".join(lines) + "\n")


Written = tuple[str, list[str]]


def _budget(detail: Mapping[str, Any], billing: str) -> Written:
    percent = detail["percent"]
    if percent == 100:
        return "This month's model budget is used up", [
            "This month's model budget is used up. Nothing new is started until the month turns.",
            f"To go on at once, add model budget or take a larger plan: {billing}",
        ]
    return f"{percent}% of this month's model budget is used", [
        f"{percent}% of this month's model budget is used. Work goes on until it is used up.",
        f"By day and by agent: {billing}/usage",
    ]


def _plan(detail: Mapping[str, Any], billing: str) -> Written:
    plan, cause = str(detail["plan"]).capitalize(), detail["cause"]
    if cause == "renewal_due":
        return f"Your {plan} plan ends on {_day(detail['period_end'])}", [
            f"Your {plan} plan is paid until {_day(detail['period_end'])}, "
            f"{_days(detail['days_left'])} from now.",
            f"Renew it here: {billing}",
            "Where AutoPay is on, you need not do anything.",
        ]
    if cause == "past_due":
        return f"Your {plan} plan has ended; it stays on for a few days", [
            f"The {plan} plan was paid until {_day(detail['period_end'])}. "
            "It stays on for three days after that.",
            f"Pay here to keep it: {billing}",
            "After that the workspace moves to the Free plan. Nothing that you made is deleted.",
        ]
    if cause == "trial_ended":
        return "Your trial has ended", [
            "Your trial has ended, and the workspace is on the Free plan. Nothing that you made is deleted.",
            f"Plans and prices: {billing}/plans",
        ]
    return f"Your {plan} plan has ended", [
        f"Your {plan} plan has ended, and the workspace is on the Free plan. "
        "Nothing that you made is deleted.",
        f"Plans and prices: {billing}/plans",
    ]


def _invoice(detail: Mapping[str, Any], billing: str) -> Written:
    return f"Invoice {detail['number']}", [
        f"Thank you for your payment of ₹{grouped(detail['paise'])}.",
        f"Invoice {detail['number']} is here as a PDF: {billing}/invoices",
    ]


def _credit_note(detail: Mapping[str, Any], billing: str) -> Written:
    return f"Credit note {detail['number']}", [
        f"₹{grouped(detail['paise'])} of invoice {detail['invoice']} goes back the way it was paid.",
        f"Credit note {detail['number']} is here as a PDF: {billing}/invoices",
    ]


WRITERS: dict[str, Callable[[Mapping[str, Any], str], Written]] = {
    "budget": _budget,
    "plan": _plan,
    "invoice": _invoice,
    "credit_note": _credit_note,
}


def _day(at: str) -> str:
    day = datetime.fromisoformat(at).astimezone(IST)
    return f"{day.day} {day:%B %Y}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
