-- Payments by the gateway. They outlive the account: a user who has paid cannot be deleted, because
-- the books must be kept for years.

create table public.payments (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete restrict,
  subscription_id uuid,
  amount_inr numeric(10, 2) not null check (amount_inr >= 0),
  gst_amount numeric(10, 2) not null check (gst_amount >= 0),
  total_amount numeric(10, 2) not null check (total_amount = amount_inr + gst_amount),
  status text not null default 'pending'
    check (status in ('pending', 'processing', 'completed', 'failed', 'refunded')),
  phonepe_transaction_id text,
  phonepe_merchant_transaction_id text unique,
  payment_method text,
  payment_instrument jsonb,
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  unique (user_id, id),
  foreign key (user_id, subscription_id)
    references public.subscriptions (user_id, id) on delete set null (subscription_id)
);

comment on column public.payments.payment_instrument is
  'masked: never a whole card or account number';

create index on public.payments (user_id, created_at desc, id desc);
create index on public.payments (user_id, subscription_id);

alter table public.payments enable row level security;
alter table public.payments force row level security;

create policy "Users read their own payments" on public.payments
  for select to authenticated using (user_id = (select auth.uid()));

grant select on public.payments to authenticated;
-- No delete: a payment is a record.
grant select, insert, update on public.payments to service_role;
