-- The gateway's webhooks wait here until a worker has asked the gateway whether they are true.

alter table public.webhook_events
  add column attempts integer not null default 0 check (attempts >= 0),
  add column next_try_at timestamptz not null default now(),
  add column body_sha256 text check (body_sha256 ~ '^[0-9a-f]{64}$');

comment on column public.webhook_events.body_sha256 is
  'of the raw body; payload is the same without what identifies a payer''s account';

create index on public.webhook_events (next_try_at) where processed_at is null;
create index on public.webhook_events (received_at) where processed_at is not null;

-- Open payments of a user, when the pay button is pressed again.
create index on public.payments (user_id, term, kind) where status in ('pending', 'processing');
