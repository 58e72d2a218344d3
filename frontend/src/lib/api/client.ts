import createClient, { type Client } from "openapi-fetch";
import { ApiError, apiError, offline } from "./errors";
import type { components, paths } from "@/lib/api/schema";

/** What answers are read as: a whole one, and problems with their `code`. */
export type Read = "application/json" | "application/problem+json";
export type Api = Client<paths, Read>;
export type Schemas = components["schemas"];

/** In the browser, over our own origin. */
export const api: Api = createClient<paths, Read>({
  baseUrl: "/",
  // Looked up at each call, so that tests can stand in for it.
  fetch: (request) => globalThis.fetch(request),
});

export const SESSION_ENDED = "session-ended";

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** What an API call gave. Throws ApiError. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw error instanceof ApiError ? error : offline();
  }
  if (answer.response.ok) return answer.data as T;
  throw refused(answer.response, answer.error);
}

export function refused(response: Response, body: unknown): ApiError {
  if (response.status === 401 && typeof window !== "undefined")
    window.dispatchEvent(new Event(SESSION_ENDED));
  return apiError(response, body);
}
