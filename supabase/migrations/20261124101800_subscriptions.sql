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
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  cancelled_at timestamptz,
  unique (user_id, id)
);

create trigger set_updated_at before update on public.subscriptions
  for each row execute function public.set_updated_at();

alter table public.subscriptions enable row level security;
alter table public.subscriptions force row level security;

create policy "Users read their own subscription" on public.subscriptions
  for select to authenticated using (user_id = (select auth.uid()));

grant select on public.subscriptions to authenticated;
grant select, insert, update, delete on public.subscriptions to service_role;
