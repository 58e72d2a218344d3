-- Why an ICP's scores are what they are, and the facts they count.

alter table public.icp_profiles
  add column run_id uuid,
  add column score_reasons jsonb not null default '{}'
    check (jsonb_typeof(score_reasons) = 'object'),
  add foreign key (workspace_id, run_id)
    references public.agent_executions (workspace_id, id) on delete set null (run_id);

comment on column public.icp_profiles.run_id is 'the run that described it; null when a person did';
comment on column public.icp_profiles.score_reasons is
  'score name -> {reason, facts}: how it was counted, and the ids of the facts';

create index on public.icp_profiles (workspace_id, run_id);

grant update (score_reasons, run_id) on public.icp_profiles to authenticated;

-- The worker turns the page of the day: what is scheduled or runs, wherever it is.
create index on public.moves (start_date) where status in ('scheduled', 'active');
create index on public.campaigns (start_date) where status = 'scheduled';


create or replace function api.list_icps(
  claims text,
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
      'icps', coalesce(json_agg(page), '[]'),
      'total', (select count(*) from public.icp_profiles where workspace_id = workspace),
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
        icp.id, icp.workspace_id, icp.name, icp.tagline, icp.code, icp.is_primary,
        icp.is_secondary, icp.demographics, icp.psychographics, icp.behaviors,
        icp.market_sophistication, icp.scores, icp.score_reasons, icp.sources, icp.summary,
        icp.created_at, icp.updated_at
      from public.icp_profiles as icp
      where icp.workspace_id = workspace and (icp.created_at, icp.id) < (cursor_at, cursor_id)
      order by icp.created_at desc, icp.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;
