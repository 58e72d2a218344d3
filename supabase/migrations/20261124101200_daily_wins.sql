-- Post ideas for today.

create table public.daily_wins (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  topic text not null,
  angle text,
  hook text not null,
  outline text[] not null default '{}',
  platform text,
  estimated_time text,
  trend_source text,
  trend_url text,
  relevance_score numeric(3, 2) check (relevance_score between 0 and 1),
  status text not null default 'generated'
    check (status in ('generated', 'saved', 'posted', 'skipped')),
  posted_at timestamptz,
  posted_url text,
  generated_content text,
  muse_asset_id uuid,
  generated_at timestamptz not null default now(),
  foreign key (workspace_id, muse_asset_id)
    references public.muse_assets (workspace_id, id) on delete set null (muse_asset_id)
);

create index on public.daily_wins (workspace_id, generated_at desc, id desc);
create index on public.daily_wins (workspace_id, muse_asset_id);

alter table public.daily_wins enable row level security;
alter table public.daily_wins force row level security;

create policy "Users reach daily wins of their own workspace" on public.daily_wins
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select, insert, delete,
  update (
    topic, angle, hook, outline, platform, estimated_time, trend_source, trend_url,
    relevance_score, status, posted_at, posted_url, generated_content, muse_asset_id
  )
  on public.daily_wins to authenticated;
grant select, insert, update, delete on public.daily_wins to service_role;
