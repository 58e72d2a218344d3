-- Workspaces whose foundation or ICPs have changed since they were put into memory. The worker empties it
-- once a minute, so memory follows whoever writes, and a crash in between loses nothing.

create table public.memory_dues (
  workspace_id uuid primary key references public.workspaces (id) on delete cascade,
  since timestamptz not null default clock_timestamp()
);

create index on public.memory_dues (since);

alter table public.memory_dues enable row level security;
alter table public.memory_dues force row level security;

grant select, delete on public.memory_dues to service_role;


-- Runs as the owner: whoever writes a foundation has no business with this table.
create function public.note_memory_due() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.memory_dues (workspace_id) values (new.workspace_id)
  on conflict (workspace_id) do update set since = excluded.since;
  return null;
end
$$;

revoke execute on function public.note_memory_due() from public;

create trigger note_memory_due
  after update of company_name, summary, positioning, market_research, competitors
  on public.foundations
  for each row execute function public.note_memory_due();

create trigger note_memory_due after insert or update of
  name, tagline, summary, demographics, psychographics, behaviors
  on public.icp_profiles
  for each row execute function public.note_memory_due();
