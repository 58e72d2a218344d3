-- Who did what in a workspace: a user, a key of theirs, or an agent in a run. Rows are added, never changed.

create table public.audit_log (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  user_id uuid,
  actor text not null check (actor in ('user', 'key', 'agent')),
  key_id uuid,
  run_id uuid,
  channel text not null check (channel in ('api', 'mcp', 'worker')),
  action text not null,
  event text not null,
  subject_id uuid,
  request_id text,
  details jsonb not null default '{}' check (jsonb_typeof(details) = 'object'),
  created_at timestamptz not null default now(),
  unique (workspace_id, id),
  foreign key (workspace_id, run_id)
    references public.agent_executions (workspace_id, id) on delete set null (run_id)
);

comment on column public.audit_log.key_id is 'stays when the key is gone, so it is no reference';
comment on column public.audit_log.event is 'what webhooks call it, such as move.created';

create index on public.audit_log (workspace_id, created_at desc, id desc);
create index on public.audit_log (workspace_id, subject_id);
create index on public.audit_log (workspace_id, run_id);

alter table public.audit_log enable row level security;
alter table public.audit_log force row level security;

create policy "Users read audit_log of their own workspace" on public.audit_log
  for select to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select on public.audit_log to authenticated;
grant select, insert, delete on public.audit_log to service_role;


-- What agents do is told by the rows they leave, in their own transaction: no run ends untold.
create function public.audit_run() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into public.audit_log
    (workspace_id, user_id, actor, run_id, channel, action, event, subject_id, details)
  values (
    new.workspace_id, new.user_id, 'agent', new.id, 'worker',
    case new.status when 'waiting_approval' then 'request_approval' else new.status || '_run' end,
    case new.status when 'waiting_approval' then 'approval.requested' else 'run.' || new.status end,
    new.id, jsonb_build_object('request_type', new.request_type)
  );
  return null;
end
$$;

revoke execute on function public.audit_run() from public;

create trigger audit_run after update of status on public.agent_executions
  for each row
  when (
    new.status is distinct from old.status
    and new.status in ('waiting_approval', 'completed', 'failed', 'cancelled')
  )
  execute function public.audit_run();


create function api.list_audit_log(
  claims text,
  wanted_actor text default null,
  wanted_action text default null,
  wanted_subject uuid default null,
  page_limit integer default 20,
  page_offset integer default 0,
  after_created_at timestamptz default null,
  after_id uuid default null
) returns text
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_sort = off
set timezone = 'UTC'
as $$
declare
  workspace uuid := api.enter_workspace(claims);
  cursor_at timestamptz := coalesce(after_created_at, 'infinity');
  cursor_id uuid := coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  if workspace is null then
    return null;
  end if;

  return (
    select json_build_object(
      'entries', coalesce(json_agg(page), '[]'),
      'total', (
        select count(*) from public.audit_log
        where workspace_id = workspace
          and (wanted_actor is null or actor = wanted_actor)
          and (wanted_action is null or action = wanted_action)
          and (wanted_subject is null or subject_id = wanted_subject)
      ),
      'limit', page_limit,
      'offset', page_offset,
      'next_cursor', (array_agg(
        translate(
          encode(convert_to(page.created_at || '|' || page.id, 'UTF8'), 'base64'), E'\n', ''
        )
      ))[page_limit]
    )::text
    from (
      select
        entry.id, entry.workspace_id, entry.user_id, entry.actor, entry.key_id, entry.run_id,
        entry.channel, entry.action, entry.event, entry.subject_id, entry.request_id, entry.details,
        entry.created_at
      from public.audit_log as entry
      where entry.workspace_id = workspace
        and (wanted_actor is null or entry.actor = wanted_actor)
        and (wanted_action is null or entry.action = wanted_action)
        and (wanted_subject is null or entry.subject_id = wanted_subject)
        and (entry.created_at, entry.id) < (cursor_at, cursor_id)
      order by entry.created_at desc, entry.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;

revoke execute on function
  api.list_audit_log(text, text, text, uuid, integer, integer, timestamptz, uuid) from public;
grant execute on function
  api.list_audit_log(text, text, text, uuid, integer, integer, timestamptz, uuid) to raptorflow_app;
