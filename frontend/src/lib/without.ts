/** A copy without some members: what no page shows is not carried in a page's HTML. */
export function without<T extends object, K extends keyof T>(from: T, ...names: K[]): Omit<T, K> {
  const kept = { ...from };
  for (const name of names) delete kept[name];
  return kept;
}
