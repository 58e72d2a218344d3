-- The plan a user is on. Changed by the server alone, after the gateway has confirmed a payment.

create table public.subscriptions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references public.users (id) on delete cascade,
  plan text not null check (plan in ('free', 'starter', 'growth', 'enterprise')),
  status text not null default 'active'
    check (status in ('active', 'cancelled', 'past_due', 'trialing')),
  price_inr numeric(10, 2) check (price_inr >= 0),
  billing_cycle text check (billing_cycle in ('monthly', 'annual')),
  current_period_start timestamptz,
  current_period_end timestamptz,
  trial_end timestamptz,
  phonepe_subscription_id text,
  term integer not null default 0 check (term >= 0),
  cancel_at_period_end boolean not null default false,
  next_plan text check (next_plan in ('starter', 'growth', 'enterprise')),
  next_billing_cycle text check (next_billing_cycle in ('monthly', 'annual')),
  past_due_since timestamptz,
  trial_used boolean not null default false,
  billing_details jsonb check (jsonb_typeof(billing_details) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  cancelled_at timestamptz,
  unique (user_id, id),
  check ((next_plan is null) = (next_billing_cycle is null)),
  check ((status = 'past_due') = (past_due_since is not null)),
  -- A paid plan is paid for a time.
  check (plan = 'free' or billing_cycle is null or current_period_end > current_period_start)
);

comment on column public.subscriptions.term is
  'counts what was paid for: a payment is for the term it was quoted on';
comment on column public.subscriptions.price_inr is 'list price of the term, before GST';
comment on column public.subscriptions.next_plan is 'a downgrade that waits for the period''s end';
comment on column public.subscriptions.billing_details is
  'who is invoiced: {name, address, pin, state_code, gstin, country}';

create index on public.subscriptions (current_period_end) where plan <> 'free';

create trigger set_updated_at before update on public.subscriptions
  for each row execute function public.set_updated_at();

alter table public.subscriptions enable row level security;
alter table public.subscriptions force row level security;

create policy "Users read their own subscription" on public.subscriptions
  for select to authenticated using (user_id = (select auth.uid()));

grant select on public.subscriptions to authenticated;
grant select, insert, update, delete on public.subscriptions to service_role;


-- Every change of a subscription, and why. Written once, in the transaction of the change.
create table public.subscription_events (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete cascade,
  cause text not null,
  plan_before text not null,
  plan text not null,
  status_before text not null,
  status text not null,
  period_end timestamptz,
  detail jsonb not null default '{}' check (jsonb_typeof(detail) = 'object'),
  created_at timestamptz not null default clock_timestamp()
);

comment on column public.subscription_events.cause is
  'a verb: activated, renewed, upgraded, downgraded, renewal_due, past_due, expired, refunded ...';

create index on public.subscription_events (user_id, created_at desc, id desc);

alter table public.subscription_events enable row level security;
alter table public.subscription_events force row level security;

create policy "Users read their own subscription's history" on public.subscription_events
  for select to authenticated using (user_id = (select auth.uid()));

grant select on public.subscription_events to authenticated;
-- Neither update nor delete: history is not rewritten.
grant select, insert on public.subscription_events to service_role;
