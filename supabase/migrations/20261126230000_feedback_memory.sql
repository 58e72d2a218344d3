-- Feedback teaches through its episode: whoever erases the episode unteaches it. Records from before
-- get theirs.

create index on public.episodic_memory (workspace_id, (content ->> 'feedback_id'))
  where episode_type = 'feedback';

insert into public.episodic_memory (workspace_id, episode_type, content, importance, created_at)
select f.workspace_id, 'feedback',
  jsonb_build_object(
    'text', 'Feedback on ' || f.output_type || coalesce(', ' || f.rating || ' of 5', '') || '.',
    'feedback_id', f.id,
    'output_type', f.output_type,
    'rating', f.rating,
    'improve', to_jsonb(f.what_needs_improvement),
    'good', to_jsonb(f.what_was_good)
  ),
  0.9, f.created_at
from public.feedback_records f;
