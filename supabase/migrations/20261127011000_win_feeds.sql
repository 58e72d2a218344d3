-- Feeds that a workspace follows: what they bring may become a daily win.

create table public.win_feeds (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  url text not null,
  title text not null,
  is_active boolean not null default true,
  last_read_at timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, id),
  unique (workspace_id, url)
);

comment on column public.win_feeds.last_error is 'why it could not be read the last time; null when it could';

create index on public.win_feeds (workspace_id, created_at desc, id desc);

create trigger set_updated_at before update on public.win_feeds
  for each row execute function public.set_updated_at();

alter table public.win_feeds enable row level security;
alter table public.win_feeds force row level security;

create policy "Users reach feeds of their own workspace" on public.win_feeds
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select, insert, delete,
  update (url, title, is_active, last_read_at, last_error)
  on public.win_feeds to authenticated;
grant select, insert, update, delete on public.win_feeds to service_role;


alter table public.daily_wins
  drop constraint daily_wins_source_kind_check,
  add constraint daily_wins_source_kind_check
    check (source_kind in ('holiday', 'evidence', 'past_post', 'feed', 'search'));
