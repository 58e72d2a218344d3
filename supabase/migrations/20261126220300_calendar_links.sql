-- Secret addresses that calendar programs subscribe to; revoked by deleting them.

create table public.calendar_links (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  user_id uuid not null references public.users (id) on delete cascade,
  name text not null check (length(name) between 1 and 200),
  token_hash text not null unique,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  unique (workspace_id, id)
);

create index on public.calendar_links (workspace_id, created_at desc, id desc);
create index on public.calendar_links (user_id);

alter table public.calendar_links enable row level security;
alter table public.calendar_links force row level security;

create policy "Users reach calendar_links of their own workspace" on public.calendar_links
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select (id, workspace_id, user_id, name, last_used_at, created_at),
  insert (workspace_id, user_id, name, token_hash),
  delete
  on public.calendar_links to authenticated;
grant select, insert, update, delete on public.calendar_links to service_role;
