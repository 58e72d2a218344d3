-- The founder's way through onboarding: one for each workspace.

create table public.onboarding_sessions (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null unique references public.workspaces (id) on delete cascade,
  current_step integer not null default 1 check (current_step between 1 and 25),
  completed_steps integer[] not null default '{}',
  evidence jsonb not null default '[]' check (jsonb_typeof(evidence) = 'array'),
  step_data jsonb not null default '{}' check (jsonb_typeof(step_data) = 'object'),
  status text not null default 'in_progress'
    check (status in ('in_progress', 'completed', 'abandoned')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  completed_at timestamptz,
  unique (workspace_id, id)
);

comment on column public.onboarding_sessions.evidence is
  'kept by a trigger on evidence_items: one short entry for each item, oldest first';

create trigger set_updated_at before update on public.onboarding_sessions
  for each row execute function public.set_updated_at();

alter table public.onboarding_sessions enable row level security;
alter table public.onboarding_sessions force row level security;

create policy "Users reach the onboarding of their own workspace" on public.onboarding_sessions
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select, insert (workspace_id, current_step, status),
  update (current_step, completed_steps, step_data, status, completed_at)
  on public.onboarding_sessions to authenticated;
grant select, insert, update, delete on public.onboarding_sessions to service_role;


-- When a founder completed the onboarding stands on the profile too, where users cannot write it.
create function public.note_onboarding_completed() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.users as profile
  set onboarding_completed_at = new.completed_at
  from public.workspaces as workspace
  where workspace.id = new.workspace_id and profile.id = workspace.user_id;
  return null;
end
$$;

revoke execute on function public.note_onboarding_completed() from public;

create trigger note_onboarding_completed
  after update of status on public.onboarding_sessions
  for each row when (new.status = 'completed' and old.status <> 'completed')
  execute function public.note_onboarding_completed();
