-- Invoices and credit notes: read by their buyer alone, written by the server, changed by nobody.
begin;
select plan(17);

insert into auth.users (id, email) values
  ('0a000000-0000-4000-8000-00000000000a', 'owner@example.in'),
  ('0b000000-0000-4000-8000-00000000000b', 'stranger@example.in');
insert into public.payments (id, user_id, amount_inr, gst_amount, total_amount)
values ('3a000000-0000-4000-8000-00000000003a', '0a000000-0000-4000-8000-00000000000a', 100, 18, 118);
insert into public.invoice_series (series, fy, last_number, last_date)
values ('PGT', '2026-27', 1, '2026-11-26');
insert into public.invoices (id, user_id, payment_id, series, fy, number, invoice_number,
  invoice_date, seller, buyer, place_of_supply, items, gst_type, gst_rate, subtotal_paise, igst_paise,
  total_gst_paise, total_amount_paise)
values ('4a000000-0000-4000-8000-00000000004a', '0a000000-0000-4000-8000-00000000000a',
  '3a000000-0000-4000-8000-00000000003a', 'PGT', '2026-27', 1, 'PGT/26-27/000001', '2026-11-26', '{}',
  '{}', '27', '[]', 'INTER', 18, 10000, 1800, 1800, 11800);

prepare credit (integer, bigint, bigint) as
insert into public.credit_notes (user_id, invoice_id, payment_id, refund_id, series, fy, number,
  credit_note_number, credit_note_date, invoice_number, invoice_date, reason, seller, buyer,
  place_of_supply, items, gst_type, gst_rate, subtotal_paise, igst_paise, total_gst_paise,
  total_amount_paise)
select user_id, id, payment_id, gen_random_uuid(), series, fy, $1, 'PGC/26-27/' || $1::text, '2026-12-02',
  invoice_number, invoice_date, 'Refund', seller, buyer, place_of_supply, items, gst_type, gst_rate,
  $2 - $3, $3, $3, $2
from public.invoices where id = '4a000000-0000-4000-8000-00000000004a';

set local role anon;
select throws_ok('select from public.invoices', '42501', null, 'anon cannot read invoices');
select throws_ok('select from public.credit_notes', '42501', null, 'anon cannot read credit notes');

set local role authenticated;
set local request.jwt.claims = '{"sub": "0b000000-0000-4000-8000-00000000000b"}';
select is_empty('select from public.invoices', 'a stranger sees none');

set local request.jwt.claims = '{"sub": "0a000000-0000-4000-8000-00000000000a"}';
select results_eq(
  'select invoice_number from public.invoices', array['PGT/26-27/000001'], 'the buyer sees it'
);
select throws_ok(
  'update public.invoices set subtotal_paise = 1', '42501', null, 'the buyer cannot change it'
);
select throws_ok('delete from public.invoices', '42501', null, 'the buyer cannot delete it');
select throws_ok('execute credit(1, 118, 18)', '42501', null, 'the buyer credits nothing');
select throws_ok(
  'select from public.invoice_series', '42501', null, 'the counters are the server''s'
);
select throws_ok(
  'select facts from public.held_documents', '42501', null, 'what is held shows no facts'
);

set local role service_role;
select throws_ok(
  'update public.invoices set subtotal_paise = 1', '42501', null, 'nor can the server'
);
select throws_ok('delete from public.invoices', '42501', null, 'nor delete it');
select lives_ok('execute credit(1, 5900, 900)', 'the server credits a part');
select throws_ok(
  'execute credit(2, 5901, 900)', '23514', null, 'no more than what is left of the invoice'
);
select lives_ok('execute credit(2, 5900, 900)', 'and the rest');
select lives_ok(
  $$update public.invoices set irn = repeat('0a', 32), ack_no = '1'$$, 'the registration comes later'
);
select throws_ok(
  $$update public.invoices set irn = repeat('0b', 32)$$, '23000', null, 'and comes once'
);

reset role;
select throws_ok(
  'truncate public.credit_notes', '23000', null, 'not even the owner empties the books'
);

select * from finish();
rollback;
