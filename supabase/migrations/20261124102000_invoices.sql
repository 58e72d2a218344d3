-- GST tax invoices (CGST Rule 46) and credit notes (Rule 53): gapless within series and financial
-- year, and never changed.

-- The counter is a row and not a sequence, because a rolled-back transaction must give its number
-- back. It is taken in the transaction that inserts the document. last_date keeps the dates of a
-- series in the order of its numbers, whichever transaction began first.
create table public.invoice_series (
  series text not null check (series ~ '^[A-Z]{1,3}$'),
  fy text not null check (fy ~ '^[0-9]{4}-[0-9]{2}$'),
  last_number integer not null default 0 check (last_number >= 0),
  last_date date,
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
  gst_rate integer not null check (gst_rate between 0 and 100),
  subtotal_paise bigint not null check (subtotal_paise >= 0),
  cgst_paise bigint not null default 0 check (cgst_paise >= 0),
  sgst_paise bigint not null default 0 check (sgst_paise >= 0),
  utgst_paise bigint not null default 0 check (utgst_paise >= 0),
  igst_paise bigint not null default 0 check (igst_paise >= 0),
  total_gst_paise bigint not null,
  total_amount_paise bigint not null,
  reverse_charge boolean not null default false,
  lut_arn text,
  transaction_id text,
  payment_method text,
  paid_at timestamptz,
  status text not null default 'paid' check (status in ('paid')),
  irn text check (irn ~ '^[0-9a-f]{64}$'),
  ack_no text,
  ack_date timestamptz,
  signed_qr text,
  created_at timestamptz not null default now(),
  unique (user_id, id),
  unique (series, fy, number),
  foreign key (series, fy) references public.invoice_series (series, fy) on delete restrict,
  foreign key (user_id, payment_id) references public.payments (user_id, id) on delete restrict,
  check (total_gst_paise = cgst_paise + sgst_paise + utgst_paise + igst_paise),
  check (total_amount_paise = subtotal_paise + total_gst_paise),
  -- Within one state two equal halves, one of them the state's or the territory's; across states
  -- IGST alone.
  check (case gst_type when 'INTRA' then igst_paise = 0 else cgst_paise = 0 end),
  check (cgst_paise = sgst_paise + utgst_paise and (sgst_paise = 0 or utgst_paise = 0)),
  check (lut_arn is null or total_gst_paise = 0)
);

comment on column public.invoices.fy is 'April to March, India: 2026-27';
comment on column public.invoices.invoice_date is 'date of issue in Asia/Kolkata';
comment on column public.invoices.seller is
  'as on the day of issue: {name, gstin, address, state, state_code, email}';
comment on column public.invoices.buyer is
  'as on the day of issue: {name, gstin, address, pin, state, state_code, country, email}';
comment on column public.invoices.place_of_supply is 'GST state code; 96 is outside India';
comment on column public.invoices.items is
  '[{description, hsn_code, quantity, unit_price_paise, amount_paise}], before tax';
comment on column public.invoices.lut_arn is 'the letter of undertaking of an export without tax';
comment on column public.invoices.irn is 'with ack_no, ack_date, signed_qr: the e-invoice, once';

create index on public.invoices (user_id, created_at desc, id desc);
create index on public.invoices (user_id, payment_id);
create index on public.invoices (invoice_date);

alter table public.invoices enable row level security;
alter table public.invoices force row level security;

create policy "Users read their own invoices" on public.invoices
  for select to authenticated using (user_id = (select auth.uid()));

grant select on public.invoices to authenticated;
-- Neither update nor delete, not even for the server: a credit note corrects a wrong invoice. The
-- registration portal's answer comes after the issue.
grant select, insert on public.invoices to service_role;
grant update (irn, ack_no, ack_date, signed_qr) on public.invoices to service_role;


create table public.credit_notes (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete restrict,
  invoice_id uuid not null,
  payment_id uuid not null,
  refund_id uuid not null unique,
  series text not null,
  fy text not null,
  number integer not null check (number > 0),
  credit_note_number text not null unique check (credit_note_number ~ '^[A-Za-z0-9/-]{1,16}$'),
  credit_note_date date not null,
  invoice_number text not null,
  invoice_date date not null,
  reason text not null,
  seller jsonb not null,
  buyer jsonb not null,
  place_of_supply text not null check (place_of_supply ~ '^[0-9]{2}$'),
  items jsonb not null check (jsonb_typeof(items) = 'array'),
  gst_type text not null check (gst_type in ('INTRA', 'INTER')),
  gst_rate integer not null check (gst_rate between 0 and 100),
  subtotal_paise bigint not null check (subtotal_paise >= 0),
  cgst_paise bigint not null default 0 check (cgst_paise >= 0),
  sgst_paise bigint not null default 0 check (sgst_paise >= 0),
  utgst_paise bigint not null default 0 check (utgst_paise >= 0),
  igst_paise bigint not null default 0 check (igst_paise >= 0),
  total_gst_paise bigint not null,
  total_amount_paise bigint not null,
  reverse_charge boolean not null default false,
  lut_arn text,
  irn text check (irn ~ '^[0-9a-f]{64}$'),
  ack_no text,
  ack_date timestamptz,
  signed_qr text,
  created_at timestamptz not null default now(),
  unique (user_id, id),
  unique (series, fy, number),
  foreign key (series, fy) references public.invoice_series (series, fy) on delete restrict,
  foreign key (user_id, invoice_id) references public.invoices (user_id, id) on delete restrict,
  foreign key (user_id, payment_id) references public.payments (user_id, id) on delete restrict,
  check (total_gst_paise = cgst_paise + sgst_paise + utgst_paise + igst_paise),
  check (total_amount_paise = subtotal_paise + total_gst_paise),
  check (case gst_type when 'INTRA' then igst_paise = 0 else cgst_paise = 0 end),
  check (cgst_paise = sgst_paise + utgst_paise and (sgst_paise = 0 or utgst_paise = 0)),
  check (lut_arn is null or total_gst_paise = 0)
);

create index on public.credit_notes (user_id, created_at desc, id desc);
create index on public.credit_notes (user_id, invoice_id);
create index on public.credit_notes (user_id, payment_id);
create index on public.credit_notes (credit_note_date);

alter table public.credit_notes enable row level security;
alter table public.credit_notes force row level security;

create policy "Users read their own credit notes" on public.credit_notes
  for select to authenticated using (user_id = (select auth.uid()));

grant select on public.credit_notes to authenticated;
grant select, insert on public.credit_notes to service_role;
grant update (irn, ack_no, ack_date, signed_qr) on public.credit_notes to service_role;


-- What has been paid or refunded while the seller's registration was not set: the facts of the
-- document, which is issued from them as soon as it can be.
create table public.held_documents (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete restrict,
  payment_id uuid not null,
  -- null for an invoice, the refund for a credit note
  refund_id uuid unique,
  facts jsonb not null check (jsonb_typeof(facts) = 'object'),
  reason text not null,
  created_at timestamptz not null default clock_timestamp(),
  foreign key (user_id, payment_id) references public.payments (user_id, id) on delete restrict
);

create unique index on public.held_documents (payment_id) where refund_id is null;
create index on public.held_documents (user_id, payment_id);

alter table public.held_documents enable row level security;
alter table public.held_documents force row level security;

create policy "Users read their own held documents" on public.held_documents
  for select to authenticated using (user_id = (select auth.uid()));

grant select (id, user_id, payment_id, refund_id, created_at) on public.held_documents
  to authenticated;
grant select, insert, delete on public.held_documents to service_role;
grant update (reason) on public.held_documents to service_role;


-- Holds for the owner of the tables as well, whom no grant stops.
create function public.refuse_change_of_a_tax_document() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  registration constant text[] := array['irn', 'ack_no', 'ack_date', 'signed_qr'];
begin
  if tg_op = 'UPDATE' and old.irn is null
    and to_jsonb(new) - registration = to_jsonb(old) - registration
  then
    return new;
  end if;
  raise exception '% is issued and stays as it is; a credit note corrects an invoice', tg_table_name
    using errcode = 'integrity_constraint_violation';
end
$$;

revoke execute on function public.refuse_change_of_a_tax_document() from public;

create trigger stay_as_issued before update or delete on public.invoices
  for each row execute function public.refuse_change_of_a_tax_document();
create trigger stay_as_issued before update or delete on public.credit_notes
  for each row execute function public.refuse_change_of_a_tax_document();
create trigger stay_at_all before truncate on public.invoices
  for each statement execute function public.refuse_change_of_a_tax_document();
create trigger stay_at_all before truncate on public.credit_notes
  for each statement execute function public.refuse_change_of_a_tax_document();


-- The last word on a refund beyond the invoice; the lock on the payment makes the sum certain.
create function public.refuse_credit_beyond_the_invoice() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.total_amount_paise + coalesce((
      select sum(note.total_amount_paise) from public.credit_notes as note
      where note.user_id = new.user_id and note.invoice_id = new.invoice_id
    ), 0) > (
      select invoice.total_amount_paise from public.invoices as invoice
      where invoice.user_id = new.user_id and invoice.id = new.invoice_id
    )
  then
    raise exception 'credit notes exceed their invoice' using errcode = 'check_violation';
  end if;
  return new;
end
$$;

revoke execute on function public.refuse_credit_beyond_the_invoice() from public;

create trigger stay_within_the_invoice before insert on public.credit_notes
  for each row execute function public.refuse_credit_beyond_the_invoice();
