-- Output held for a person's verdict. The server records the verdict, so that it is given once and
-- on exactly the content that was shown.

create table public.approval_gates (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  session_id uuid,
  run_id uuid,
  gate_type text not null
    check (gate_type in ('content', 'strategy', 'payment', 'deletion', 'external_action')),
  description text,
  pending_output jsonb not null,
  approved_output jsonb,
  content_hash text,
  skill text,
  resume_state jsonb,
  risk_level text check (risk_level in ('low', 'medium', 'high', 'critical')),
  risk_reasons text[] not null default '{}',
  status text not null default 'pending'
    check (status in ('pending', 'approved', 'rejected', 'modified', 'expired')),
  resolved_by uuid,
  modifications jsonb,
  rejection_reason text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '24 hours',
  resolved_at timestamptz,
  foreign key (workspace_id, run_id)
    references public.agent_executions (workspace_id, id) on delete set null (run_id),
  foreign key (workspace_id, resolved_by)
    references public.workspaces (id, user_id) on delete cascade
);

comment on column public.approval_gates.content_hash is
  'SHA-256 of the canonical JSON of pending_output; an edit replaces it by that of approved_output';
comment on column public.approval_gates.resume_state is
  'the graph''s state at the gate, from which the run goes on (ADR 0054)';

create index on public.approval_gates (workspace_id, created_at desc, id desc);
create index on public.approval_gates (workspace_id, status);
create index on public.approval_gates (workspace_id, run_id);
create index on public.approval_gates (expires_at) where status = 'pending';

alter table public.approval_gates enable row level security;
alter table public.approval_gates force row level security;

create policy "Users read gates of their own workspace" on public.approval_gates
  for select to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select on public.approval_gates to authenticated;
grant select, insert, update, delete on public.approval_gates to service_role;
