-- An account whose holder had it erased. The row stays for the books that name it, without what names a person.

alter table public.users add column erased_at timestamptz;

comment on column public.users.erased_at is
  'when its holder had the account erased: from then on it is nobody''s and begins nothing anew';
