-- The morning's run of daily wins: when a workspace wants it, and when it had it last.

create table public.win_mornings (
  workspace_id uuid primary key references public.workspaces (id) on delete cascade,
  is_on boolean not null default true,
  hour integer not null default 7 check (hour between 4 and 11),
  last_run_on date,
  last_outcome text check (last_outcome in ('queued', 'no_budget')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

comment on column public.win_mornings.hour is 'of the day, in the workspace''s time zone';

create trigger set_updated_at before update on public.win_mornings
  for each row execute function public.set_updated_at();

alter table public.win_mornings enable row level security;
alter table public.win_mornings force row level security;

create policy "Users reach the mornings of their own workspace" on public.win_mornings
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select, insert, update (is_on, hour) on public.win_mornings to authenticated;
grant select, insert, update, delete on public.win_mornings to service_role;


-- The clock where the founder is. A time zone that Postgres does not know counts as Asia/Kolkata.
create function public.workspace_now(workspace_id uuid) returns timestamp
language plpgsql
stable
set search_path = ''
as $$
declare
  zone text := (
    select settings ->> 'timezone' from public.workspaces where id = workspace_now.workspace_id
  );
begin
  return now() at time zone coalesce(zone, 'Asia/Kolkata');
exception
  when invalid_parameter_value then
    return now() at time zone 'Asia/Kolkata';
end
$$;

revoke execute on function public.workspace_now(uuid) from public;
grant execute on function public.workspace_now(uuid) to authenticated, service_role;
