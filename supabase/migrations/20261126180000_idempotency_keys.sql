-- What a POST with an Idempotency-Key answered, for 24 hours: a repeated request gets the same answer.
-- Not a user's business: the answer reaches its owner through the API alone.

create table public.idempotency_keys (
  user_id uuid not null references public.users (id) on delete cascade,
  key text not null check (length(key) between 1 and 255),
  request_hash text not null,
  created_at timestamptz not null default now(),
  answered_at timestamptz,
  response_status int,
  response_headers jsonb,
  response_body bytea,
  primary key (user_id, key),
  check ((answered_at is null) = (response_status is null))
);

create index on public.idempotency_keys (created_at);

alter table public.idempotency_keys enable row level security;
alter table public.idempotency_keys force row level security;

grant select, insert, update, delete on public.idempotency_keys to service_role;
