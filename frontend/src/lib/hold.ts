import type { QueryClient, QueryKey } from "@tanstack/react-query";

/**
 * Stop what is being read under `queryKey`, and keep what is shown.
 *
 * Left to itself the client puts back what stood when the read began. A page from the server may have
 * replaced that since, and then what somebody has just ticked would vanish under the hand.
 */
export async function hold(client: QueryClient, queryKey: QueryKey): Promise<void> {
  const shown = client
    .getQueryCache()
    .findAll({ queryKey })
    .map((query) => ({ query, state: query.state }));
  const stopped = client.cancelQueries({ queryKey });
  for (const { query, state } of shown)
    if (query.state.data !== state.data) query.setState({ ...state, fetchStatus: "idle" });
  await stopped;
}
