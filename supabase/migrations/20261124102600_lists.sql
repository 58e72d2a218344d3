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


create function api.list_invoices(
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
    select json_build_object(
      'invoices', coalesce(json_agg(page), '[]'),
      'total', (select count(*) from public.invoices where user_id = buyer_id),
      'limit', page_limit,
      'offset', page_offset,
      'next_cursor', (array_agg(
        translate(
          encode(convert_to(page.created_at || '|' || page.id, 'UTF8'), 'base64'), E'\n', ''
        )
      ))[page_limit],
      'held', (
        select count(*) from public.held_documents
        where user_id = buyer_id and refund_id is null
      )
    )::text
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

revoke execute on function api.list_invoices(text, integer, integer, timestamptz, uuid)
  from public;
grant execute on function api.list_invoices(text, integer, integer, timestamptz, uuid)
  to raptorflow_app;


create function api.list_credit_notes(
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
    select json_build_object(
      'credit_notes', coalesce(json_agg(page), '[]'),
      'total', (select count(*) from public.credit_notes where user_id = buyer_id),
      'limit', page_limit,
      'offset', page_offset,
      'next_cursor', (array_agg(
        translate(
          encode(convert_to(page.created_at || '|' || page.id, 'UTF8'), 'base64'), E'\n', ''
        )
      ))[page_limit],
      'held', (
        select count(*) from public.held_documents
        where user_id = buyer_id and refund_id is not null
      )
    )::text
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

revoke execute on function api.list_credit_notes(text, integer, integer, timestamptz, uuid)
  from public;
grant execute on function api.list_credit_notes(text, integer, integer, timestamptz, uuid)
  to raptorflow_app;
