-- The knowledge graph of a workspace: things, and how they relate.

create table public.graph_entities (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  entity_type text not null check (
    entity_type in (
      'company', 'icp', 'competitor', 'channel', 'pain_point', 'usp', 'feature', 'move',
      'campaign', 'content'
    )
  ),
  name text not null,
  properties jsonb not null default '{}' check (jsonb_typeof(properties) = 'object'),
  reference_id uuid,
  created_at timestamptz not null default now(),
  unique (workspace_id, id),
  unique (workspace_id, entity_type, name)
);

comment on column public.graph_entities.reference_id is 'The row this thing stands for, as an ICP';

create index on public.graph_entities (workspace_id, reference_id);
create index on public.graph_entities (workspace_id, name);

alter table public.graph_entities enable row level security;
alter table public.graph_entities force row level security;

create policy "Users reach entities of their own workspace" on public.graph_entities
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select, insert, delete, update (entity_type, name, properties, reference_id)
  on public.graph_entities to authenticated;
grant select, insert, update, delete on public.graph_entities to service_role;


create table public.graph_relationships (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  source_id uuid not null,
  target_id uuid not null,
  relation_type text not null check (
    relation_type in (
      'uses_channel', 'has_pain', 'wants', 'fears', 'competes_with', 'competes_on', 'solves_pain',
      'has_usp', 'has_feature', 'targets_icp', 'part_of_campaign', 'follows_move'
    )
  ),
  properties jsonb not null default '{}' check (jsonb_typeof(properties) = 'object'),
  weight numeric(3, 2) not null default 1,
  created_at timestamptz not null default now(),
  unique (workspace_id, source_id, target_id, relation_type),
  -- Both ends lie in the edge's own workspace.
  foreign key (workspace_id, source_id)
    references public.graph_entities (workspace_id, id) on delete cascade,
  foreign key (workspace_id, target_id)
    references public.graph_entities (workspace_id, id) on delete cascade
);

create index on public.graph_relationships (workspace_id, target_id);
create index on public.graph_relationships (workspace_id, relation_type);

alter table public.graph_relationships enable row level security;
alter table public.graph_relationships force row level security;

create policy "Users reach relationships of their own workspace" on public.graph_relationships
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant select, insert, delete, update (relation_type, properties, weight)
  on public.graph_relationships to authenticated;
grant select, insert, update, delete on public.graph_relationships to service_role;


create function public.forget_entity() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  delete from public.graph_entities
  where workspace_id = old.workspace_id and reference_id = old.id;
  return null;
end
$$;

revoke execute on function public.forget_entity() from public;

create trigger forget_entity after delete on public.icp_profiles
  for each row execute function public.forget_entity();
