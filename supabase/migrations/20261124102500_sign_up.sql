-- From a new row in auth.users to a workspace that works, in the transaction of the sign-up itself:
-- whatever fails, fails the sign-up whole, and nobody is left half made. The same function repairs
-- accounts that are older than these triggers (POST /auth/initialize).

create function public.initialize_user(user_id uuid, email text, full_name text)
returns table (workspace_id uuid, created boolean)
language plpgsql
set search_path = ''
as $$
#variable_conflict use_column
declare
  local_part text := nullif(split_part(initialize_user.email, '@', 1), '');
  new_id uuid := gen_random_uuid();
begin
  -- One at a time for each user, so that exactly one caller hears `created`.
  perform pg_advisory_xact_lock(hashtextextended('initialize_user:' || initialize_user.user_id, 0));

  select workspace.id, false into workspace_id, created
  from public.workspaces as workspace
  join public.foundations as foundation on foundation.workspace_id = workspace.id
  join public.onboarding_sessions as session on session.workspace_id = workspace.id
  join public.subscriptions as subscription on subscription.user_id = workspace.user_id
  where workspace.user_id = initialize_user.user_id;
  if found then
    return next;
    return;
  end if;

  -- A new profile fires on_user_profile_created, which calls this function for the rest; the
  -- statements below then find nothing left to do.
  insert into public.users (id, email, full_name)
  values (
    initialize_user.user_id,
    coalesce(initialize_user.email, ''),
    coalesce(nullif(left(btrim(initialize_user.full_name), 200), ''), local_part)
  )
  on conflict (id) do nothing;

  insert into public.workspaces (id, user_id, name, slug)
  values (
    new_id,
    initialize_user.user_id,
    coalesce(local_part || '''s Workspace', 'My Workspace'),
    'ws-' || replace(new_id::text, '-', '')
  )
  on conflict (user_id) do nothing;

  select id, true into strict workspace_id, created
  from public.workspaces
  where user_id = initialize_user.user_id;

  insert into public.foundations (workspace_id, summary, onboarding_completed)
  values (initialize_user.workspace_id, '', false)
  on conflict (workspace_id) do nothing;

  insert into public.onboarding_sessions (workspace_id, current_step, status)
  values (initialize_user.workspace_id, 1, 'in_progress')
  on conflict (workspace_id) do nothing;

  insert into public.subscriptions (user_id, plan, status, price_inr)
  values (initialize_user.user_id, 'free', 'active', 0)
  on conflict (user_id) do nothing;

  return next;
end
$$;

comment on function public.initialize_user(uuid, text, text) is
  'makes what is missing of a user''s set; created is false when nothing was missing';

revoke execute on function public.initialize_user(uuid, text, text) from public;
grant execute on function public.initialize_user(uuid, text, text) to service_role;


-- SECURITY DEFINER: the auth server's own role may not write to these tables.
create function public.handle_new_user() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform public.initialize_user(new.id, new.email, new.raw_user_meta_data ->> 'full_name');
  return new;
end
$$;

revoke execute on function public.handle_new_user() from public;

create or replace trigger on_auth_user_created after insert on auth.users
  for each row execute function public.handle_new_user();


create function public.handle_new_user_workspace() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform public.initialize_user(new.id, new.email, new.full_name);
  return new;
end
$$;

revoke execute on function public.handle_new_user_workspace() from public;

create trigger on_user_profile_created after insert on public.users
  for each row execute function public.handle_new_user_workspace();
