-- ICPs: the workspace's own, at most one primary.
begin;
select plan(10);

insert into auth.users (id, email) values
  ('0a000000-0000-4000-8000-00000000000a', 'owner@example.in'),
  ('0b000000-0000-4000-8000-00000000000b', 'stranger@example.in');
insert into public.icp_profiles (id, workspace_id, name, is_primary)
select '1a000000-0000-4000-8000-00000000001a', id, 'Dental clinics', true
from public.workspaces where user_id = '0a000000-0000-4000-8000-00000000000a';

do $$
begin
  perform set_config('test.owners_workspace', id::text, true)
  from public.workspaces where user_id = '0a000000-0000-4000-8000-00000000000a';
end
$$;

set local role anon;
select throws_ok('select from public.icp_profiles', '42501', null, 'anon cannot read ICPs');

set local role authenticated;
set local request.jwt.claims = '{"sub": "0b000000-0000-4000-8000-00000000000b"}';
select is_empty('select from public.icp_profiles', 'a stranger sees none');
select is_empty(
  $$update public.icp_profiles set name = 'Mine' returning id$$, 'a stranger changes none'
);
select is_empty('delete from public.icp_profiles returning id', 'a stranger deletes none');
select throws_ok(
  $$insert into public.icp_profiles (workspace_id, name)
    values (current_setting('test.owners_workspace')::uuid, 'Planted')$$,
  '42501', null, 'a stranger adds none to another workspace'
);

set local request.jwt.claims = '{"sub": "0a000000-0000-4000-8000-00000000000a"}';
select results_eq(
  'select name from public.icp_profiles', array['Dental clinics'], 'the owner sees it'
);
select results_eq(
  $$select (market_sophistication ->> 'stage')::int, (scores ->> 'product_fit')::int
    from public.icp_profiles$$,
  'values (3, 0)',
  'sophistication and scores have their defaults'
);
select throws_ok(
  $$insert into public.icp_profiles (workspace_id, name, is_primary)
    select id, 'Chemists', true from public.workspaces$$,
  '23505', null, 'there is one primary'
);
select throws_ok(
  $$update public.icp_profiles set workspace_id = gen_random_uuid()$$, '42501', null,
  'nobody moves an ICP to another workspace'
);
select isnt_empty('delete from public.icp_profiles returning id', 'the owner deletes it');

select * from finish();
rollback;
