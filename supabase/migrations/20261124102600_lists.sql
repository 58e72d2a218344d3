-- Lists as one call and one round trip: set the claims, take the user's role, read a page, render
-- it as the JSON the API answers with.
--
-- Such a function lets its caller choose whose claims to use. So the schema is not exposed by
-- PostgREST, only raptorflow_app may call it, and nothing here is SECURITY DEFINER: the rows are
-- read by `authenticated` under row-level security.

create schema api;
revoke all on schema api from public;
grant usage on schema api to raptorflow_app;


-- Acts as the user of these (verified) claims until the transaction ends; returns the workspace, or
-- null for a user without one.
create function api.enter_workspace(claims text) returns uuid
language plpgsql
set search_path = ''
as $$
begin
  perform
    set_config('request.jwt.claims', claims, true),
    set_config('role', 'authenticated', true);
  return (select id from public.workspaces where user_id = (select auth.uid()));
end
$$;

revoke execute on function api.enter_workspace(text) from public;
grant execute on function api.enter_workspace(text) to raptorflow_app;


-- Newest first. A page starts after the cursor (created_at, id) or at page_offset. next_cursor is
-- base64 of `<created_at>|<id>` of the last row, without line breaks; null after a page that is not
-- full.
--
-- Two settings hold the plan in place: the generic plan, because planning anew costs more than the
-- read, and no sorting, because the planner takes the policy and the workspace filter for two
-- independent conditions, expects next to no rows and would sort a whole workspace for one page.
create function api.list_moves(
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
  -- Without a cursor the page starts after the end of time: one condition that the index can use.
  cursor_at timestamptz := coalesce(after_created_at, 'infinity');
  cursor_id uuid := coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  if workspace is null then
    return null;
  end if;

  return (
    select json_build_object(
      'moves', coalesce(json_agg(page), '[]'),
      'total', (
        select count(*) from public.moves
        where workspace_id = workspace and (wanted_status is null or status = wanted_status)
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
        move.id, move.workspace_id, move.campaign_id, move.name, move.category, move.status,
        move.goal, move.context, move.target_icp_id, move.channels, move.duration_days,
        move.start_date, move.end_date, move.execution, move.success_metrics, move.contingencies,
        move.progress, move.current_day, move.source, move.source_id,
        move.created_at, move.updated_at,
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

revoke execute on function api.list_moves(text, text, integer, integer, timestamptz, uuid)
  from public;
grant execute on function api.list_moves(text, text, integer, integer, timestamptz, uuid)
  to raptorflow_app;


create function api.list_icps(
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
        icp.market_sophistication, icp.scores, icp.sources, icp.summary, icp.created_at,
        icp.updated_at
      from public.icp_profiles as icp
      where icp.workspace_id = workspace and (icp.created_at, icp.id) < (cursor_at, cursor_id)
      order by icp.created_at desc, icp.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;

revoke execute on function api.list_icps(text, integer, integer, timestamptz, uuid)
  from public;
grant execute on function api.list_icps(text, integer, integer, timestamptz, uuid)
  to raptorflow_app;
