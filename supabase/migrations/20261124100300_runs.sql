-- Runs of the engine, the calls they paid for and the events they told. Users read, the server
-- writes.

create table public.agent_executions (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  user_id uuid,
  session_id uuid,
  request_type text not null,
  request_data jsonb,
  status text not null default 'queued'
    check (
      status in ('queued', 'running', 'waiting_approval', 'completed', 'failed', 'cancelled')
    ),
  routing_path text[] not null default '{}',
  agents_invoked text[] not null default '{}',
  skills_used text[] not null default '{}',
  tools_used text[] not null default '{}',
  output jsonb,
  success boolean,
  error text,
  error_code text,
  quality_score integer check (quality_score between 0 and 100),
  corrections_made integer not null default 0,
  tokens_input integer not null default 0,
  tokens_output integer not null default 0,
  total_cost numeric(10, 6) not null default 0,
  latency_ms integer,
  input_hash text,
  job_id bigint,
  trace jsonb not null default '{}',
  background boolean not null default false,
  turn integer not null default 0,
  attempts integer not null default 0,
  deaths integer not null default 0,
  cancel_requested boolean not null default false,
  heartbeat_at timestamptz,
  started_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  completed_at timestamptz,
  unique (workspace_id, id),
  foreign key (workspace_id, user_id) references public.workspaces (id, user_id) on delete cascade
);

create index on public.agent_executions (workspace_id, started_at desc, id desc);
create index on public.agent_executions (workspace_id, request_type);
create index on public.agent_executions (updated_at) where status in ('queued', 'running');
create index on public.agent_executions (background, status, turn)
  where status in ('queued', 'running');
create index on public.agent_executions (workspace_id, background, turn)
  where status in ('queued', 'running');
create index on public.agent_executions (completed_at) where completed_at is not null;

comment on column public.agent_executions.turn is
  'place in the queue: the nth waiting run of a workspace stands beside every other workspace''s nth';
comment on column public.agent_executions.deaths is 'workers that were lost with this run in hand';
comment on column public.agent_executions.trace is
  'what its events said of plan, perception, scores and critique; kept when the events are pruned';

-- Start-time fair queueing: a run's turn is one after its workspace's last waiting one, but never
-- before the turns being served, so neither a long queue nor a trickle of newcomers holds others up.
create function public.next_turn(workspace uuid, in_background boolean) returns integer
language sql stable
set search_path = ''
as $$
  select 1 + greatest(
    coalesce(
      (
        select max(turn) from public.agent_executions
        where status = 'running' and background = in_background
      ),
      (
        select min(turn) - 1 from public.agent_executions
        where status = 'queued' and background = in_background
      ),
      0
    ),
    coalesce(
      (
        select max(turn) from public.agent_executions
        where workspace_id = workspace and status in ('queued', 'running')
          and background = in_background
      ),
      0
    )
  )
$$;

revoke execute on function public.next_turn(uuid, boolean) from public;
grant execute on function public.next_turn(uuid, boolean) to service_role;

create trigger set_updated_at before update on public.agent_executions
  for each row execute function public.set_updated_at();

alter table public.agent_executions enable row level security;
alter table public.agent_executions force row level security;

create policy "Users read runs of their own workspace" on public.agent_executions
  for select to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select on public.agent_executions to authenticated;
grant select, insert, update, delete on public.agent_executions to service_role;


-- Journal, ledger, audit trace and crash recovery in one: a call that is found here as completed
-- is not bought again. A cost of null is unknown, which is not the same as free.
create table public.run_calls (
  run_id uuid not null,
  call_key text not null,
  workspace_id uuid not null,
  kind text not null check (kind in ('model', 'tool')),
  name text not null,
  provider text,
  model text,
  request_hash text not null,
  request jsonb,
  response jsonb,
  status text not null default 'reserved' check (status in ('reserved', 'completed', 'failed')),
  reserved_micro_usd bigint not null default 0 check (reserved_micro_usd >= 0),
  cost_micro_usd bigint check (cost_micro_usd >= 0),
  attempts integer not null default 1,
  lost_micro_usd bigint not null default 0 check (lost_micro_usd >= 0),
  charged_micro_usd bigint generated always as (
    lost_micro_usd
    + case when status = 'completed' then coalesce(cost_micro_usd, reserved_micro_usd) else 0 end
  ) stored,
  price jsonb,
  tokens_input integer check (tokens_input >= 0),
  tokens_output integer check (tokens_output >= 0),
  tokens_cached integer check (tokens_cached >= 0),
  latency_ms integer,
  error text,
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  primary key (run_id, call_key),
  foreign key (workspace_id, run_id)
    references public.agent_executions (workspace_id, id) on delete cascade
);

comment on column public.run_calls.lost_micro_usd is
  'caps of attempts whose outcome nobody saw: the worker died, or the provider fell silent';
comment on column public.run_calls.charged_micro_usd is
  'what the budget was charged; an unknown bill counts as its cap';

create index on public.run_calls (workspace_id, created_at);

alter table public.run_calls enable row level security;
alter table public.run_calls force row level security;

create policy "Users read calls of their own workspace's runs" on public.run_calls
  for select to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select on public.run_calls to authenticated;
grant select, insert, update, delete on public.run_calls to service_role;


create table public.run_events (
  run_id uuid not null,
  workspace_id uuid not null,
  seq integer not null check (seq > 0),
  type text not null,
  data jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (run_id, seq),
  foreign key (workspace_id, run_id)
    references public.agent_executions (workspace_id, id) on delete cascade
);

create index on public.run_events (workspace_id, run_id);

alter table public.run_events enable row level security;
alter table public.run_events force row level security;

create policy "Users read events of their own workspace's runs" on public.run_events
  for select to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select on public.run_events to authenticated;
grant select, insert, update, delete on public.run_events to service_role;
