-- Semantic memory. Search needs `set local hnsw.iterative_scan = 'strict_order'`: policies filter
-- after the index, and without it a small workspace among large ones finds nothing.

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
  reference_id uuid,
  reference_table text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index on public.memory_vectors (workspace_id, memory_type);
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
