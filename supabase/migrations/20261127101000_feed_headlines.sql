-- What a followed feed brought when it was read last, to see in the settings that it is the right one.

alter table public.win_feeds
  add column if not exists latest jsonb not null default '[]' check (jsonb_typeof(latest) = 'array');

comment on column public.win_feeds.latest is
  'the newest that it brought when it could be read last: [{title, url, published}]';

grant update (latest) on public.win_feeds to authenticated;
