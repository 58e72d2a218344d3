-- Moves: the workspace's own, and pointing at its own rows only.
begin;
select plan(13);

insert into auth.users (id, email) values
  ('0a000000-0000-4000-8000-00000000000a', 'owner@example.in'),
  ('0b000000-0000-4000-8000-00000000000b', 'stranger@example.in');
insert into public.icp_profiles (id, workspace_id, name)
select '1b000000-0000-4000-8000-00000000001b', id, 'Their clinics'
from public.workspaces where user_id = '0b000000-0000-4000-8000-00000000000b';
insert into public.moves (id, workspace_id, name, category)
select '2a000000-0000-4000-8000-00000000002a', id, 'Launch week', 'ignite'
from public.workspaces where user_id = '0a000000-0000-4000-8000-00000000000a';

do $$
begin
  perform set_config('test.owners_workspace', id::text, true)
  from public.workspaces where user_id = '0a000000-0000-4000-8000-00000000000a';
end
$$;

set local role anon;
select throws_ok('select from public.moves', '42501', null, 'anon cannot read moves');
select throws_ok('delete from public.moves', '42501', null, 'anon cannot delete moves');

set local role authenticated;
set local request.jwt.claims = '{"sub": "0b000000-0000-4000-8000-00000000000b"}';
select is_empty('select from public.moves', 'a stranger sees none');
select is_empty(
  $$update public.moves set status = 'active' returning id$$, 'a stranger changes none'
);
select is_empty('delete from public.moves returning id', 'a stranger deletes none');
select throws_ok(
  $$insert into public.moves (workspace_id, name, category)
    values (current_setting('test.owners_workspace')::uuid, 'Planted', 'ignite')$$,
  '42501', null, 'a stranger adds none to another workspace'
);

set local request.jwt.claims = '{"sub": "0a000000-0000-4000-8000-00000000000a"}';
select results_eq(
  'select name, status, duration_days, progress, source from public.moves',
  $$values ('Launch week'::text, 'draft'::text, 7, 0, 'manual'::text)$$,
  'the owner sees it, a draft of seven days'
);
select throws_ok(
  $$update public.moves set target_icp_id = '1b000000-0000-4000-8000-00000000001b'$$,
  '23503', null, 'another tenant''s ICP is no target'
);
select throws_ok(
  $$update public.moves set category = 'attack'$$, '23514', null, 'categories are a fixed set'
);
select throws_ok(
  'update public.moves set duration_days = 0', '23514', null, 'a move lasts 1 to 90 days'
);
select throws_ok(
  'update public.moves set created_at = now()', '42501', null, 'nobody redates a move'
);
select results_eq(
  $$update public.moves set status = 'active' returning updated_at = now()$$, array[true],
  'updated_at follows the change'
);
select isnt_empty('delete from public.moves returning id', 'the owner deletes it');

select * from finish();
rollback;
