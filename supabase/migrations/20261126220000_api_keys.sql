-- Keys for programs: hashed, with scopes and an end. Whoever holds one acts as its user, within its scopes.

create table public.api_keys (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  user_id uuid not null references public.users (id) on delete cascade,
  name text not null check (length(name) between 1 and 200),
  hint text not null,
  key_hash text not null unique,
  scopes text[] not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  previous_hash text unique,
  previous_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, id)
);

comment on column public.api_keys.hint is 'its first characters, by which people tell keys apart';
comment on column public.api_keys.previous_hash is 'what it was before its rotation; good until previous_until';

create index on public.api_keys (workspace_id, created_at desc, id desc);
create index on public.api_keys (user_id);

create trigger set_updated_at before update on public.api_keys
  for each row execute function public.set_updated_at();

alter table public.api_keys enable row level security;
alter table public.api_keys force row level security;

create policy "Users reach api_keys of their own workspace" on public.api_keys
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

-- What a key is hashed to never leaves, not even to its owner.
grant
  select (
    id, workspace_id, user_id, name, hint, scopes, expires_at, revoked_at, last_used_at, previous_until,
    created_at, updated_at
  ),
  insert (workspace_id, user_id, name, hint, key_hash, scopes, expires_at),
  update (name, scopes, expires_at, revoked_at)
  on public.api_keys to authenticated;
grant select, insert, update, delete on public.api_keys to service_role;
