import { ApiError } from "@/lib/api/errors";

const TITLES: Record<number, string> = {
  0: "You are offline",
  401: "You were signed out",
  402: "The budget of this month is used up",
  403: "Your plan does not include this",
  404: "Not here",
  409: "This has changed in the meantime",
  413: "Too large",
  415: "This kind of file cannot be read",
  429: "A little too fast",
  503: "Raptorflow is not answering",
};

/** What went wrong, as a founder reads it: title, sentence, what is safe. */
export function explain(error: unknown): { title: string; text: string; id: string | null } {
  if (!(error instanceof ApiError))
    return { title: "This part of the page failed", text: "Nothing was changed.", id: null };
  const title =
    TITLES[error.status] ?? (error.status >= 500 ? "Our side failed" : "That did not work");
  const text =
    error.status === 0
      ? "What you wrote stays here. It can be sent when the connection is back."
      : error.status === 404
        ? "It may have been deleted."
        : error.status === 500
          ? "Nothing was saved. Trying again is safe."
          : error.detail;
  return { title, text, id: error.requestId };
}
