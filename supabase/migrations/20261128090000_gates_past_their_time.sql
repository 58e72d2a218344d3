-- A gate is expired from its hour on, not from the minute's sweep that writes it down.

create function public.gate_status(status text, expires_at timestamptz) returns text
language sql stable
return case when status = 'pending' and expires_at <= now() then 'expired' else status end;

revoke execute on function public.gate_status(text, timestamptz) from public;
grant execute on function public.gate_status(text, timestamptz) to authenticated, service_role;


create or replace function api.list_approvals(
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
      'approvals', json_agg(page),
      (
        select count(*) from public.approval_gates
        where workspace_id = workspace
          and (wanted_status is null or public.gate_status(status, expires_at) = wanted_status)
      ),
      page_limit, page_offset, (array_agg(page.created_at || '|' || page.id))[page_limit]
    )::text
    from (
      select
        gate.id, gate.run_id, gate.session_id, run.request_type, gate.gate_type,
        gate.description, gate.risk_level, gate.risk_reasons,
        public.gate_status(gate.status, gate.expires_at) as status, gate.content_hash,
        gate.created_at, gate.expires_at, gate.resolved_at
      from public.approval_gates as gate
      left join public.agent_executions as run
        on run.workspace_id = gate.workspace_id and run.id = gate.run_id
      where gate.workspace_id = workspace
        and (
          wanted_status is null
          or public.gate_status(gate.status, gate.expires_at) = wanted_status
        )
        and (gate.created_at, gate.id) < (cursor_at, cursor_id)
      order by gate.created_at desc, gate.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;
