-- Renewals: the mandate by which a payer allowed later debits, found by the gateway's word of it.

create index on public.subscriptions (phonepe_subscription_id)
  where phonepe_subscription_id is not null;

comment on column public.subscriptions.phonepe_subscription_id is
  'our id of the UPI AutoPay mandate in force; null without one';
comment on column public.payments.metadata is
  'mandate: set up by paying this; by_mandate: debited by it, with notified_at and redeemed_at';
