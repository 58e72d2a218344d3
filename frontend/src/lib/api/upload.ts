import { offline } from "./errors";
import { refused } from "./client";

/** POST a file with progress from 0 to 1, which `fetch` cannot tell. Throws ApiError. */
export function upload<T>(
  url: string,
  file: File,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file);
    request.open("POST", url);
    request.upload.onprogress = (e) => e.lengthComputable && onProgress(e.loaded / e.total);
    request.onload = () => {
      const body: unknown = parsed(request.responseText);
      if (request.status < 300) return done(body as T);
      const headers = { "retry-after": request.getResponseHeader("retry-after") ?? "" };
      const response = new Response(null, { status: request.status, headers });
      const id = request.getResponseHeader("x-request-id");
      if (id) response.headers.set("x-request-id", id);
      fail(refused(response, body));
    };
    request.onerror = () => fail(offline());
    request.onabort = () => fail(new DOMException("Stopped", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
