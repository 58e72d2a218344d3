-- Money that runs may spend, in micro-USD. A run reserves before it buys and settles after;
-- the month's row is locked by both, so parallel runs cannot overspend.

create table public.budget_months (
  user_id uuid not null references public.users (id) on delete cascade,
  month date not null check (extract(day from month) = 1),
  spent_micro_usd bigint not null default 0 check (spent_micro_usd >= 0),
  reserved_micro_usd bigint not null default 0 check (reserved_micro_usd >= 0),
  primary key (user_id, month)
);

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
