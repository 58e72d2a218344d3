-- Semantic memory: texts with the vector of their meaning, and their words for full-text search.
--
-- Filters apply after an HNSW index has given its nearest rows, so a small workspace among large ones
-- would find nothing. `api.search_memories` therefore compares a small workspace's rows one by one and
-- sets hnsw.iterative_scan for a large one.

create table public.memory_vectors (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  memory_type text not null check (
    memory_type in ('foundation', 'icp', 'move', 'campaign', 'research', 'conversation', 'feedback')
  ),
  content text not null,
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  embedding extensions.vector(384) not null,
  embedder text not null,
  words tsvector not null
    generated always as (to_tsvector('pg_catalog.english', content)) stored,
  reference_id uuid,
  reference_table text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Inline, so that a comparison reads no second table; the content moves out instead.
alter table public.memory_vectors alter column embedding set storage plain;

create index on public.memory_vectors (workspace_id, memory_type);
create index on public.memory_vectors (workspace_id, created_at desc, id desc);
create index on public.memory_vectors (workspace_id, reference_id);
create index on public.memory_vectors using hnsw (embedding extensions.vector_cosine_ops);

create trigger set_updated_at before update on public.memory_vectors
  for each row execute function public.set_updated_at();

alter table public.memory_vectors enable row level security;
alter table public.memory_vectors force row level security;

create policy "Users reach memories of their own workspace" on public.memory_vectors
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select, insert, delete,
  update (memory_type, content, metadata, embedding, embedder, reference_id, reference_table)
  on public.memory_vectors to authenticated;
grant select, insert, update, delete on public.memory_vectors to service_role;


-- What is deleted is no longer remembered. Acts with the rights of whoever deletes.
create function public.forget_memories() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  delete from public.memory_vectors
  where workspace_id = old.workspace_id and reference_id = old.id;
  return null;
end
$$;

revoke execute on function public.forget_memories() from public;

create trigger forget_memories after delete on public.moves
  for each row execute function public.forget_memories();
create trigger forget_memories after delete on public.icp_profiles
  for each row execute function public.forget_memories();
create trigger forget_memories after delete on public.campaigns
  for each row execute function public.forget_memories();
