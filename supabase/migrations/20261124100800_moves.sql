-- Day-by-day battle plans.

create table public.moves (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  campaign_id uuid,
  name text not null,
  category text not null check (category in ('ignite', 'capture', 'authority', 'repair', 'rally')),
  status text not null default 'draft'
    check (status in ('draft', 'scheduled', 'active', 'paused', 'completed', 'cancelled')),
  goal text,
  context text,
  target_icp_id uuid,
  channels text[] not null default '{}',
  duration_days integer not null default 7 check (duration_days between 1 and 90),
  start_date date,
  end_date date,
  execution jsonb not null default '[]' check (jsonb_typeof(execution) = 'array'),
  success_metrics jsonb not null default '[]' check (jsonb_typeof(success_metrics) = 'array'),
  contingencies jsonb not null default '{}' check (jsonb_typeof(contingencies) = 'object'),
  progress integer not null default 0 check (progress between 0 and 100),
  current_day integer not null default 0 check (current_day >= 0),
  source text not null default 'manual'
    check (source in ('manual', 'blackbox', 'campaign', 'daily_wins')),
  source_id uuid,
  run_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, id),
  -- The workspace is part of every reference: a move cannot point at another tenant's row.
  foreign key (workspace_id, campaign_id)
    references public.campaigns (workspace_id, id) on delete set null (campaign_id),
  foreign key (workspace_id, target_icp_id)
    references public.icp_profiles (workspace_id, id) on delete set null (target_icp_id),
  foreign key (workspace_id, run_id)
    references public.agent_executions (workspace_id, id) on delete set null (run_id)
);

comment on column public.moves.run_id is 'the run that wrote it; null when a person did';

create index on public.moves (workspace_id, created_at desc, id desc);
create index on public.moves (workspace_id, status, created_at desc, id desc);
create index on public.moves (workspace_id, start_date, end_date);
create index on public.moves (workspace_id, campaign_id);
create index on public.moves (workspace_id, target_icp_id);
create index on public.moves (workspace_id, run_id);

create trigger set_updated_at before update on public.moves
  for each row execute function public.set_updated_at();

alter table public.moves enable row level security;
alter table public.moves force row level security;

create policy "Users reach moves of their own workspace" on public.moves
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select, insert, delete,
  update (
    campaign_id, name, category, status, goal, context, target_icp_id, channels, duration_days,
    start_date, end_date, execution, success_metrics, contingencies, progress, current_day, source,
    source_id
  )
  on public.moves to authenticated;
grant select, insert, update, delete on public.moves to service_role;
