-- What a user's runs cost on a day of the workspace's time zone, as the provider counted.

create table public.usage_records (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null,
  workspace_id uuid not null,
  date date not null,
  tokens_input bigint not null default 0 check (tokens_input >= 0),
  tokens_output bigint not null default 0 check (tokens_output >= 0),
  cost_usd numeric(10, 6) not null default 0 check (cost_usd >= 0),
  agent_usage jsonb not null default '{}' check (jsonb_typeof(agent_usage) = 'object'),
  request_count integer not null default 0 check (request_count >= 0),
  unique (user_id, date),
  foreign key (workspace_id, user_id) references public.workspaces (id, user_id) on delete cascade
);

create index on public.usage_records (workspace_id, date);

alter table public.usage_records enable row level security;
alter table public.usage_records force row level security;

create policy "Users read usage of their own workspace" on public.usage_records
  for select to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select on public.usage_records to authenticated;
grant select, insert, update, delete on public.usage_records to service_role;
