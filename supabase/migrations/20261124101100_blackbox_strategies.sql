-- High-risk plays; an accepted one becomes a move.

create table public.blackbox_strategies (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  name text not null,
  focus_area text not null
    check (focus_area in ('acquisition', 'retention', 'revenue', 'brand_equity', 'virality')),
  outcome text,
  risk_level integer check (risk_level between 1 and 10),
  risk_reasons text[] not null default '{}',
  phases jsonb not null default '[]' check (jsonb_typeof(phases) = 'array'),
  execution_steps text[] not null default '{}',
  expected_upside text,
  potential_downside text,
  time_to_result text,
  status text not null default 'generated'
    check (status in ('generated', 'reviewing', 'accepted', 'executing', 'completed', 'discarded')),
  move_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (workspace_id, move_id)
    references public.moves (workspace_id, id) on delete set null (move_id)
);

create index on public.blackbox_strategies (workspace_id, created_at desc, id desc);
create index on public.blackbox_strategies (workspace_id, focus_area);
create index on public.blackbox_strategies (workspace_id, move_id);

create trigger set_updated_at before update on public.blackbox_strategies
  for each row execute function public.set_updated_at();

alter table public.blackbox_strategies enable row level security;
alter table public.blackbox_strategies force row level security;

create policy "Users reach strategies of their own workspace" on public.blackbox_strategies
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select, insert, delete,
  update (
    name, focus_area, outcome, risk_level, risk_reasons, phases, execution_steps, expected_upside,
    potential_downside, time_to_result, status, move_id
  )
  on public.blackbox_strategies to authenticated;
grant select, insert, update, delete on public.blackbox_strategies to service_role;
