-- Every webhook once: the unique key turns a replay into a conflict. Not a user's business.

create table public.webhook_events (
  id uuid primary key default gen_random_uuid(),
  provider text not null,
  event_id text not null,
  event_type text,
  payload jsonb not null,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  error text,
  unique (provider, event_id)
);

alter table public.webhook_events enable row level security;
alter table public.webhook_events force row level security;

grant select, insert, update, delete on public.webhook_events to service_role;
