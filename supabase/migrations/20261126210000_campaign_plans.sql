-- Campaigns as plans: who wrote them, how much time they ask for a day, and what their moves add up to.

alter table public.campaigns
  add column run_id uuid,
  add column minutes_per_day integer check (minutes_per_day between 1 and 1440),
  add column paused_on date,
  add foreign key (workspace_id, run_id)
    references public.agent_executions (workspace_id, id) on delete set null (run_id);

comment on column public.campaigns.run_id is 'the run that planned it; null when a person did';
comment on column public.campaigns.paused_on is 'the day it was last paused, while it is paused';

create index on public.campaigns (workspace_id, run_id);
create index on public.campaigns (workspace_id, status, created_at desc, id desc);

grant update (minutes_per_day, paused_on) on public.campaigns to authenticated;

alter table public.moves
  add column campaign_day integer check (campaign_day > 0),
  add column minutes_per_day integer check (minutes_per_day between 1 and 1440);

comment on column public.moves.campaign_day is 'the day of its campaign on which it begins; 1 is the first';
comment on column public.moves.minutes_per_day is 'what the founder has a day; null when nobody said';

create index on public.moves (workspace_id, campaign_id, created_at, id);

grant update (campaign_day, minutes_per_day) on public.moves to authenticated;

alter table public.move_tasks
  add column card text,
  add column moved_from date,
  add column rating integer check (rating between 1 and 5),
  add column results jsonb not null default '[]' check (jsonb_typeof(results) = 'array'),
  add column spent_inr numeric(10, 2) not null default 0 check (spent_inr >= 0);

comment on column public.move_tasks.card is 'the play of the playbook it comes from';
comment on column public.move_tasks.moved_from is 'the day it was planned for first, once it was moved';
comment on column public.move_tasks.results is 'what came of it: [{name, value}]';

grant update (card, moved_from, rating, results, spent_inr) on public.move_tasks to authenticated;


-- A campaign's progress and spending follow its moves and their tasks. Cancelled moves neither count
-- nor hold it back; a move weighs as much as it has days. The campaign is locked first, so that of two
-- moves that change at once the second sees the first.
create function public.roll_up_campaign(workspace uuid, campaign uuid) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform from public.campaigns where workspace_id = workspace and id = campaign for update;
  update public.campaigns set
    progress = coalesce((
      select round(sum(move.progress * move.duration_days)::numeric / sum(move.duration_days))
      from public.moves as move
      where move.workspace_id = workspace and move.campaign_id = campaign
        and move.status <> 'cancelled'
    ), 0),
    spent_inr = coalesce((
      select sum(task.spent_inr)
      from public.move_tasks as task
      join public.moves as move
        on move.workspace_id = task.workspace_id and move.id = task.move_id
      where move.workspace_id = workspace and move.campaign_id = campaign
    ), 0)
  where workspace_id = workspace and id = campaign;
end
$$;

revoke execute on function public.roll_up_campaign(uuid, uuid) from public;
grant execute on function public.roll_up_campaign(uuid, uuid) to authenticated, service_role;


create function public.moves_roll_up() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op <> 'INSERT' and old.campaign_id is not null then
    perform public.roll_up_campaign(old.workspace_id, old.campaign_id);
  end if;
  if tg_op <> 'DELETE' and new.campaign_id is not null
    and (tg_op = 'INSERT' or new.campaign_id is distinct from old.campaign_id) then
    perform public.roll_up_campaign(new.workspace_id, new.campaign_id);
  end if;
  return null;
end
$$;

revoke execute on function public.moves_roll_up() from public;
grant execute on function public.moves_roll_up() to authenticated, service_role;

create trigger roll_up_made_and_deleted after insert or delete on public.moves
  for each row execute function public.moves_roll_up();
create trigger roll_up_changed
  after update of progress, status, campaign_id, duration_days on public.moves
  for each row execute function public.moves_roll_up();


create function public.tasks_roll_up() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  campaign uuid := (
    select campaign_id from public.moves
    where workspace_id = new.workspace_id and id = new.move_id
  );
begin
  if campaign is not null then
    perform public.roll_up_campaign(new.workspace_id, campaign);
  end if;
  return null;
end
$$;

revoke execute on function public.tasks_roll_up() from public;
grant execute on function public.tasks_roll_up() to authenticated, service_role;

create trigger roll_up_spending after update of spent_inr on public.move_tasks
  for each row when (new.spent_inr is distinct from old.spent_inr)
  execute function public.tasks_roll_up();


-- Lists, like those of moves: one call, one round trip.
create function api.list_campaigns(
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
      'campaigns', coalesce(json_agg(page), '[]'),
      'total', (
        select count(*) from public.campaigns
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

revoke execute on function
  api.list_campaigns(text, text, integer, integer, timestamptz, uuid) from public;
grant execute on function
  api.list_campaigns(text, text, integer, integer, timestamptz, uuid) to raptorflow_app;


-- The moves of one campaign in the order in which they were planned; null when it is absent.
create function api.list_campaign_moves(
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
    select json_build_object(
      'moves', coalesce(json_agg(page), '[]'),
      'total', (
        select count(*) from public.moves
        where workspace_id = workspace and campaign_id = campaign
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

revoke execute on function
  api.list_campaign_moves(text, uuid, integer, integer, timestamptz, uuid) from public;
grant execute on function
  api.list_campaign_moves(text, uuid, integer, integer, timestamptz, uuid) to raptorflow_app;


-- The list of moves shows the two new columns as well.
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
