-- A strategy keeps the work of its phases, when to stop, and what its lines rest on.

alter table public.blackbox_strategies
  add column kill_criteria text[] not null default '{}',
  add column claims jsonb not null default '[]' check (jsonb_typeof(claims) = 'array'),
  add column unsupported integer not null default 0 check (unsupported >= 0),
  add column play text,
  add column icp_id uuid,
  add column run_id uuid,
  add unique (workspace_id, id),
  add foreign key (workspace_id, icp_id)
    references public.icp_profiles (workspace_id, id) on delete set null (icp_id),
  add foreign key (workspace_id, run_id)
    references public.agent_executions (workspace_id, id) on delete set null (run_id);

create index on public.blackbox_strategies (workspace_id, icp_id);
create index on public.blackbox_strategies (workspace_id, run_id);
create index on public.blackbox_strategies (workspace_id, status, created_at desc, id desc);
create index on public.blackbox_strategies (workspace_id, focus_area, created_at desc, id desc);
drop index public.blackbox_strategies_workspace_id_focus_area_idx;


-- Newest first, as `api.list_moves`.
create function api.list_strategies(
  claims text,
  wanted_area text default null,
  wanted_status text default null,
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
      'strategies', coalesce(json_agg(page), '[]'),
      'total', (
        select count(*) from public.blackbox_strategies
        where workspace_id = workspace
          and (wanted_area is null or focus_area = wanted_area)
          and (wanted_status is null or status = wanted_status)
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
        strategy.id, strategy.workspace_id, strategy.name, strategy.focus_area, strategy.outcome,
        strategy.risk_level, strategy.risk_reasons, strategy.phases, strategy.execution_steps,
        strategy.expected_upside, strategy.potential_downside, strategy.kill_criteria,
        strategy.time_to_result, strategy.status, strategy.play, strategy.icp_id, strategy.move_id,
        strategy.run_id, strategy.claims, strategy.unsupported, strategy.created_at,
        strategy.updated_at
      from public.blackbox_strategies as strategy
      where strategy.workspace_id = workspace
        and (wanted_area is null or strategy.focus_area = wanted_area)
        and (wanted_status is null or strategy.status = wanted_status)
        and (strategy.created_at, strategy.id) < (cursor_at, cursor_id)
      order by strategy.created_at desc, strategy.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;

revoke execute on function
  api.list_strategies(text, text, text, integer, integer, timestamptz, uuid) from public;
grant execute on function
  api.list_strategies(text, text, text, integer, integer, timestamptz, uuid) to raptorflow_app;
