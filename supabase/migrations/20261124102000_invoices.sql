-- GST tax invoices (CGST Rule 46): gapless within series and financial year, and never changed.

-- The counter is a row and not a sequence, because a rolled-back transaction must give its number
-- back. It is taken in the transaction that inserts the invoice.
create table public.invoice_series (
  series text not null check (series ~ '^[A-Z]{1,4}$'),
  fy text not null check (fy ~ '^[0-9]{4}-[0-9]{2}$'),
  last_number integer not null default 0 check (last_number >= 0),
  primary key (series, fy)
);

alter table public.invoice_series enable row level security;
alter table public.invoice_series force row level security;

grant select, insert, update on public.invoice_series to service_role;


create table public.invoices (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete restrict,
  payment_id uuid not null unique,
  series text not null,
  fy text not null,
  number integer not null check (number > 0),
  invoice_number text not null unique check (invoice_number ~ '^[A-Za-z0-9/-]{1,16}$'),
  invoice_date date not null,
  seller jsonb not null,
  buyer jsonb not null,
  place_of_supply text not null check (place_of_supply ~ '^[0-9]{2}$'),
  items jsonb not null check (jsonb_typeof(items) = 'array'),
  gst_type text not null check (gst_type in ('INTRA', 'INTER')),
  gst_rate numeric(5, 2) not null check (gst_rate >= 0),
  subtotal_paise bigint not null check (subtotal_paise >= 0),
  cgst_paise bigint not null default 0 check (cgst_paise >= 0),
  sgst_paise bigint not null default 0 check (sgst_paise >= 0),
  igst_paise bigint not null default 0 check (igst_paise >= 0),
  total_gst_paise bigint not null,
  total_amount_paise bigint not null,
  reverse_charge boolean not null default false,
  transaction_id text,
  payment_method text,
  status text not null default 'paid' check (status in ('paid')),
  created_at timestamptz not null default now(),
  unique (series, fy, number),
  foreign key (series, fy) references public.invoice_series (series, fy) on delete restrict,
  foreign key (user_id, payment_id) references public.payments (user_id, id) on delete restrict,
  check (total_gst_paise = cgst_paise + sgst_paise + igst_paise),
  check (total_amount_paise = subtotal_paise + total_gst_paise),
  -- Within one state CGST and SGST in equal halves, across states IGST alone.
  check (case gst_type when 'INTRA' then igst_paise = 0 else cgst_paise = 0 end),
  check (cgst_paise = sgst_paise)
);

comment on column public.invoices.fy is 'April to March, India: 2026-27';
comment on column public.invoices.invoice_date is 'date of issue in Asia/Kolkata';
comment on column public.invoices.seller is
  'as on the day of issue: {name, gstin, address, state, state_code}';
comment on column public.invoices.buyer is
  'as on the day of issue: seller''s fields and email; gstin optional';
comment on column public.invoices.place_of_supply is 'GST state code';
comment on column public.invoices.items is
  '[{description, hsn_code, quantity, unit_price, amount}]';

create index on public.invoices (user_id, invoice_date desc, id desc);
create index on public.invoices (user_id, payment_id);

alter table public.invoices enable row level security;
alter table public.invoices force row level security;

create policy "Users read their own invoices" on public.invoices
  for select to authenticated using (user_id = (select auth.uid()));

grant select on public.invoices to authenticated;
-- Neither update nor delete, not even for the server: a credit note corrects a wrong invoice.
grant select, insert on public.invoices to service_role;
