-- A win knows what it came from, so that nothing comes twice in thirty days, and the facts it rests on.

alter table public.daily_wins
  add column source_kind text check (source_kind in ('holiday', 'evidence', 'past_post')),
  add column source_key text,
  add column won_on date,
  add column minutes integer check (minutes between 1 and 60),
  add column reason text,
  add column sources jsonb not null default '[]' check (jsonb_typeof(sources) = 'array'),
  add column run_id uuid,
  add unique (workspace_id, id),
  add foreign key (workspace_id, run_id)
    references public.agent_executions (workspace_id, id) on delete set null (run_id);

create index on public.daily_wins (workspace_id, run_id);
create index on public.daily_wins (workspace_id, won_on, source_key);
