-- All moves of a workspace are counted from the index alone. With a status that may be null in the condition,
-- each row was looked at for it: a twentieth of what a page costs Postgres.

create or replace function api.list_moves(
  claims text,
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
    select public.json_page(
      'moves', json_agg(page),
      case
        when wanted_status is null then
          (select count(*) from public.moves where workspace_id = workspace)
        else
          (
            select count(*) from public.moves
            where workspace_id = workspace and status = wanted_status
          )
      end,
      page_limit, page_offset, (array_agg(page.created_at || '|' || page.id))[page_limit]
    )::text
    from (
      select
        move.id, move.workspace_id, move.campaign_id, move.campaign_day, move.name, move.category,
        move.status, move.goal, move.context, move.target_icp_id, move.channels,
        move.duration_days, move.minutes_per_day, move.start_date, move.end_date, move.execution,
        move.success_metrics, move.contingencies, move.progress, move.current_day, move.source,
        move.source_id, move.created_at, move.updated_at,
        case when icp.id is not null then json_build_object('id', icp.id, 'name', icp.name) end
          as target_icp
      from public.moves as move
      left join public.icp_profiles as icp
        on icp.workspace_id = move.workspace_id and icp.id = move.target_icp_id
      where move.workspace_id = workspace
        and (wanted_status is null or move.status = wanted_status)
        and (move.created_at, move.id) < (cursor_at, cursor_id)
      order by move.created_at desc, move.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;
