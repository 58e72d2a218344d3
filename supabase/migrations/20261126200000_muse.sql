-- Copy keeps its lines with their sources, what it claims, and every version it ever had.

alter table public.muse_assets
  add column language text not null default 'en-IN',
  add column structure text,
  add column blocks jsonb not null default '[]' check (jsonb_typeof(blocks) = 'array'),
  add column hashtags text[] not null default '{}',
  add column claims jsonb not null default '[]' check (jsonb_typeof(claims) = 'array'),
  add column unsupported integer not null default 0 check (unsupported >= 0),
  add column problems text[] not null default '{}',
  add column run_id uuid,
  add foreign key (workspace_id, run_id)
    references public.agent_executions (workspace_id, id) on delete set null (run_id);

create index on public.muse_assets (workspace_id, type, created_at desc, id desc);
create index on public.muse_assets (workspace_id, status, created_at desc, id desc);
create index on public.muse_assets (workspace_id, run_id);
drop index public.muse_assets_workspace_id_type_idx;

-- `run_id` is set at birth alone.
grant update (language, structure, blocks, hashtags, claims, unsupported, problems)
  on public.muse_assets to authenticated;


-- A version is what the asset was, word for word; `parent_version` is the one it was made from.
create table public.muse_versions (
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  asset_id uuid not null,
  version integer not null check (version > 0),
  parent_version integer check (parent_version > 0),
  reason text not null check (reason in ('generated', 'edited', 'rewritten', 'restored')),
  title text not null,
  content text not null,
  tone text,
  structure text,
  blocks jsonb not null default '[]' check (jsonb_typeof(blocks) = 'array'),
  hashtags text[] not null default '{}',
  claims jsonb not null default '[]' check (jsonb_typeof(claims) = 'array'),
  created_at timestamptz not null default now(),
  primary key (workspace_id, asset_id, version),
  foreign key (workspace_id, asset_id)
    references public.muse_assets (workspace_id, id) on delete cascade
);

alter table public.muse_versions enable row level security;
alter table public.muse_versions force row level security;

create policy "Users reach versions of their own workspace" on public.muse_versions
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

-- What was written was written: no update, and a version goes with its asset alone.
grant select, insert on public.muse_versions to authenticated;
grant select, insert, update, delete on public.muse_versions to service_role;


-- Newest first, as `api.list_moves`; the lines and claims of an asset are read with the asset itself.
create function api.list_muse_assets(
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
    select json_build_object(
      'assets', coalesce(json_agg(page), '[]'),
      'total', (
        select count(*) from public.muse_assets
        where workspace_id = workspace
          and (wanted_type is null or type = wanted_type)
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

revoke execute on function
  api.list_muse_assets(text, text, text, integer, integer, timestamptz, uuid) from public;
grant execute on function
  api.list_muse_assets(text, text, text, integer, integer, timestamptz, uuid) to raptorflow_app;
