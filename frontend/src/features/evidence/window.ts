/** What of a text is shown around a passage. Offsets are code points, as the API counts. */
export type Window = { before: string; marked: string; after: string; page: number; pages: number };

const AROUND = 900;

export function windowOf(text: string, pageStarts: number[], start: number, end: number): Window {
  const points = Array.from(text);
  const starts = pageStarts.length ? pageStarts : [0];
  const page = Math.max(
    0,
    starts.findLastIndex((s) => s <= start),
  );
  const first = Math.max(starts[page] ?? 0, start - AROUND);
  const last = Math.min(starts[page + 1] ?? points.length, end + AROUND);
  const from = first > (starts[page] ?? 0) ? wordStart(points, first) : first;
  return {
    before: points.slice(from, start).join(""),
    marked: points.slice(start, end).join(""),
    after: points.slice(end, last).join(""),
    page: page + 1,
    pages: starts.length,
  };
}

function wordStart(points: string[], at: number) {
  for (let i = at; i < at + 40 && i < points.length; i++) if (/\s/.test(points[i]!)) return i + 1;
  return at;
}
