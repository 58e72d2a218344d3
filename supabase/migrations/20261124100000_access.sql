-- Who may connect, and what every later file relies on.
--
-- Migrations run as the owner `postgres`: no superuser on Supabase, but CREATEROLE and BYPASSRLS.
-- At run time the service logs in as `raptorflow_app`, which owns nothing and sees nothing until
-- it takes a role for one transaction: `authenticated` for a user, `service_role` for the server.

create extension if not exists vector with schema extensions;

do $$
declare
  known pg_roles;
begin
  select * into known from pg_roles where rolname = 'raptorflow_app';
  if known.rolname is null then
    -- Without a password nobody can log in; setting one belongs to the operator, not to a file.
    create role raptorflow_app login noinherit;
    alter role raptorflow_app set timezone = 'UTC';
    alter role raptorflow_app set statement_timeout = '30s';
    alter role raptorflow_app set idle_in_transaction_session_timeout = '60s';
  elsif known.rolsuper or known.rolbypassrls or known.rolinherit then
    raise exception 'role raptorflow_app must be NOSUPERUSER NOBYPASSRLS NOINHERIT';
  end if;
end
$$;

-- A NOINHERIT member gets the right to SET ROLE and none of the role's privileges.
grant anon, authenticated, service_role to raptorflow_app;

grant usage on schema public, extensions to authenticated, service_role;

-- What is applied, so that the service can say that it needs a newer schema.
grant usage on schema supabase_migrations to raptorflow_app;
grant select on supabase_migrations.schema_migrations to raptorflow_app;

-- Some Supabase stacks still grant everything on new tables to the API roles, which would undo
-- every column grant below. Here each table says who may do what.
alter default privileges in schema public
  revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public
  revoke all on functions from anon, authenticated, service_role;

create function public.set_updated_at() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;

revoke execute on function public.set_updated_at() from public;
