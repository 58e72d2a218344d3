"use client";
import { useLayoutEffect, useRef } from "react";

/**
 * Keyboard shortcuts of what is on the page. Single letters are quiet while somebody types, while a layer is
 * open, on a focused button for Enter and Space, and everywhere once they are turned off.
 */
export type Keys = Record<string, () => void>;

const OFF = "raptorflow-keys-off";
export const keysOff = () => localStorage.getItem(OFF) === "1";
export const turnKeysOff = (off: boolean) => localStorage.setItem(OFF, off ? "1" : "0");

const registry: { current: Keys }[] = [];
let lead = 0;

function pressed(e: KeyboardEvent) {
  if (e.defaultPrevented || e.repeat || e.metaKey || e.ctrlKey || e.altKey) return;
  const at = e.target as HTMLElement;
  if (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) {
    const passive = at instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(at.type);
    if (!passive || e.key === "Enter") return;
  }
  if (e.key === "Enter" && at.closest("a,button,summary,[role=button],[role=radio]")) return;
  if (document.querySelector("[role=dialog],[role=menu]")) return;
  if (e.key.length === 1 && keysOff()) return;
  const typed = e.key.length === 1 ? e.key.toLowerCase() : e.key;
  const combined = Date.now() - lead < 1200 ? `g ${typed}` : typed;
  lead = typed === "g" ? Date.now() : 0;
  for (const keys of registry.toReversed()) {
    const act = keys.current[combined];
    if (act) {
      e.preventDefault();
      lead = 0;
      return act();
    }
  }
}

/**
 * `{ "g t": goToday, n: make, Enter: accept }`; the component that came last has the word. Heard from the first
 * paint on: what can be seen can be pressed.
 */
export function useKeys(keys: Keys) {
  const latest = useRef(keys);
  useLayoutEffect(() => {
    latest.current = keys;
  });
  useLayoutEffect(() => {
    if (!registry.length) window.addEventListener("keydown", pressed);
    registry.push(latest);
    return () => {
      registry.splice(registry.indexOf(latest), 1);
      if (!registry.length) window.removeEventListener("keydown", pressed);
    };
  }, []);
}
