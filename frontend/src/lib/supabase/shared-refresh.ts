/**
 * A refresh token works once. Pages and calls that find an expired session at the same moment share one
 * refresh, and what it gave is given again for a while to those whose cookies are older.
 */
const KEEP_MS = 10_000;
const running = new Map<string, Promise<{ status: number; headers: Headers; body: string }>>();

export const sharedRefresh: typeof fetch = async (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  if (!url.includes("grant_type=refresh_token") || typeof init?.body !== "string")
    return fetch(input, init);
  const key = init.body;
  let answer = running.get(key);
  if (!answer) {
    answer = fetch(input, init).then(async (r) => ({
      status: r.status,
      headers: r.headers,
      body: await r.text(),
    }));
    running.set(key, answer);
    const forget = () => running.delete(key);
    answer.then((r) => (r.status === 200 ? setTimeout(forget, KEEP_MS) : forget()), forget);
  }
  const { status, headers, body } = await answer;
  return new Response(body, { status, headers });
};
