import { dehydrate, hydrate, QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { hold } from "./hold";

const key = ["moves", "running"];

/** A client that reads for ever, on whose way the server's page brings `fresh`. */
function reading(shown: string[], fresh: string[]) {
  const client = new QueryClient();
  client.setQueryData(key, shown, { updatedAt: 1 });
  const read = client.fetchQuery({ queryKey: key, queryFn: () => new Promise<string[]>(() => {}) });
  read.catch(() => undefined);
  const server = new QueryClient();
  server.setQueryData(key, fresh);
  hydrate(client, dehydrate(server));
  return client;
}

test("what the server's page brought stays when a read that began before it is stopped", async () => {
  const client = reading([], ["a week"]);
  expect(client.getQueryData(key)).toEqual(["a week"]);
  await hold(client, ["moves"]);
  expect(client.getQueryData(key)).toEqual(["a week"]);
  expect(client.getQueryState(key)?.fetchStatus).toBe("idle");
});

test("the client alone would put the older state back", async () => {
  const client = reading([], ["a week"]);
  await client.cancelQueries({ queryKey: ["moves"] });
  expect(client.getQueryData(key)).toEqual([]);
});
