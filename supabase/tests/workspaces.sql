-- The tenant: made by the sign-up, one for each user, named by its owner.
begin;
select plan(13);

insert into auth.users (id, email) values
  ('0a000000-0000-4000-8000-00000000000a', 'owner@example.in'),
  ('0b000000-0000-4000-8000-00000000000b', 'stranger@example.in'),
  ('0c000000-0000-4000-8000-00000000000c', null);

select results_eq(
  $$select name from public.workspaces where user_id = '0a000000-0000-4000-8000-00000000000a'$$,
  array['owner''s Workspace'],
  'a sign-up makes a workspace'
);
select results_eq(
  $$select name from public.workspaces where user_id = '0c000000-0000-4000-8000-00000000000c'$$,
  array['My Workspace'],
  'also without an address'
);
select results_eq(
  $$select f.summary, f.onboarding_completed, s.current_step, s.status, b.plan, b.status
    from public.workspaces w
    join public.foundations f on f.workspace_id = w.id
    join public.onboarding_sessions s on s.workspace_id = w.id
    join public.subscriptions b on b.user_id = w.user_id
    where w.user_id = '0a000000-0000-4000-8000-00000000000a'$$,
  $$values (''::text, false, 1, 'in_progress'::text, 'free'::text, 'active'::text)$$,
  'and with it foundation, onboarding and the free plan'
);
select results_eq(
  $$select created from public.initialize_user(
    '0a000000-0000-4000-8000-00000000000a', 'owner@example.in', null)$$,
  array[false],
  'initialize_user finds it all there'
);
select throws_ok(
  $$insert into public.workspaces (user_id, name)
    values ('0a000000-0000-4000-8000-00000000000a', 'Second')$$,
  '23505', null, 'a user has one workspace'
);

set local role anon;
select throws_ok('select from public.workspaces', '42501', null, 'anon cannot read workspaces');

set local role authenticated;
set local request.jwt.claims = '{"sub": "0a000000-0000-4000-8000-00000000000a"}';
select results_eq(
  'select name from public.workspaces', array['owner''s Workspace'], 'users see their own alone'
);
select results_eq(
  $$update public.workspaces set name = 'Ledger & Co', settings = '{"timezone": "Asia/Kolkata"}'
    returning name$$,
  array['Ledger & Co'],
  'users rename their own alone'
);
select throws_ok(
  $$update public.workspaces set slug = 'x'$$, '42501', null, 'users cannot choose a slug'
);
select throws_ok(
  $$update public.workspaces set user_id = '0b000000-0000-4000-8000-00000000000b'$$, '42501', null,
  'users cannot give their workspace away'
);
select throws_ok(
  $$insert into public.workspaces (user_id, name)
    values ('0a000000-0000-4000-8000-00000000000a', 'Second')$$,
  '42501', null, 'users cannot add a workspace'
);
select throws_ok('delete from public.workspaces', '42501', null, 'users cannot delete workspaces');
select results_eq(
  'select public.user_owns_workspace(id) from public.workspaces', array[true],
  'user_owns_workspace knows the owner'
);

select * from finish();
rollback;
