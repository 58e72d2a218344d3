import { queryOptions } from "@tanstack/react-query";
import { api, take } from "@/lib/api/client";

/** The person, the workspace, the plan and where the onboarding stands. */
export const meQuery = (on = api) =>
  queryOptions({
    queryKey: ["me"],
    queryFn: () => take(on.GET("/api/v1/auth/me")),
    staleTime: 300_000,
  });
