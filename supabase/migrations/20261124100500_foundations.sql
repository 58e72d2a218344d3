-- What the business is: one row for each workspace, filled by onboarding, read by every prompt.

create table public.foundations (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null unique references public.workspaces (id) on delete cascade,
  company_name text,
  industry text,
  company_stage text check (company_stage in ('idea', 'mvp', 'growth', 'scale', 'enterprise')),
  website_url text,
  offers jsonb not null default '[]' check (jsonb_typeof(offers) = 'array'),
  truth_sheet jsonb not null default '{}' check (jsonb_typeof(truth_sheet) = 'object'),
  market_research jsonb not null
    default '{"customer_insights": {}, "competitor_analysis": {}, "market_trends": {}}'
    check (jsonb_typeof(market_research) = 'object'),
  competitors jsonb not null default '[]' check (jsonb_typeof(competitors) = 'array'),
  positioning jsonb not null
    default '{"category": null, "positioning_statement": null, "usps": [], "differentiators": []}'
    check (jsonb_typeof(positioning) = 'object'),
  brand_voice text not null default 'professional',
  brand_voice_examples jsonb not null default '[]'
    check (jsonb_typeof(brand_voice_examples) = 'array'),
  messaging_guardrails jsonb not null default '[]'
    check (jsonb_typeof(messaging_guardrails) = 'array'),
  soundbite_library jsonb not null default '{}'
    check (jsonb_typeof(soundbite_library) = 'object'),
  message_hierarchy jsonb not null default '{}'
    check (jsonb_typeof(message_hierarchy) = 'object'),
  provenance jsonb not null default '{}' check (jsonb_typeof(provenance) = 'object'),
  summary text,
  summary_embedding extensions.vector(384),
  embedder text,
  onboarding_completed boolean not null default false,
  last_updated_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Vectors of different embedders do not compare, so none goes without its name.
  check (summary_embedding is null or embedder is not null)
);

comment on column public.foundations.provenance is
  'field name -> facts it rests on: [{fact_id, evidence_id, start, end}]';

create index on public.foundations using hnsw (summary_embedding extensions.vector_cosine_ops);

create trigger set_updated_at before update on public.foundations
  for each row execute function public.set_updated_at();

alter table public.foundations enable row level security;
alter table public.foundations force row level security;

create policy "Users reach the foundation of their own workspace" on public.foundations
  to authenticated
  using (
    workspace_id = any (
      array(select id from public.workspaces where user_id = (select auth.uid()))
    )
  );

grant
  select,
  update (
    company_name, industry, company_stage, website_url, offers, truth_sheet, market_research,
    competitors, positioning, brand_voice, brand_voice_examples, messaging_guardrails,
    soundbite_library, message_hierarchy, provenance, summary, summary_embedding, embedder,
    onboarding_completed, last_updated_by
  )
  on public.foundations to authenticated;
grant select, insert, update, delete on public.foundations to service_role;
