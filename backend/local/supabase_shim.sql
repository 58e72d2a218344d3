-- What a hosted Supabase project has before our first migration, as far as migrations, policies and the
-- local sign-in rely on it. Run by the superuser `supabase_admin`, in one transaction, and again when this
-- file has changed: every statement must bear being repeated. Passwords are set beside it.

-- Roles belong to the whole cluster. As hosted, `postgres` is no superuser, but above row-level security.
do $$
declare
  role record;
begin
  for role in
    select * from (values
      ('postgres', 'login createdb createrole replication bypassrls'),
      ('anon', 'nologin noinherit'),
      ('authenticated', 'nologin noinherit'),
      ('service_role', 'nologin noinherit bypassrls'),
      ('authenticator', 'login noinherit'),
      ('supabase_auth_admin', 'login noinherit createrole')
    ) as wanted (name, attributes)
  loop
    if to_regrole(role.name) is null then
      execute format('create role %I', role.name);
    end if;
    execute format('alter role %I %s', role.name, role.attributes);
  end loop;
end
$$;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role supabase_auth_admin set search_path = auth;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;

alter database postgres owner to postgres;
alter schema public owner to postgres;
grant usage on schema public to postgres, anon, authenticated, service_role;

-- Owned by `postgres`, because the CLI's `db reset` drops and re-creates what is in it.
create schema if not exists extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;
set local role postgres;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp" with schema extensions;
reset role;

-- Owned by the superuser, because `db reset` drops schemas of other owners.
create schema if not exists auth authorization supabase_admin;
grant all on schema auth to supabase_auth_admin;
grant usage on schema auth to postgres, anon, authenticated, service_role;

do $$
declare
  kind record;
begin
  for kind in
    select * from (values
      ('aal_level', '{aal1,aal2,aal3}'::text[]),
      ('code_challenge_method', '{s256,plain}'),
      ('one_time_token_type', '{confirmation_token,reauthentication_token,recovery_token,
        email_change_token_new,email_change_token_current,phone_change_token}')
    ) as wanted (name, labels)
  loop
    if to_regtype('auth.' || kind.name) is null then
      execute format(
        'create type auth.%I as enum (%s)',
        kind.name,
        (select string_agg(quote_literal(label), ',') from unnest(kind.labels) as label)
      );
      execute format('alter type auth.%I owner to supabase_auth_admin', kind.name);
    end if;
  end loop;
end
$$;

create table if not exists auth.users (
  instance_id uuid,
  id uuid primary key,
  aud varchar(255),
  role varchar(255),
  email varchar(255) unique,
  encrypted_password varchar(255),
  email_confirmed_at timestamptz,
  last_sign_in_at timestamptz,
  raw_app_meta_data jsonb,
  raw_user_meta_data jsonb,
  is_super_admin boolean,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  phone text unique,
  phone_confirmed_at timestamptz,
  banned_until timestamptz,
  deleted_at timestamptz,
  is_sso_user boolean not null default false,
  is_anonymous boolean not null default false
);

create table if not exists auth.sessions (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  created_at timestamptz,
  updated_at timestamptz,
  aal auth.aal_level,
  not_after timestamptz,
  refreshed_at timestamp,
  user_agent text,
  ip inet
);
create index if not exists sessions_user_id_idx on auth.sessions (user_id);

create table if not exists auth.refresh_tokens (
  id bigserial primary key,
  token varchar(255) unique,
  user_id varchar(255),
  session_id uuid references auth.sessions (id) on delete cascade,
  parent varchar(255),
  revoked boolean,
  created_at timestamptz,
  updated_at timestamptz
);
create index if not exists refresh_tokens_session_id_idx on auth.refresh_tokens (session_id);

create table if not exists auth.flow_state (
  id uuid primary key,
  user_id uuid,
  auth_code text,
  code_challenge text,
  code_challenge_method auth.code_challenge_method,
  provider_type text not null,
  authentication_method text not null,
  created_at timestamptz,
  updated_at timestamptz,
  auth_code_issued_at timestamptz
);
create index if not exists flow_state_auth_code_idx on auth.flow_state (auth_code);

create table if not exists auth.one_time_tokens (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  token_type auth.one_time_token_type not null,
  token_hash text not null check (token_hash <> ''),
  relates_to text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (user_id, token_type)
);
create index if not exists one_time_tokens_token_hash_idx on auth.one_time_tokens (token_hash);

-- The auth server's own; `postgres` may reference the rows and hang triggers on them.
do $$
declare
  relation text;
begin
  foreach relation in array
    array['users', 'sessions', 'refresh_tokens', 'flow_state', 'one_time_tokens']
  loop
    execute format('alter table auth.%I owner to supabase_auth_admin', relation);
    execute format('alter table auth.%I enable row level security', relation);
    execute format('grant all on auth.%I to postgres with grant option', relation);
  end loop;
end
$$;

-- One claim of the verified token: the old setting per claim, else the object of all claims. '' is absent:
-- that is what a setting local to a transaction leaves behind.
create or replace function auth.jwt() returns jsonb
language sql stable
return coalesce(
  nullif(current_setting('request.jwt.claim', true), ''),
  nullif(current_setting('request.jwt.claims', true), '')
)::jsonb;

create or replace function auth.uid() returns uuid
language sql stable
return coalesce(
  nullif(current_setting('request.jwt.claim.sub', true), ''),
  auth.jwt() ->> 'sub'
)::uuid;

create or replace function auth.role() returns text
language sql stable
return coalesce(
  nullif(current_setting('request.jwt.claim.role', true), ''),
  auth.jwt() ->> 'role'
);

create or replace function auth.email() returns text
language sql stable
return coalesce(
  nullif(current_setting('request.jwt.claim.email', true), ''),
  auth.jwt() ->> 'email'
);

alter function auth.jwt() owner to supabase_auth_admin;
alter function auth.uid() owner to supabase_auth_admin;
alter function auth.role() owner to supabase_auth_admin;
alter function auth.email() owner to supabase_auth_admin;
