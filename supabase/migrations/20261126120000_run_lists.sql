-- Runs and approvals as lists: one call, one round trip (see the lists of moves and ICPs).

create function api.list_runs(
  claims text,
  wanted_status text default null,
  wanted_type text default null,
  page_limit integer default 20,
  page_offset integer default 0,
  after_started_at timestamptz default null,
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
  cursor_at timestamptz := coalesce(after_started_at, 'infinity');
  cursor_id uuid := coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  if workspace is null then
    return null;
  end if;

  return (
    select json_build_object(
      'runs', coalesce(json_agg(page), '[]'),
      'total', (
        select count(*) from public.agent_executions
        where workspace_id = workspace
          and (wanted_status is null or status = wanted_status)
          and (wanted_type is null or request_type = wanted_type)
      ),
      'limit', page_limit,
      'offset', page_offset,
      'next_cursor', (array_agg(
        translate(
          encode(convert_to(page.started_at || '|' || page.id, 'UTF8'), 'base64'), E'\n', ''
        )
      ))[page_limit]
    )::text
    from (
      select
        run.id, run.session_id, run.request_type, run.status, run.success, run.error,
        run.error_code, run.quality_score, run.corrections_made, run.tokens_input,
        run.tokens_output, run.total_cost as cost, run.latency_ms, run.started_at,
        run.completed_at,
        (
          select gate.id from public.approval_gates as gate
          where gate.workspace_id = workspace and gate.run_id = run.id and gate.status = 'pending'
          limit 1
        ) as approval_gate_id
      from public.agent_executions as run
      where run.workspace_id = workspace
        and (wanted_status is null or run.status = wanted_status)
        and (wanted_type is null or run.request_type = wanted_type)
        and (run.started_at, run.id) < (cursor_at, cursor_id)
      order by run.started_at desc, run.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;

revoke execute on function
  api.list_runs(text, text, text, integer, integer, timestamptz, uuid) from public;
grant execute on function
  api.list_runs(text, text, text, integer, integer, timestamptz, uuid) to raptorflow_app;


create function api.list_approvals(
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
    select json_build_object(
      'approvals', coalesce(json_agg(page), '[]'),
      'total', (
        select count(*) from public.approval_gates
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
        gate.id, gate.run_id, gate.session_id, run.request_type, gate.gate_type,
        gate.description, gate.risk_level, gate.risk_reasons, gate.status, gate.content_hash,
        gate.created_at, gate.expires_at, gate.resolved_at
      from public.approval_gates as gate
      left join public.agent_executions as run
        on run.workspace_id = gate.workspace_id and run.id = gate.run_id
      where gate.workspace_id = workspace
        and (wanted_status is null or gate.status = wanted_status)
        and (gate.created_at, gate.id) < (cursor_at, cursor_id)
      order by gate.created_at desc, gate.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;

revoke execute on function
  api.list_approvals(text, text, integer, integer, timestamptz, uuid) from public;
grant execute on function
  api.list_approvals(text, text, integer, integer, timestamptz, uuid) to raptorflow_app;
