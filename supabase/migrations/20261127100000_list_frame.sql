-- The frame of a page has one home; each list says what its rows are, and how many there are.

-- What a list answers. `last_row` is `<created_at>|<id>` of the last row of a full page, null after any other;
-- `next_cursor` is its base64, without line breaks. The body is parsed now, so that it depends on no search_path
-- and the planner can put it in place of the call. It stands in `public` because a list reads as
-- `authenticated`, who may not enter `api`; it only arranges what it is given.
create function public.json_page(
  noun text, rows json, total bigint, page_limit integer, page_offset integer, last_row text
) returns json
language sql stable
return json_build_object(
  noun, coalesce(rows, '[]'), 'total', total, 'limit', page_limit, 'offset', page_offset,
  'next_cursor', translate(encode(convert_to(last_row, 'UTF8'), 'base64'), E'\n', '')
);

revoke execute on function public.json_page(text, json, bigint, integer, integer, text) from public;
grant execute on function public.json_page(text, json, bigint, integer, integer, text)
  to authenticated, service_role;


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
      (
        select count(*) from public.moves
        where workspace_id = workspace and (wanted_status is null or status = wanted_status)
      ),
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
    select public.json_page(
      'icps', json_agg(page),
      (select count(*) from public.icp_profiles where workspace_id = workspace),
      page_limit, page_offset, (array_agg(page.created_at || '|' || page.id))[page_limit]
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


create or replace function api.list_invoices(
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
  buyer_id uuid := auth.uid();
  cursor_at timestamptz := coalesce(after_created_at, 'infinity');
  cursor_id uuid := coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  if workspace is null then
    return null;
  end if;

  return (
    select (public.json_page(
      'invoices', json_agg(page),
      (select count(*) from public.invoices where user_id = buyer_id),
      page_limit, page_offset, (array_agg(page.created_at || '|' || page.id))[page_limit]
    )::jsonb || jsonb_build_object('held', (
      select count(*) from public.held_documents
      where user_id = buyer_id and refund_id is null
    )))::text
    from (
      select
        invoice.id, invoice.user_id, invoice.payment_id, invoice.invoice_number,
        invoice.invoice_date, invoice.seller, invoice.buyer, invoice.place_of_supply,
        invoice.items, invoice.gst_type, invoice.gst_rate, invoice.subtotal_paise,
        invoice.cgst_paise, invoice.sgst_paise, invoice.utgst_paise, invoice.igst_paise,
        invoice.total_gst_paise, invoice.total_amount_paise, invoice.reverse_charge,
        invoice.lut_arn, invoice.irn, invoice.ack_no, invoice.ack_date, invoice.signed_qr,
        invoice.created_at, invoice.transaction_id, invoice.payment_method, invoice.paid_at,
        invoice.status
      from public.invoices as invoice
      where invoice.user_id = buyer_id
        and (invoice.created_at, invoice.id) < (cursor_at, cursor_id)
      order by invoice.created_at desc, invoice.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;


create or replace function api.list_credit_notes(
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
  buyer_id uuid := auth.uid();
  cursor_at timestamptz := coalesce(after_created_at, 'infinity');
  cursor_id uuid := coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  if workspace is null then
    return null;
  end if;

  return (
    select (public.json_page(
      'credit_notes', json_agg(page),
      (select count(*) from public.credit_notes where user_id = buyer_id),
      page_limit, page_offset, (array_agg(page.created_at || '|' || page.id))[page_limit]
    )::jsonb || jsonb_build_object('held', (
      select count(*) from public.held_documents
      where user_id = buyer_id and refund_id is not null
    )))::text
    from (
      select
        note.id, note.user_id, note.payment_id, note.invoice_number, note.invoice_date,
        note.seller, note.buyer, note.place_of_supply, note.items, note.gst_type,
        note.gst_rate, note.subtotal_paise, note.cgst_paise, note.sgst_paise,
        note.utgst_paise, note.igst_paise, note.total_gst_paise, note.total_amount_paise,
        note.reverse_charge, note.lut_arn, note.irn, note.ack_no, note.ack_date,
        note.signed_qr, note.created_at, note.invoice_id, note.refund_id,
        note.credit_note_number, note.credit_note_date, note.reason
      from public.credit_notes as note
      where note.user_id = buyer_id
        and (note.created_at, note.id) < (cursor_at, cursor_id)
      order by note.created_at desc, note.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;


create or replace function api.list_runs(
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
    select public.json_page(
      'runs', json_agg(page),
      (
        select count(*) from public.agent_executions
        where workspace_id = workspace
          and (wanted_status is null or status = wanted_status)
          and (wanted_type is null or request_type = wanted_type)
      ),
      page_limit, page_offset, (array_agg(page.started_at || '|' || page.id))[page_limit]
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
        where workspace_id = workspace and (wanted_status is null or status = wanted_status)
      ),
      page_limit, page_offset, (array_agg(page.created_at || '|' || page.id))[page_limit]
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


create or replace function api.list_memories(
  claims text,
  wanted_type text default null,
  wanted_session uuid default null,
  page_limit integer default 20,
  page_offset integer default 0,
  after_created_at timestamptz default null,
  after_id uuid default null
) returns text
language plpgsql
set search_path = ''
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
      'memories', json_agg(page),
      (
        select count(*) from public.memories
        where workspace_id = workspace
          and (wanted_type is null or type = wanted_type)
          and (wanted_session is null or session_id = wanted_session)
      ),
      page_limit, page_offset, (array_agg(page.created_at || '|' || page.id))[page_limit]
    )::text
    from (
      select
        memory.id, memory.type, memory.store, memory.content, memory.metadata, memory.session_id,
        memory.reference_table, memory.reference_id, memory.importance, memory.created_at
      from public.memories as memory
      where memory.workspace_id = workspace
        and (wanted_type is null or memory.type = wanted_type)
        and (wanted_session is null or memory.session_id = wanted_session)
        and (memory.created_at, memory.id) < (cursor_at, cursor_id)
      order by memory.created_at desc, memory.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;
