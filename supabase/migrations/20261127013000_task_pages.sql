-- Tasks of a move page by page: the index holds the whole order, so a deep page costs what the first does.
create index on public.move_tasks (workspace_id, move_id, day_number, position, id);
drop index public.move_tasks_workspace_id_move_id_day_number_position_idx;
