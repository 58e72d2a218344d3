import type { ExternalToast, toast as Sonner } from "sonner";

type Say = typeof Sonner;
let say: Say | null = null;
const waiting: ((say: Say) => void)[] = [];
let fetchIt = () => {};

function speak(what: (say: Say) => void) {
  if (say) return what(say);
  waiting.push(what);
  fetchIt();
}

/** A line at the foot of the page; what shows it is fetched when it is first needed. */
export const toast = Object.assign(
  (text: string, options?: ExternalToast) => speak((s) => s(text, options)),
  { error: (text: string) => speak((s) => s.error(text)) },
);

/** `fetch` brings what shows toasts; it then says that it is there. */
export const onFirstToast = (fetch: () => void) => {
  fetchIt = fetch;
};

export function toastsAreThere(by: Say) {
  say = by;
  for (const what of waiting.splice(0)) what(by);
}
