import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";
import { hold } from "@/lib/hold";
import { toast } from "@/lib/toast";
import { explain } from "@/ui/explain";
import {
  detailed,
  listed,
  running,
  told,
  type Listed,
  type Move,
  type Running,
  type Task,
  type Told,
} from "./shape";

export type { Listed, Move, Running, Task, Told };
export type Status = Listed["status"];
export type Verb = "start" | "pause" | "complete";

export const movesQuery = (status?: Status, on = api) =>
  queryOptions({
    queryKey: ["moves", { status: status ?? "all" }],
    queryFn: () =>
      take(
        on.GET("/api/v1/moves", {
          params: { query: { limit: 100, ...(status ? { status } : {}) } },
        }),
      ).then((page) => ({ ...page, moves: page.moves.map(listed) })),
  });

export const moveQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["moves", id],
    queryFn: () =>
      take(on.GET("/api/v1/moves/{move_id}", { params: { path: { move_id: id } } })).then((r) =>
        detailed(r.move),
      ),
  });

/** What each task of a move says, by its id; read when one is opened. */
export const toldQuery = (id: string) =>
  queryOptions({
    queryKey: ["moves", id, "told"],
    queryFn: () =>
      take(api.GET("/api/v1/moves/{move_id}", { params: { path: { move_id: id } } })).then(
        (r): Record<string, Told> => Object.fromEntries(r.move.tasks.map((t) => [t.id, told(t)])),
      ),
  });

/** The moves that run, with their tasks. */
export const runningQuery = (on = api) =>
  queryOptions({
    queryKey: ["moves", "running"],
    queryFn: async () => {
      const { moves } = await take(
        on.GET("/api/v1/moves", { params: { query: { limit: 20, status: "active" } } }),
      );
      return Promise.all(
        moves.map((m) =>
          take(on.GET("/api/v1/moves/{move_id}", { params: { path: { move_id: m.id } } })).then(
            (r) => running(r.move, new Date()),
          ),
        ),
      );
    },
  });

export type TaskChange = {
  task: Pick<Task, "id" | "move_id">;
  change: Schemas["TaskUpdate"];
};

const withTask = <M extends { tasks: { id: string }[] }>(
  move: M,
  id: string,
  change: Partial<Task>,
): M => ({
  ...move,
  tasks: move.tasks.map((t) => (t.id === id ? { ...t, ...change } : t)),
});

/** Change a task at once and put it back if the API refuses. */
export function useTask() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ task, change }: TaskChange) =>
      take(
        api.PUT("/api/v1/moves/{move_id}/tasks/{task_id}", {
          params: { path: { move_id: task.move_id, task_id: task.id } },
          body: change,
        }),
      ),
    onMutate: async ({ task, change }) => {
      await hold(client, ["moves"]);
      const one = moveQuery(task.move_id).queryKey;
      const all = runningQuery().queryKey;
      const before = [client.getQueryData(one), client.getQueryData(all)] as const;
      const changed = change as Partial<Task>;
      client.setQueryData(one, (m) => m && withTask(m, task.id, changed));
      client.setQueryData(all, (moves) =>
        moves?.map((m) => (m.id === task.move_id ? withTask(m, task.id, changed) : m)),
      );
      return () => {
        client.setQueryData(one, before[0]);
        client.setQueryData(all, before[1]);
      };
    },
    onError: (error, _, putBack) => {
      putBack?.();
      const { title, text } = explain(error);
      toast.error(`${title}. ${text}`);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["moves"] }),
  });
}

/** Start, pause or complete; a refusal shows the true state, which is read anew. */
export function useVerbOf() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, verb }: { id: string; verb: Verb }) =>
      take(api.POST(`/api/v1/moves/{move_id}/${verb}`, { params: { path: { move_id: id } } })),
    onMutate: async ({ id, verb }) => {
      await hold(client, ["moves"]);
      const key = movesQuery().queryKey;
      const before = client.getQueryData(key);
      const status = AFTER[verb];
      client.setQueryData(
        key,
        (page) =>
          page && { ...page, moves: page.moves.map((m) => (m.id === id ? { ...m, status } : m)) },
      );
      return () => client.setQueryData(key, before);
    },
    onError: (error, _, putBack) => {
      putBack?.();
      const { title, text } = explain(error);
      toast.error(`${title}. ${text}`);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["moves"] }),
  });
}

const AFTER: Record<Verb, Status> = { start: "active", pause: "paused", complete: "completed" };

export function useMoveChange(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Schemas["MoveUpdate"]) =>
      take(api.PUT("/api/v1/moves/{move_id}", { params: { path: { move_id: id } }, body: change })),
    onSettled: () => client.invalidateQueries({ queryKey: ["moves"] }),
  });
}

export function useDeleteMove(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      take(api.DELETE("/api/v1/moves/{move_id}", { params: { path: { move_id: id } } })),
    onSuccess: () => {
      client.removeQueries({ queryKey: ["moves", id] });
      return client.invalidateQueries({ queryKey: ["moves"], refetchType: "none" });
    },
  });
}

export type Adaptation = Schemas["AdaptWish"]["mode"];

/** After missed days: the open tasks laid out anew from today, by the API's own rules. */
export function useAdapt(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (mode: NonNullable<Adaptation>) =>
      take(
        api.POST("/api/v1/moves/{move_id}/adapt", {
          params: { path: { move_id: id } },
          body: { mode },
        }),
      ).then((r) => r.adapted),
    onError: (error) => {
      const { title, text } = explain(error);
      toast.error(`${title}. ${text}`);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["moves"] }),
  });
}
