import type { Json } from "@/ui/doc";

type Thing = { [key: string]: Json };
const isThing = (value: Json | undefined): value is Thing =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The JSON merge patch (RFC 7396) that makes `after` of `before`; null when nothing differs. */
export function mergePatch(before: Thing, after: Thing): Thing | null {
  const patch: Thing = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = before[key];
    const is = after[key];
    if (is === undefined) patch[key] = null;
    else if (isThing(was) && isThing(is)) {
      const inner = mergePatch(was, is);
      if (inner) patch[key] = inner;
    } else if (JSON.stringify(was) !== JSON.stringify(is)) patch[key] = is;
  }
  return Object.keys(patch).length ? patch : null;
}
