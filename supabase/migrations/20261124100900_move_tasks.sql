-- What is to be done on each day of a move.

create table public.move_tasks (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  move_id uuid not null,
  title text not null,
  description text,
  type text check (type in ('pillar', 'story', 'engagement', 'outreach', 'admin')),
  day_number integer not null check (day_number > 0),
  position integer not null default 0 check (position >= 0),
  scheduled_date date,
  platform text,
  estimated_minutes integer not null default 30 check (estimated_minutes >= 0),
  actual_minutes integer check (actual_minutes >= 0),
  priority text not null default 'should-do'
    check (priority in ('must-do', 'should-do', 'nice-to-have')),
  status text not null default 'pending'
    check (status in ('pending', 'in_progress', 'completed', 'skipped')),
  completed_at timestamptz,
  deliverable text,
  deliverable_url text,
  generated_content jsonb,
  sources jsonb not null default '[]' check (jsonb_typeof(sources) = 'array'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (workspace_id, move_id) references public.moves (workspace_id, id) on delete cascade
);

comment on column public.move_tasks.position is 'place among the tasks of its day';
comment on column public.move_tasks.sources is
  'facts the task rests on: [{fact_id, evidence_id, start, end}]';

create index on public.move_tasks (workspace_id, move_id, day_number, position);
create index on public.move_tasks (workspace_id, scheduled_date);

create trigger set_updated_at before update on public.move_tasks
  for each row execute function public.set_updated_at();

alter table public.move_tasks enable row level security;
alter table public.move_tasks force row level security;

create policy "Users reach tasks of their own workspace's moves" on public.move_tasks
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select, insert, delete,
  update (
    title, description, type, day_number, position, scheduled_date, platform, estimated_minutes,
    actual_minutes, priority, status, completed_at, deliverable, deliverable_url,
    generated_content, sources
  )
  on public.move_tasks to authenticated;
grant select, insert, update, delete on public.move_tasks to service_role;
