-- What users say about an output.

create table public.feedback_records (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  output_type text not null,
  output_id uuid,
  rating integer check (rating between 1 and 5),
  feedback_type text
    check (feedback_type in ('helpful', 'not_helpful', 'wrong', 'good', 'needs_improvement')),
  what_was_good text[] not null default '{}',
  what_needs_improvement text[] not null default '{}',
  free_text text,
  tone_preference text,
  length_preference text check (length_preference in ('shorter', 'just_right', 'longer')),
  detail_preference text check (detail_preference in ('less_detail', 'just_right', 'more_detail')),
  created_at timestamptz not null default now()
);

create index on public.feedback_records (workspace_id, output_type, output_id);

alter table public.feedback_records enable row level security;
alter table public.feedback_records force row level security;

create policy "Users reach feedback of their own workspace" on public.feedback_records
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

-- Said is said: no update.
grant select, insert, delete on public.feedback_records to authenticated;
grant select, insert, update, delete on public.feedback_records to service_role;
