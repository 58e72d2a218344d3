-- Thirty to ninety days of moves in phases.

create table public.campaigns (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  name text not null,
  description text,
  objective text check (
    objective in (
      'market_entry', 'revenue_scaling', 'brand_pivot', 'product_launch', 'awareness', 'lead_gen',
      'retention'
    )
  ),
  status text not null default 'planning'
    check (status in ('planning', 'scheduled', 'active', 'paused', 'completed', 'cancelled')),
  goal text,
  success_criteria jsonb not null default '[]' check (jsonb_typeof(success_criteria) = 'array'),
  target_icp_id uuid,
  channels text[] not null default '{}',
  duration_days integer check (duration_days > 0),
  intensity text check (intensity in ('sprint', 'marathon')),
  start_date date,
  end_date date,
  phases jsonb not null default '[]' check (jsonb_typeof(phases) = 'array'),
  progress integer not null default 0 check (progress between 0 and 100),
  budget_inr numeric(10, 2) check (budget_inr >= 0),
  spent_inr numeric(10, 2) not null default 0 check (spent_inr >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, id),
  foreign key (workspace_id, target_icp_id)
    references public.icp_profiles (workspace_id, id) on delete set null (target_icp_id)
);

create index on public.campaigns (workspace_id, created_at desc, id desc);
create index on public.campaigns (workspace_id, status);
create index on public.campaigns (workspace_id, start_date, end_date);
create index on public.campaigns (workspace_id, target_icp_id);

create trigger set_updated_at before update on public.campaigns
  for each row execute function public.set_updated_at();

alter table public.campaigns enable row level security;
alter table public.campaigns force row level security;

create policy "Users reach campaigns of their own workspace" on public.campaigns
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select, insert, delete,
  update (
    name, description, objective, status, goal, success_criteria, target_icp_id, channels,
    duration_days, intensity, start_date, end_date, phases, progress, budget_inr, spent_inr
  )
  on public.campaigns to authenticated;
grant select, insert, update, delete on public.campaigns to service_role;
