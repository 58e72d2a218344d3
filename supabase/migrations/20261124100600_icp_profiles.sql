-- Ideal customer profiles; at most one is the workspace's primary.

create table public.icp_profiles (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  name text not null,
  tagline text,
  code text,
  is_primary boolean not null default false,
  is_secondary boolean not null default false,
  demographics jsonb not null default '{}' check (jsonb_typeof(demographics) = 'object'),
  psychographics jsonb not null default '{}' check (jsonb_typeof(psychographics) = 'object'),
  behaviors jsonb not null default '{}' check (jsonb_typeof(behaviors) = 'object'),
  market_sophistication jsonb not null
    default '{"stage": 3, "stage_name": "solution aware", "reasoning": ""}'
    check (jsonb_typeof(market_sophistication) = 'object'),
  scores jsonb not null
    default '{"pain_intensity": 0, "willingness_to_pay": 0, "accessibility": 0, "product_fit": 0}'
    check (jsonb_typeof(scores) = 'object'),
  sources jsonb not null default '{}' check (jsonb_typeof(sources) = 'object'),
  summary text,
  summary_embedding extensions.vector(384),
  embedder text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workspace_id, id),
  check (summary_embedding is null or embedder is not null)
);

comment on column public.icp_profiles.sources is
  'field name -> facts it rests on: [{fact_id, evidence_id, start, end}]';

create unique index icp_profiles_one_primary on public.icp_profiles (workspace_id) where is_primary;
create index on public.icp_profiles (workspace_id, created_at desc, id desc);

create trigger set_updated_at before update on public.icp_profiles
  for each row execute function public.set_updated_at();

alter table public.icp_profiles enable row level security;
alter table public.icp_profiles force row level security;

create policy "Users reach ICPs of their own workspace" on public.icp_profiles
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select, insert, delete,
  update (
    name, tagline, code, is_primary, is_secondary, demographics, psychographics, behaviors,
    market_sophistication, scores, sources, summary, summary_embedding, embedder
  )
  on public.icp_profiles to authenticated;
grant select, insert, update, delete on public.icp_profiles to service_role;
