-- A change of the foundation names what acted for the user: an API key, or a run. The service puts both into the
-- claims itself; what a token of the user says is not among them.

alter table public.foundation_changes add column api_key_id uuid, add column run_id uuid;

comment on column public.foundation_changes.api_key_id is 'stays when the key is gone, so it is no reference';
comment on column public.foundation_changes.run_id is 'stays when the run is gone, so it is no reference';

create or replace function public.note_foundation_changes() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.foundation_changes
    (workspace_id, user_id, api_key_id, run_id, changed_by, field, before, after, source)
  select new.workspace_id, auth.uid(), (auth.jwt() ->> 'key_id')::uuid, (auth.jwt() ->> 'run_id')::uuid,
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


create or replace function api.list_foundation_changes(
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
        change.api_key_id, change.run_id, change.source, change.created_at
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
