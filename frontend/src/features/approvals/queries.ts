import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/lib/api/client";

/** What waits for a verdict. */
export const pendingQuery = (on = api) =>
  queryOptions({
    queryKey: ["approvals", { status: "pending" }],
    queryFn: () => take(on.GET("/api/v1/approvals/pending", { params: { query: { limit: 100 } } })),
  });
