-- Profiles of the people in auth.users. Tier and budget are the server's to change.

create table public.users (
  id uuid primary key references auth.users (id) on delete cascade,
  email text not null,
  full_name text,
  avatar_url text,
  subscription_tier text not null default 'free'
    check (subscription_tier in ('free', 'starter', 'growth', 'enterprise')),
  budget_limit_monthly numeric(10, 4) not null default 1.00 check (budget_limit_monthly >= 0),
  onboarding_completed_at timestamptz,
  preferences jsonb not null default '{}' check (jsonb_typeof(preferences) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

comment on column public.users.budget_limit_monthly is 'USD of model cost per calendar month';

create trigger set_updated_at before update on public.users
  for each row execute function public.set_updated_at();

alter table public.users enable row level security;
alter table public.users force row level security;

create policy "Users reach their own profile" on public.users
  to authenticated using (id = (select auth.uid()));

grant select, update (full_name, avatar_url, preferences) on public.users to authenticated;
grant select, insert, update, delete on public.users to service_role;
