-- Addresses of other people's programs that hear what happens in a workspace, and what each was sent.

create table public.webhook_endpoints (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  url text not null,
  description text,
  events text[] not null,
  is_active boolean not null default true,
  disabled_reason text,
  secret text not null,
  previous_secret text,
  previous_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, id)
);

create index on public.webhook_endpoints (workspace_id, created_at desc, id desc);

create trigger set_updated_at before update on public.webhook_endpoints
  for each row execute function public.set_updated_at();

alter table public.webhook_endpoints enable row level security;
alter table public.webhook_endpoints force row level security;

create policy "Users reach webhook_endpoints of their own workspace" on public.webhook_endpoints
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

-- A secret is shown once, when it is made; it cannot be read back.
grant
  select (
    id, workspace_id, url, description, events, is_active, disabled_reason, previous_until, created_at,
    updated_at
  ),
  insert (workspace_id, url, description, events, is_active, secret),
  update (url, description, events, is_active, disabled_reason, secret, previous_secret, previous_until),
  delete
  on public.webhook_endpoints to authenticated;
grant select, insert, update, delete on public.webhook_endpoints to service_role;


create table public.webhook_deliveries (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  endpoint_id uuid not null,
  message_id uuid not null,
  event text not null,
  payload jsonb not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz,
  log jsonb not null default '[]' check (jsonb_typeof(log) = 'array'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, id),
  foreign key (workspace_id, endpoint_id)
    references public.webhook_endpoints (workspace_id, id) on delete cascade
);

comment on column public.webhook_deliveries.message_id is 'webhook-id: the same for every attempt and endpoint';
comment on column public.webhook_deliveries.log is 'one object an attempt: at, status_code, error, milliseconds';

create index on public.webhook_deliveries (workspace_id, endpoint_id, created_at desc, id desc);
create index on public.webhook_deliveries (next_attempt_at) where status = 'pending';
create index on public.webhook_deliveries (created_at);

create trigger set_updated_at before update on public.webhook_deliveries
  for each row execute function public.set_updated_at();

alter table public.webhook_deliveries enable row level security;
alter table public.webhook_deliveries force row level security;

create policy "Users read webhook_deliveries of their own workspace" on public.webhook_deliveries
  for select to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select on public.webhook_deliveries to authenticated;
grant select, insert, update, delete on public.webhook_deliveries to service_role;


-- Whatever the audit log is told, whoever listens for it is told too, in the same transaction.
create function public.queue_webhooks() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into public.webhook_deliveries
    (workspace_id, endpoint_id, message_id, event, payload, next_attempt_at)
  select
    new.workspace_id, endpoint.id, new.id, new.event,
    jsonb_build_object(
      'type', new.event,
      'timestamp', to_char(new.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'data', jsonb_build_object(
        'id', new.subject_id, 'workspace_id', new.workspace_id, 'action', new.action, 'actor', new.actor,
        'user_id', new.user_id, 'key_id', new.key_id, 'run_id', new.run_id
      ) || new.details
    ),
    now()
  from public.webhook_endpoints as endpoint
  where endpoint.workspace_id = new.workspace_id
    and endpoint.is_active
    and new.event not like 'webhook%'  -- what is done to webhooks is no news to them
    and (new.event = any (endpoint.events) or '*' = any (endpoint.events));
  return null;
end
$$;

revoke execute on function public.queue_webhooks() from public;

create trigger queue_webhooks after insert on public.audit_log
  for each row execute function public.queue_webhooks();
