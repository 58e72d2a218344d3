-- The evidence vault: the founder's files and pages with the text taken from them.
-- Facts quote `text` by character span, so a text once there is never rewritten.

create table public.evidence_items (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  session_id uuid not null,
  source_type text not null check (source_type in ('file', 'url')),
  source_name text not null,
  content_type text,
  size_bytes bigint check (size_bytes >= 0),
  sha256 text,
  storage_path text,
  url text,
  text text,
  page_starts integer[] not null default '{0}',
  word_count integer not null default 0 check (word_count >= 0),
  truncated boolean not null default false,
  processing_status text not null default 'pending'
    check (processing_status in ('pending', 'processing', 'completed', 'failed')),
  error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, id),
  unique (session_id, sha256),
  foreign key (workspace_id, session_id)
    references public.onboarding_sessions (workspace_id, id) on delete cascade,
  check (source_type <> 'url' or url is not null)
);

comment on column public.evidence_items.truncated is
  'the source was longer than the text that is kept';
comment on column public.evidence_items.page_starts is
  'offset of the first character of each page of text; a text without pages has one';

create index on public.evidence_items (workspace_id, session_id, created_at, id);

create trigger set_updated_at before update on public.evidence_items
  for each row execute function public.set_updated_at();

create function public.refuse_new_evidence_text() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise exception 'the text of evidence % is final: facts quote it by position', old.id
    using errcode = 'integrity_constraint_violation';
end
$$;

revoke execute on function public.refuse_new_evidence_text() from public;

create trigger refuse_new_evidence_text before update of text on public.evidence_items
  for each row when (old.text is not null and new.text is distinct from old.text)
  execute function public.refuse_new_evidence_text();


-- The spec keeps a list of evidence on the session itself. SECURITY DEFINER, because that list is
-- nobody's to write but this function's.
create function public.list_session_evidence() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  target uuid := coalesce(new.session_id, old.session_id);
begin
  -- The lock comes first: the list below must be read after a concurrent upload has committed.
  perform from public.onboarding_sessions where id = target for no key update;
  update public.onboarding_sessions
  set evidence = (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'item_id', item.id,
          'source_type', item.source_type,
          'source_name', item.source_name,
          'content_type', item.content_type,
          'word_count', item.word_count,
          'processing_status', item.processing_status
        )
        order by item.created_at, item.id
      ),
      '[]'
    )
    from public.evidence_items as item
    where item.session_id = target
  )
  where id = target;
  return null;
end
$$;

revoke execute on function public.list_session_evidence() from public;

create trigger list_session_evidence
  after insert or delete
  or update of source_type, source_name, content_type, word_count, processing_status
  on public.evidence_items
  for each row execute function public.list_session_evidence();

alter table public.evidence_items enable row level security;
alter table public.evidence_items force row level security;

create policy "Users reach evidence of their own workspace" on public.evidence_items
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select, insert, delete,
  update (
    source_name, content_type, size_bytes, sha256, storage_path, url, text, page_starts,
    word_count, truncated, processing_status, error
  )
  on public.evidence_items to authenticated;
grant select, insert, update, delete on public.evidence_items to service_role;
