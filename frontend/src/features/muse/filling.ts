export type Piece = { text: string; variable: string | null; empty: boolean };

const SLOT = /\{\{(\w+)\}\}/g;

/** The text of a template as it stands with some values: plain stretches, and those that a value fills. */
export function pieces(
  body: string,
  values: Record<string, string>,
  labels: Record<string, string>,
) {
  const found: Piece[] = [];
  let from = 0;
  for (const m of body.matchAll(SLOT)) {
    const name = m[1] ?? "";
    const value = (values[name] ?? "").trim();
    if (m.index > from)
      found.push({ text: body.slice(from, m.index), variable: null, empty: false });
    found.push({ text: value || labels[name] || name, variable: name, empty: !value });
    from = m.index + m[0].length;
  }
  if (from < body.length) found.push({ text: body.slice(from), variable: null, empty: false });
  return found;
}

/** The variables that still want a value. */
export const wanting = (names: string[], values: Record<string, string>) =>
  names.filter((n) => !values[n]?.trim());
