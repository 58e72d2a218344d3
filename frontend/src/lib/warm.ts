/** Code that the first look at a page does not need; it is fetched once somebody touches the page. */
const loads = new Set<() => Promise<unknown>>();
let isTouched = false;

function touched() {
  isTouched = true;
  for (const event of EVENTS) window.removeEventListener(event, touched, true);
  // One that fails (no connection) is asked for again when it is needed.
  for (const load of loads) load().catch(() => {});
}
const EVENTS = ["pointerdown", "pointerover", "keydown", "focusin"] as const;

if (typeof window !== "undefined")
  for (const event of EVENTS)
    window.addEventListener(event, touched, { capture: true, passive: true });

export function warm<T>(load: () => Promise<T>): () => Promise<T> {
  if (isTouched) load().catch(() => {});
  else loads.add(load);
  return load;
}
