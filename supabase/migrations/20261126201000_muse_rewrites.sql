-- A version knows the run that wrote it, so that a run which is repeated writes it once.

alter table public.muse_versions
  add column run_id uuid,
  add foreign key (workspace_id, run_id)
    references public.agent_executions (workspace_id, id) on delete set null (run_id);

create unique index on public.muse_versions (workspace_id, run_id);
