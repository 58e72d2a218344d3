import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";

export type ApiKey = Schemas["ApiKey"];
export type KeyWish = Schemas["ApiKeyCreate"];
export type Endpoint = Schemas["Endpoint"];
export type EndpointWish = Schemas["EndpointCreate"];
export type Delivery = Schemas["Delivery"];
export type Entry = Schemas["AuditEntry"];
export type Feed = Schemas["WinFeed"];
export type WorkspaceChange = Schemas["WorkspaceChange"];
export type Actor = Entry["actor"];

export const preferencesQuery = (on = api) =>
  queryOptions({
    queryKey: ["preferences"],
    queryFn: () => take(on.GET("/api/v1/feedback/preferences")).then((r) => r.preferences),
  });

export const memoryQuery = (q: string, on = api) =>
  queryOptions({
    queryKey: ["memory", q],
    queryFn: () =>
      take(
        on.GET("/api/v1/memory", { params: { query: { limit: 20, ...(q ? { q } : {}) } } }),
      ).then(({ memories, total }) => ({
        memories: memories.map((m) => ({
          id: m.id,
          content: m.content,
          type: m.type,
          created_at: m.created_at,
        })),
        total,
      })),
  });

/** An act after which what `keys` name is read anew, whatever came of it. */
function useAct<V, T>(keys: string[][], act: (value: V) => Promise<T>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () =>
      Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))).then(() => {}),
  });
}

export const useForget = () =>
  useAct([["memory"]], (id: string) =>
    take(api.DELETE("/api/v1/memory/{memory_id}", { params: { path: { memory_id: id } } })),
  );

export const useWorkspaceChange = () =>
  useAct([["me"], ["billing", "usage"]], (body: WorkspaceChange) =>
    take(api.PUT("/api/v1/workspace", { body })),
  );

/** Ends the workspace; `id` says that it is meant. */
export const useWorkspaceEnd = () =>
  useMutation({
    mutationFn: (id: string) =>
      take(api.DELETE("/api/v1/workspace", { params: { query: { confirm: id } } })),
  });

export const WORKSPACE_ZIP = "/api/v1/workspace/export";
export const nounFile = (noun: string, format: "csv" | "json") =>
  `/api/v1/exports/${noun}.${format}`;

// --- keys

export const keysQuery = (on = api) =>
  queryOptions({
    queryKey: ["keys"],
    queryFn: () => take(on.GET("/api/v1/api-keys", { params: { query: { limit: 100 } } })),
  });

const keyPath = (id: string) => ({ params: { path: { api_key_id: id } } });

export const useKeyMade = () =>
  useAct([["keys"]], (body: KeyWish) => take(api.POST("/api/v1/api-keys", { body })));
export const useKeyChanged = (id: string) =>
  useAct([["keys"]], (body: Schemas["ApiKeyUpdate"]) =>
    take(api.PUT("/api/v1/api-keys/{api_key_id}", { ...keyPath(id), body })),
  );
export const useKeyRotated = (id: string) =>
  useAct([["keys"]], (grace_hours: number) =>
    take(
      api.POST("/api/v1/api-keys/{api_key_id}/rotate", { ...keyPath(id), body: { grace_hours } }),
    ),
  );
export const useKeyRevoked = () =>
  useAct([["keys"]], (id: string) =>
    take(api.DELETE("/api/v1/api-keys/{api_key_id}", keyPath(id))),
  );

// --- webhooks

export const eventsQuery = () =>
  queryOptions({
    queryKey: ["webhook-events"],
    queryFn: () => take(api.GET("/api/v1/webhook-endpoints/events")).then((r) => r.events),
    staleTime: 3_600_000,
  });

export const endpointsQuery = (on = api) =>
  queryOptions({
    queryKey: ["endpoints"],
    queryFn: () => take(on.GET("/api/v1/webhook-endpoints", { params: { query: { limit: 100 } } })),
  });

const endpointPath = (id: string) => ({ params: { path: { endpoint_id: id } } });

export const endpointQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["endpoints", id],
    queryFn: () =>
      take(on.GET("/api/v1/webhook-endpoints/{endpoint_id}", endpointPath(id))).then(
        (r) => r.endpoint,
      ),
  });

/** What it was sent, newest first; asked again while something is still on its way. */
export const deliveriesQuery = (id: string, status: Delivery["status"] | null, on = api) =>
  queryOptions({
    queryKey: ["endpoints", id, "deliveries", status],
    queryFn: () =>
      take(
        on.GET("/api/v1/webhook-endpoints/{endpoint_id}/deliveries", {
          params: {
            path: { endpoint_id: id },
            query: { limit: 50, ...(status ? { status } : {}) },
          },
        }),
      ),
    refetchInterval: ({ state }) =>
      state.data?.deliveries.some((d) => d.status === "pending") ? 3_000 : false,
  });

const ENDPOINTS = [["endpoints"]];

export const useEndpointMade = () =>
  useAct(ENDPOINTS, (body: EndpointWish) => take(api.POST("/api/v1/webhook-endpoints", { body })));
export const useEndpointChanged = (id: string) =>
  useAct(ENDPOINTS, (body: Schemas["EndpointUpdate"]) =>
    take(api.PUT("/api/v1/webhook-endpoints/{endpoint_id}", { ...endpointPath(id), body })),
  );
export const useEndpointDeleted = (id: string) =>
  useAct(ENDPOINTS, () =>
    take(api.DELETE("/api/v1/webhook-endpoints/{endpoint_id}", endpointPath(id))),
  );
export const useSecretRotated = (id: string) =>
  useAct(ENDPOINTS, (grace_hours: number) =>
    take(
      api.POST("/api/v1/webhook-endpoints/{endpoint_id}/rotate-secret", {
        ...endpointPath(id),
        body: { grace_hours },
      }),
    ),
  );
export const useTest = (id: string) =>
  useAct(ENDPOINTS, () =>
    take(api.POST("/api/v1/webhook-endpoints/{endpoint_id}/test", endpointPath(id))),
  );
export const useReplay = (id: string) =>
  useAct(ENDPOINTS, (delivery: string) =>
    take(
      api.POST("/api/v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/replay", {
        params: { path: { endpoint_id: id, delivery_id: delivery } },
      }),
    ),
  );

// --- feeds and mornings

export const feedsQuery = (on = api) =>
  queryOptions({
    queryKey: ["feeds"],
    queryFn: () =>
      take(on.GET("/api/v1/daily-wins/feeds", { params: { query: { limit: MOST_FEEDS } } })),
  });

/** As many as a workspace may follow. */
export const MOST_FEEDS = 20;

const feedPath = (id: string) => ({ params: { path: { feed_id: id } } });

export const useFollow = () =>
  useAct([["feeds"]], (url: string) =>
    take(api.POST("/api/v1/daily-wins/feeds", { body: { url } })).then((r) => r.feed),
  );
export const useFeedChanged = (id: string) =>
  useAct([["feeds"]], (body: Schemas["WinFeedUpdate"]) =>
    take(api.PUT("/api/v1/daily-wins/feeds/{feed_id}", { ...feedPath(id), body })),
  );
export const useUnfollow = () =>
  useAct([["feeds"]], (id: string) =>
    take(api.DELETE("/api/v1/daily-wins/feeds/{feed_id}", feedPath(id))),
  );

export const morningQuery = (on = api) =>
  queryOptions({
    queryKey: ["morning"],
    queryFn: () => take(on.GET("/api/v1/daily-wins/morning")).then((r) => r.morning),
  });
export const useMorning = () =>
  useAct([["morning"]], (body: Schemas["MorningUpdate"]) =>
    take(api.PUT("/api/v1/daily-wins/morning", { body })),
  );

// --- calendars

export const calendarLinksQuery = (on = api) =>
  queryOptions({
    queryKey: ["calendar-links"],
    queryFn: () =>
      take(on.GET("/api/v1/exports/calendar-links", { params: { query: { limit: 100 } } })),
  });

export const useCalendarLinkMade = () =>
  useAct([["calendar-links"]], (name: string) =>
    take(api.POST("/api/v1/exports/calendar-links", { body: { name } })),
  );
export const useCalendarLinkDeleted = () =>
  useAct([["calendar-links"]], (id: string) =>
    take(
      api.DELETE("/api/v1/exports/calendar-links/{calendar_link_id}", {
        params: { path: { calendar_link_id: id } },
      }),
    ),
  );

// --- log

export const logQuery = (actor: Actor | null, on = api) =>
  infiniteQueryOptions({
    queryKey: ["log", actor],
    queryFn: ({ pageParam }) =>
      take(
        on.GET("/api/v1/audit-log", {
          params: {
            query: {
              limit: 50,
              ...(actor ? { actor } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
