import { expect, test } from "vitest";
import { readLines } from "./ndjson";
test("lines survive any chunking, even inside a rupee sign", async () => {
  const bytes = new TextEncoder().encode('{"a":"₹1"}\n\n{"a":"₹2"}');
  for (let size = 1; size < 9; size++) {
    let at = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(c) {
        if (at >= bytes.length) return c.close();
        c.enqueue(bytes.slice(at, (at += size)));
      },
    });
    const got: unknown[] = [];
    for await (const x of readLines(body)) got.push(x);
    expect(got).toEqual([{ a: "₹1" }, { a: "₹2" }]);
  }
});
