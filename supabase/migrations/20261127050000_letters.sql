-- Mail that customers were sent, or are to be sent again. What a letter says is in the row it is about
-- (`kind` and `reference` name it); this table only remembers that it went out, so nothing goes twice.

create table public.letters (
  kind text not null check (kind in ('budget', 'plan', 'invoice', 'credit_note')),
  reference text not null check (length(reference) between 1 and 120),
  user_id uuid not null references public.users (id) on delete cascade,
  attempts integer not null default 1 check (attempts > 0),
  next_attempt_at timestamptz not null,
  sent_at timestamptz,
  error text,
  created_at timestamptz not null default now(),
  primary key (kind, reference)
);

create index on public.letters (user_id);

alter table public.letters enable row level security;
alter table public.letters force row level security;

grant select, insert, update, delete on public.letters to service_role;

create index if not exists budget_alerts_reached_at_idx on public.budget_alerts (reached_at);
create index if not exists subscription_events_created_at_idx on public.subscription_events (created_at);
create index if not exists invoices_created_at_idx on public.invoices (created_at);
create index if not exists credit_notes_created_at_idx on public.credit_notes (created_at);
