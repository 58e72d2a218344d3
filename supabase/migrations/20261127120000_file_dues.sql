-- Stored files that may have to go. A file's name is written here before its bytes are stored and before its
-- row is deleted; an hour later whatever no row of the vault names is removed from the storage. So a process
-- that dies between the two leaves nothing behind, and an erased workspace no file.

create table public.file_dues (
  path text primary key check (length(path) between 1 and 400),
  evidence_id uuid not null,
  due_at timestamptz not null default now() + interval '1 hour'
);

create index on public.file_dues (due_at);

comment on table public.file_dues is
  'without a workspace: it outlives the rows that it speaks of';

alter table public.file_dues enable row level security;
alter table public.file_dues force row level security;

grant select, insert, update, delete on public.file_dues to service_role;
