-- The other lists in the frame of `public.json_page`.

create or replace function api.list_muse_assets(
  claims text,
  wanted_type text default null,
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
      'assets', json_agg(page),
      (
        select count(*) from public.muse_assets
        where workspace_id = workspace
          and (wanted_type is null or type = wanted_type)
          and (wanted_status is null or status = wanted_status)
      ),
      page_limit, page_offset, (array_agg(page.created_at || '|' || page.id))[page_limit]
    )::text
    from (
      select
        asset.id, asset.workspace_id, asset.title, asset.type, asset.content, asset.tone,
        asset.word_count, asset.platform, asset.language, asset.tags, asset.hashtags, asset.version,
        asset.parent_id, asset.move_id, asset.campaign_id, asset.icp_id, asset.source, asset.status,
        asset.rating, asset.unsupported, asset.problems, asset.created_at, asset.updated_at
      from public.muse_assets as asset
      where asset.workspace_id = workspace
        and (wanted_type is null or asset.type = wanted_type)
        and (wanted_status is null or asset.status = wanted_status)
        and (asset.created_at, asset.id) < (cursor_at, cursor_id)
      order by asset.created_at desc, asset.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;


create or replace function api.list_strategies(
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
    select public.json_page(
      'strategies', json_agg(page),
      (
        select count(*) from public.blackbox_strategies
        where workspace_id = workspace
          and (wanted_area is null or focus_area = wanted_area)
          and (wanted_status is null or status = wanted_status)
      ),
      page_limit, page_offset, (array_agg(page.created_at || '|' || page.id))[page_limit]
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


create or replace function api.list_campaigns(
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
      'campaigns', json_agg(page),
      (
        select count(*) from public.campaigns
        where workspace_id = workspace and (wanted_status is null or status = wanted_status)
      ),
      page_limit, page_offset, (array_agg(page.created_at || '|' || page.id))[page_limit]
    )::text
    from (
      select
        campaign.id, campaign.workspace_id, campaign.name, campaign.description,
        campaign.objective, campaign.status, campaign.goal, campaign.success_criteria,
        campaign.target_icp_id, campaign.channels, campaign.duration_days, campaign.intensity,
        campaign.minutes_per_day, campaign.start_date, campaign.end_date, campaign.phases,
        campaign.progress, campaign.budget_inr, campaign.spent_inr, campaign.created_at,
        campaign.updated_at,
        case when icp.id is not null then json_build_object('id', icp.id, 'name', icp.name) end
          as target_icp,
        (
          select json_build_object(
            'total', count(*),
            'active', count(*) filter (where move.status = 'active'),
            'completed', count(*) filter (where move.status = 'completed')
          )
          from public.moves as move
          where move.workspace_id = workspace and move.campaign_id = campaign.id
        ) as move_counts
      from public.campaigns as campaign
      left join public.icp_profiles as icp
        on icp.workspace_id = campaign.workspace_id and icp.id = campaign.target_icp_id
      where campaign.workspace_id = workspace
        and (wanted_status is null or campaign.status = wanted_status)
        and (campaign.created_at, campaign.id) < (cursor_at, cursor_id)
      order by campaign.created_at desc, campaign.id desc
      limit page_limit offset page_offset
    ) as page
  );
end
$$;


create or replace function api.list_campaign_moves(
  claims text,
  campaign uuid,
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
  cursor_at timestamptz := coalesce(after_created_at, '-infinity');
  cursor_id uuid := coalesce(after_id, '00000000-0000-0000-0000-000000000000');
begin
  if not exists (
    select from public.campaigns where workspace_id = workspace and id = campaign
  ) then
    return null;
  end if;

  return (
    select public.json_page(
      'moves', json_agg(page),
      (
        select count(*) from public.moves
        where workspace_id = workspace and campaign_id = campaign
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
      where move.workspace_id = workspace and move.campaign_id = campaign
        and (move.created_at, move.id) > (cursor_at, cursor_id)
      order by move.created_at, move.id
      limit page_limit offset page_offset
    ) as page
  );
end
$$;


create or replace function api.list_audit_log(
  claims text,
  wanted_actor text default null,
  wanted_action text default null,
  wanted_subject uuid default null,
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
      'entries', json_agg(page),
      (
        select count(*) from public.audit_log
        where workspace_id = workspace
          and (wanted_actor is null or actor = wanted_actor)
          and (wanted_action is null or action = wanted_action)
          and (wanted_subject is null or subject_id = wanted_subject)
      ),
      page_limit, page_offset, (array_agg(page.created_at || '|' || page.id))[page_limit]
    )::text
    from (
      select
        entry.id, entry.workspace_id, entry.user_id, entry.actor, entry.key_id, entry.run_id,
        entry.channel, entry.action, entry.event, entry.subject_id, entry.request_id, entry.details,
        entry.created_at
      from public.audit_log as entry
      where entry.workspace_id = workspace
        and (wanted_actor is null or entry.actor = wanted_actor)
        and (wanted_action is null or entry.action = wanted_action)
        and (wanted_subject is null or entry.subject_id = wanted_subject)
        and (entry.created_at, entry.id) < (cursor_at, cursor_id)
      order by entry.created_at desc, entry.id desc
      limit page_limit offset page_offset
    ) as page
  );
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
    select public.json_page(
      'changes', json_agg(page),
      (
        select count(*) from public.foundation_changes
        where workspace_id = workspace and (wanted_field is null or field = wanted_field)
      ),
      page_limit, page_offset, (array_agg(page.created_at || '|' || page.id))[page_limit]
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
