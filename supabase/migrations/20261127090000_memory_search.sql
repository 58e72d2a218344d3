-- In a workspace of more than 10,000 memories the index looks at twice as many neighbours, which finds more of the
-- nearest; and a question without words (all of them too common, or none) reads no memory for its words.

-- Meaning and words, merged by reciprocal rank: a row that one of them ranks r gets 1 / (60 + r).
--
-- A workspace of at most `few` memories is compared row by row (`+ 0` keeps the planner off the index):
-- exact, and cheaper than an index that knows no workspaces. A larger one goes by the index, with sorting
-- off, because the planner's estimate would have it sort the whole workspace.
create or replace function api.search_memories(
  claims text,
  wanted text,
  made_by text,
  words text,
  types text[] default null,
  floor float8 default 0.5,
  most integer default 10,
  few integer default 10000
) returns text
language plpgsql
set search_path = ''
set timezone = 'UTC'
as $$
declare
  workspace uuid := api.enter_workspace(claims);
  -- any of the words, not all of them
  query tsquery := replace(plainto_tsquery('pg_catalog.english', words)::text, ' & ', ' | ')::tsquery;
  nearest text := $query$
    select array_agg(id order by distance, id), array_agg(1 - distance order by distance, id)
    from (
      select id, embedding operator(extensions.<=>) $2::extensions.vector as distance
      from public.memory_vectors
      where workspace_id = $1 and embedder = $3 and ($4 is null or memory_type = any ($4))
      order by (embedding operator(extensions.<=>) $2::extensions.vector) %s
      limit $5
    ) as found
    where 1 - distance > $6
  $query$;
  near uuid[];
  close float8[];
begin
  if workspace is null then
    return null;
  end if;

  if (select count(*) from (
    select from public.memory_vectors where workspace_id = workspace limit few + 1
  ) as counted) <= few then
    execute format(nearest, '+ 0')
      into near, close using workspace, wanted, made_by, types, 4 * most, floor;
  else
    perform
      set_config('hnsw.iterative_scan', 'strict_order', true),
      set_config('hnsw.ef_search', '200', true),
      set_config('hnsw.max_scan_tuples', '40000', true),
      set_config('enable_sort', 'off', true);
    execute format(nearest, '')
      into near, close using workspace, wanted, made_by, types, 4 * most, floor;
    perform set_config('enable_sort', 'on', true);
  end if;

  return (
    with by_meaning as (
      select * from unnest(near, close) with ordinality as found (id, similarity, rank)
    ),
    by_words as (
      select memory.id, row_number() over (
        order by ts_rank_cd(memory.words, query) desc, memory.created_at desc, memory.id
      ) as rank
      from public.memory_vectors as memory
      where memory.workspace_id = workspace
        and (types is null or memory.memory_type = any (types))
        and numnode(query) > 0  -- no words, no scan
        and memory.words @@ query
      order by rank
      limit 4 * most
    ),
    merged as (
      select id, m.similarity,
        coalesce(1.0 / (60 + m.rank), 0) + coalesce(1.0 / (60 + w.rank), 0) as score
      from by_meaning as m full join by_words as w using (id)
      order by score desc, id
      limit most
    )
    select json_build_object('total', count(*), 'limit', most, 'offset', 0, 'next_cursor', null,
      'memories', coalesce(json_agg(json_build_object(
      'id', memory.id, 'type', memory.memory_type, 'store', 'vector', 'content', memory.content,
      'metadata', memory.metadata, 'session_id', memory.metadata ->> 'session_id',
      'reference_table', memory.reference_table, 'reference_id', memory.reference_id,
      'importance', null, 'similarity', round(merged.similarity::numeric, 4),
      'score', round(merged.score::numeric, 6), 'created_at', memory.created_at
    ) order by merged.score desc, memory.id), '[]'))::text
    from merged join public.memory_vectors as memory using (id)
    where memory.workspace_id = workspace
  );
end
$$;
