-- What became of each field of the foundation, and whether its summary still says what it says.

create table public.foundation_changes (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  user_id uuid,
  changed_by text not null check (changed_by in ('user', 'onboarding', 'engine')),
  field text not null,
  before jsonb,
  after jsonb,
  source jsonb not null default '{}' check (jsonb_typeof(source) = 'object'),
  created_at timestamptz not null default now(),
  unique (workspace_id, id)
);

comment on column public.foundation_changes.user_id is 'stays when the user is gone, so it is no reference';
comment on column public.foundation_changes.source is
  'what the new value rests on, as foundations.provenance has it';

create index on public.foundation_changes (workspace_id, created_at desc, id desc);
create index on public.foundation_changes (workspace_id, field, created_at desc, id desc);

alter table public.foundation_changes enable row level security;
alter table public.foundation_changes force row level security;

create policy "Users read changes of their own foundation" on public.foundation_changes
  for select to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select on public.foundation_changes to authenticated;
grant select, insert, delete on public.foundation_changes to service_role;


-- Definer, so that nobody writes a history by hand. Every field is compared that people read.
create function public.note_foundation_changes() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.foundation_changes
    (workspace_id, user_id, changed_by, field, before, after, source)
  select new.workspace_id, auth.uid(),
    case when was.key = 'summary' then 'engine' else coalesce(new.last_updated_by, 'onboarding') end,
    was.key, nullif(was.value, 'null'), nullif(become.value, 'null'),
    case when was.key = 'summary' then '{}' else coalesce(new.provenance -> was.key, '{}') end
  from jsonb_each(to_jsonb(old)) as was
  join jsonb_each(to_jsonb(new)) as become on become.key = was.key
  where was.value is distinct from become.value
    and was.key in (
      'company_name', 'industry', 'company_stage', 'website_url', 'offers', 'truth_sheet',
      'market_research', 'competitors', 'positioning', 'brand_voice', 'brand_voice_examples',
      'messaging_guardrails', 'soundbite_library', 'message_hierarchy', 'summary'
    )
  order by was.key;
  return null;
end
$$;

revoke execute on function public.note_foundation_changes() from public;

create trigger note_changes after update on public.foundations
  for each row execute function public.note_foundation_changes();


-- A summary is stale once something that it is written from has changed: the foundation's own words, or an ICP.
-- Whoever writes the summary says that it is fresh.
alter table public.foundations add column summary_stale boolean not null default false;

grant update (summary_stale) on public.foundations to authenticated;

create function public.mark_summary_stale() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.summary_stale := new.summary is not null;
  return new;
end
$$;

revoke execute on function public.mark_summary_stale() from public;
grant execute on function public.mark_summary_stale() to authenticated, service_role;

create trigger mark_summary_stale before update on public.foundations
  for each row
  when (
    (old.company_name, old.industry, old.company_stage, old.offers, old.truth_sheet, old.positioning)
    is distinct from
    (new.company_name, new.industry, new.company_stage, new.offers, new.truth_sheet, new.positioning)
  )
  execute function public.mark_summary_stale();

create function public.mark_summary_stale_by_icp() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  update public.foundations set summary_stale = true
  where workspace_id = coalesce(new.workspace_id, old.workspace_id) and summary is not null
    and not summary_stale;
  return null;
end
$$;

revoke execute on function public.mark_summary_stale_by_icp() from public;
grant execute on function public.mark_summary_stale_by_icp() to authenticated, service_role;

create trigger mark_summary_stale_made_or_gone after insert or delete on public.icp_profiles
  for each row execute function public.mark_summary_stale_by_icp();
create trigger mark_summary_stale after update on public.icp_profiles
  for each row
  when (
    (old.name, old.tagline, old.demographics, old.psychographics, old.behaviors, old.is_primary)
    is distinct from
    (new.name, new.tagline, new.demographics, new.psychographics, new.behaviors, new.is_primary)
  )
  execute function public.mark_summary_stale_by_icp();


create function api.list_foundation_changes(
  claims text,
  wanted_field text default null,
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
      'changes', coalesce(json_agg(page), '[]'),
      'total', (
        select count(*) from public.foundation_changes
        where workspace_id = workspace and (wanted_field is null or field = wanted_field)
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
        change.id, change.field, change.before, change.after, change.changed_by, change.user_id,
        change.source, change.created_at
      from public.foundation_changes as change
      where change.workspace_id = workspace
        and (wanted_field is null or change.field = wanted_field)
        and (change.created_at, change.id) < (cursor_at, cursor_id)
      order by change.created_at desc, change.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;

revoke execute on function
  api.list_foundation_changes(text, text, integer, integer, timestamptz, uuid) from public;
grant execute on function
  api.list_foundation_changes(text, text, integer, integer, timestamptz, uuid) to raptorflow_app;
