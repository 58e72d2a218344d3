-- Profiles: users see and edit their own, and neither tier nor budget.
begin;
select plan(11);

insert into auth.users (id, email) values
  ('0a000000-0000-4000-8000-00000000000a', 'owner@example.in'),
  ('0b000000-0000-4000-8000-00000000000b', 'stranger@example.in');

set local role anon;
select throws_ok('select from public.users', '42501', null, 'anon cannot read profiles');

set local role authenticated;
set local request.jwt.claims = '{"sub": "0a000000-0000-4000-8000-00000000000a"}';
select results_eq(
  'select email from public.users', array['owner@example.in'], 'users see their own profile alone'
);
select results_eq(
  $$update public.users set full_name = 'Asha' returning full_name$$,
  array['Asha'],
  'users rename themselves and nobody else'
);
select lives_ok(
  $$update public.users set preferences = '{"theme": "dark"}', avatar_url = 'https://a.example'$$,
  'users keep preferences and a picture'
);
select throws_ok(
  $$update public.users set subscription_tier = 'enterprise'$$, '42501', null,
  'users cannot promote themselves'
);
select throws_ok(
  'update public.users set budget_limit_monthly = 1000', '42501', null,
  'users cannot raise their budget'
);
select throws_ok(
  'update public.users set onboarding_completed_at = now()', '42501', null,
  'users cannot say that they are done'
);
select throws_ok(
  $$insert into public.users (id, email) values (gen_random_uuid(), 'x@example.in')$$, '42501', null,
  'users cannot add a profile'
);
select throws_ok('delete from public.users', '42501', null, 'users cannot delete profiles');

set local request.jwt.claims = '';
select is_empty('select from public.users', 'without claims there is nobody');

reset role;
set local role service_role;
select lives_ok(
  $$update public.users set subscription_tier = 'growth', budget_limit_monthly = 50
    where id = '0a000000-0000-4000-8000-00000000000a'$$,
  'the server changes tier and budget'
);

select * from finish();
rollback;
