-- Payments by the gateway. They outlive the account: a user who has paid cannot be deleted, because
-- the books must be kept for years.

create table public.payments (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete restrict,
  subscription_id uuid,
  amount_inr numeric(10, 2) not null check (amount_inr >= 0),
  gst_amount numeric(10, 2) not null check (gst_amount >= 0),
  total_amount numeric(10, 2) not null check (total_amount = amount_inr + gst_amount),
  status text not null default 'pending'
    check (status in ('pending', 'processing', 'completed', 'failed', 'refunded')),
  phonepe_transaction_id text,
  phonepe_merchant_transaction_id text unique,
  payment_method text,
  payment_instrument jsonb,
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  kind text not null default 'subscription'
    check (kind in ('subscription', 'renewal', 'upgrade', 'topup')),
  plan text check (plan in ('starter', 'growth', 'enterprise')),
  billing_cycle text check (billing_cycle in ('monthly', 'annual')),
  topup_usd integer check (topup_usd > 0),
  term integer not null default 0,
  credit_paise bigint not null default 0 check (credit_paise >= 0),
  buyer jsonb check (jsonb_typeof(buyer) = 'object'),
  before jsonb check (jsonb_typeof(before) = 'object'),
  payment_url text,
  expires_at timestamptz,
  failure_code text,
  next_check_at timestamptz,
  checks integer not null default 0,
  amount_paise bigint not null generated always as ((amount_inr * 100)::bigint) stored,
  gst_paise bigint not null generated always as ((gst_amount * 100)::bigint) stored,
  total_paise bigint not null generated always as ((total_amount * 100)::bigint) stored,
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  unique (user_id, id),
  foreign key (user_id, subscription_id)
    references public.subscriptions (user_id, id) on delete set null (subscription_id)
);

comment on column public.payments.payment_instrument is
  'masked: never a whole card or account number';

comment on column public.payments.term is 'the subscription''s term that the quote was made on';
comment on column public.payments.credit_paise is
  'unused part of the term before, taken off the price; amount_inr is what remained';
comment on column public.payments.buyer is 'billing details as they were when the payment began';
comment on column public.payments.before is
  'the subscription before this payment changed it, to be restored by a refund';
comment on column public.payments.next_check_at is
  'when to ask the gateway, because a webhook may never come; null when there is nothing to ask';

create index on public.payments (user_id, created_at desc, id desc);
create index on public.payments (next_check_at) where next_check_at is not null;
create index on public.payments (user_id, subscription_id);

alter table public.payments enable row level security;
alter table public.payments force row level security;

create policy "Users read their own payments" on public.payments
  for select to authenticated using (user_id = (select auth.uid()));

grant select on public.payments to authenticated;
-- No delete: a payment is a record.
grant select, insert, update on public.payments to service_role;


create table public.refunds (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete restrict,
  payment_id uuid not null,
  merchant_refund_id text not null unique,
  amount_paise bigint not null check (amount_paise >= 100),
  reason text not null check (
    reason in ('requested_by_customer', 'superseded', 'amount_mismatch')
  ),
  status text not null default 'requested'
    check (status in ('requested', 'pending', 'completed', 'failed')),
  phonepe_refund_id text,
  failure_code text,
  next_check_at timestamptz default now(),
  checks integer not null default 0,
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  unique (user_id, id),
  foreign key (user_id, payment_id) references public.payments (user_id, id) on delete restrict
);

comment on column public.refunds.amount_paise is 'includes GST';

-- One at a time, and none after one that was paid out.
create unique index on public.refunds (payment_id) where status <> 'failed';
create index on public.refunds (user_id, payment_id);
create index on public.refunds (next_check_at) where next_check_at is not null;

alter table public.refunds enable row level security;
alter table public.refunds force row level security;

create policy "Users read their own refunds" on public.refunds
  for select to authenticated using (user_id = (select auth.uid()));

grant select on public.refunds to authenticated;
grant select, insert, update on public.refunds to service_role;
