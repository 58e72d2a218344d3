-- Money that runs may spend, in micro-USD. A run reserves before it buys and settles after;
-- the month's row is locked by both, so parallel runs cannot overspend.

create table public.budget_months (
  user_id uuid not null references public.users (id) on delete cascade,
  month date not null check (extract(day from month) = 1),
  spent_micro_usd bigint not null default 0 check (spent_micro_usd >= 0),
  reserved_micro_usd bigint not null default 0 check (reserved_micro_usd >= 0),
  plan_micro_usd bigint not null default 0 check (plan_micro_usd >= 0),
  primary key (user_id, month)
);

comment on column public.budget_months.plan_micro_usd is
  'the most that the plan gave in this month; what was spent beyond it came out of top-ups';

alter table public.budget_months enable row level security;
alter table public.budget_months force row level security;

create policy "Users read their own budget" on public.budget_months
  for select to authenticated using (user_id = (select auth.uid()));

grant select on public.budget_months to authenticated;
grant select, insert, update, delete on public.budget_months to service_role;


create table public.budget_reservations (
  run_id uuid primary key,
  user_id uuid not null,
  workspace_id uuid not null,
  month date not null,
  amount_micro_usd bigint not null check (amount_micro_usd >= 0),
  status text not null default 'held' check (status in ('held', 'settled', 'released', 'expired')),
  settled_micro_usd bigint check (settled_micro_usd >= 0),
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  closed_at timestamptz,
  foreign key (workspace_id, run_id)
    references public.agent_executions (workspace_id, id) on delete cascade,
  foreign key (workspace_id, user_id) references public.workspaces (id, user_id) on delete cascade,
  foreign key (user_id, month) references public.budget_months (user_id, month) on delete cascade,
  check ((status = 'settled') = (settled_micro_usd is not null)),
  check ((status = 'held') = (closed_at is null))
);

create index on public.budget_reservations (workspace_id, created_at);
create index on public.budget_reservations (user_id, month);
create index on public.budget_reservations (expires_at) where status = 'held';

alter table public.budget_reservations enable row level security;
alter table public.budget_reservations force row level security;

create policy "Users read reservations of their own workspace" on public.budget_reservations
  for select to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select on public.budget_reservations to authenticated;
grant select, insert, update, delete on public.budget_reservations to service_role;


-- Bought on top of the plan's budget. What is not used in one month is there in the next.
create table public.budget_topups (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete cascade,
  payment_id uuid not null unique,
  amount_micro_usd bigint not null check (amount_micro_usd > 0),
  created_at timestamptz not null default now()
);

create index on public.budget_topups (user_id, created_at);

alter table public.budget_topups enable row level security;
alter table public.budget_topups force row level security;

create policy "Users read their own top-ups" on public.budget_topups
  for select to authenticated using (user_id = (select auth.uid()));

grant select on public.budget_topups to authenticated;
grant select, insert, update, delete on public.budget_topups to service_role;


create table public.budget_alerts (
  user_id uuid not null references public.users (id) on delete cascade,
  month date not null,
  percent integer not null check (percent in (50, 80, 100)),
  reached_at timestamptz not null default now(),
  primary key (user_id, month, percent)
);

alter table public.budget_alerts enable row level security;
alter table public.budget_alerts force row level security;

create policy "Users read their own budget alerts" on public.budget_alerts
  for select to authenticated using (user_id = (select auth.uid()));

grant select on public.budget_alerts to authenticated;
grant select, insert, update, delete on public.budget_alerts to service_role;


-- The month that a user's budget runs in begins at midnight where their workspace is.
create function public.budget_month(user_id uuid) returns date
language sql
stable
set search_path = ''
as $$
  select date_trunc('month', coalesce(
    (
      select public.workspace_today(workspace.id) from public.workspaces as workspace
      where workspace.user_id = budget_month.user_id
    ),
    (now() at time zone 'Asia/Kolkata')::date
  ))::date
$$;

revoke execute on function public.budget_month(uuid) from public;
grant execute on function public.budget_month(uuid) to authenticated, service_role;


-- What top-ups still hold at the beginning of this month.
create function public.topup_micro_usd(user_id uuid, month date) returns bigint
language sql
stable
set search_path = ''
as $$
  select greatest(0, (
    select coalesce(sum(amount_micro_usd), 0) from public.budget_topups as topup
    where topup.user_id = topup_micro_usd.user_id
  ) - (
    select coalesce(sum(greatest(0, spent_micro_usd - plan_micro_usd)), 0)
    from public.budget_months as past
    where past.user_id = topup_micro_usd.user_id and past.month < topup_micro_usd.month
  ))::bigint
$$;

revoke execute on function public.topup_micro_usd(uuid, date) from public;
grant execute on function public.topup_micro_usd(uuid, date) to authenticated, service_role;


-- All that may be spent and reserved in a month, in micro-USD: the plan's budget and the top-ups.
create function public.budget_micro_usd(user_id uuid, month date) returns bigint
language sql
stable
set search_path = ''
as $$
  select (account.budget_limit_monthly * 1000000)::bigint
    + public.topup_micro_usd(account.id, budget_micro_usd.month)
  from public.users as account where account.id = budget_micro_usd.user_id
$$;

revoke execute on function public.budget_micro_usd(uuid, date) from public;
grant execute on function public.budget_micro_usd(uuid, date) to authenticated, service_role;
