-- Copy: written by Muse, imported, or made for a move.

create table public.muse_assets (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  title text not null,
  type text not null check (
    type in ('email', 'social', 'blog', 'ad', 'script', 'carousel', 'landing', 'other')
  ),
  content text not null,
  content_html text,
  tone text,
  word_count integer check (word_count >= 0),
  platform text,
  tags text[] not null default '{}',
  version integer not null default 1 check (version > 0),
  parent_id uuid,
  move_id uuid,
  campaign_id uuid,
  icp_id uuid,
  source text not null default 'muse' check (source in ('muse', 'template', 'import', 'move')),
  prompt_used text,
  status text not null default 'draft'
    check (status in ('draft', 'approved', 'published', 'archived')),
  rating integer check (rating between 1 and 5),
  feedback jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, id),
  foreign key (workspace_id, parent_id)
    references public.muse_assets (workspace_id, id) on delete set null (parent_id),
  foreign key (workspace_id, move_id)
    references public.moves (workspace_id, id) on delete set null (move_id),
  foreign key (workspace_id, campaign_id)
    references public.campaigns (workspace_id, id) on delete set null (campaign_id),
  foreign key (workspace_id, icp_id)
    references public.icp_profiles (workspace_id, id) on delete set null (icp_id)
);

create index on public.muse_assets (workspace_id, created_at desc, id desc);
create index on public.muse_assets (workspace_id, type);
create index on public.muse_assets (workspace_id, parent_id);
create index on public.muse_assets (workspace_id, move_id);
create index on public.muse_assets (workspace_id, campaign_id);
create index on public.muse_assets (workspace_id, icp_id);

create trigger set_updated_at before update on public.muse_assets
  for each row execute function public.set_updated_at();

alter table public.muse_assets enable row level security;
alter table public.muse_assets force row level security;

create policy "Users reach assets of their own workspace" on public.muse_assets
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select, insert, delete,
  update (
    title, type, content, content_html, tone, word_count, platform, tags, version, parent_id,
    move_id, campaign_id, icp_id, source, prompt_used, status, rating, feedback
  )
  on public.muse_assets to authenticated;
grant select, insert, update, delete on public.muse_assets to service_role;
