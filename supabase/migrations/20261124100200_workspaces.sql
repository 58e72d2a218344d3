-- The tenant. One user has exactly one, made by initialize_user().

create table public.workspaces (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references public.users (id) on delete cascade,
  name text not null,
  slug text unique,
  settings jsonb not null
    default '{"timezone": "Asia/Kolkata", "currency": "INR", "language": "en"}'
    check (jsonb_typeof(settings) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Rows that name a user beside their workspace point here, so the two always belong together.
  unique (id, user_id)
);

create trigger set_updated_at before update on public.workspaces
  for each row execute function public.set_updated_at();

alter table public.workspaces enable row level security;
alter table public.workspaces force row level security;

create policy "Users reach their own workspace" on public.workspaces
  to authenticated using (user_id = (select auth.uid()));

-- No slug: a taken one would tell that another tenant has it.
grant select, update (name, settings) on public.workspaces to authenticated;
grant select, insert, update, delete on public.workspaces to service_role;

-- For checks of a single row. Policies compare with an array instead: it is evaluated once for
-- each statement and can use the index, while a function would be called for each row.
create function public.user_owns_workspace(workspace_id uuid) returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select from public.workspaces
    where id = user_owns_workspace.workspace_id and user_id = (select auth.uid())
  )
$$;

revoke execute on function public.user_owns_workspace(uuid) from public;
grant execute on function public.user_owns_workspace(uuid) to authenticated, service_role;


-- Today where the founder is. A time zone that Postgres does not know counts as Asia/Kolkata.
create function public.workspace_today(workspace_id uuid) returns date
language plpgsql
stable
set search_path = ''
as $$
declare
  zone text := (
    select settings ->> 'timezone' from public.workspaces where id = workspace_today.workspace_id
  );
begin
  return (now() at time zone coalesce(zone, 'Asia/Kolkata'))::date;
exception
  when invalid_parameter_value then
    return (now() at time zone 'Asia/Kolkata')::date;
end
$$;

revoke execute on function public.workspace_today(uuid) from public;
grant execute on function public.workspace_today(uuid) to authenticated, service_role;
