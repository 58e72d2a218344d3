-- What happened, in order: conversations, executions, feedback, preferences.

create table public.episodic_memory (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  session_id uuid,
  episode_type text not null
    check (episode_type in ('conversation', 'execution', 'feedback', 'preference')),
  content jsonb not null,
  importance numeric(3, 2) not null default 1 check (importance between 0 and 1),
  created_at timestamptz not null default now()
);

create index on public.episodic_memory (workspace_id, created_at desc, id desc);
create index on public.episodic_memory (workspace_id, session_id, created_at desc);
create index on public.episodic_memory (workspace_id, episode_type);

alter table public.episodic_memory enable row level security;
alter table public.episodic_memory force row level security;

create policy "Users reach episodes of their own workspace" on public.episodic_memory
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select, insert, delete, update (content, importance)
  on public.episodic_memory to authenticated;
grant select, insert, update, delete on public.episodic_memory to service_role;
