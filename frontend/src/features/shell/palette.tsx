"use client";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useKeys } from "@/lib/keys";
import { ownPlaces, places } from "./nav";

const Panel = dynamic(() => import("./palette-panel"), { ssr: false });
const Help = dynamic(() => import("./help"), { ssr: false });

export const openPalette = () => window.dispatchEvent(new Event("palette"));
export const openHelp = () => window.dispatchEvent(new Event("keys-help"));

/** Cmd/Ctrl-K, G and a letter, and the list of keys under ?. Loads its parts when they are asked for. */
export function Palette() {
  const router = useRouter();
  const [open, setOpen] = useState<"" | "palette" | "help">("");
  const [loaded, setLoaded] = useState({ palette: false, help: false });
  const show = (what: "palette" | "help") => {
    setLoaded((l) => ({ ...l, [what]: true }));
    setOpen(what);
  };
  useEffect(() => {
    const palette = () => show("palette");
    const help = () => show("help");
    const key = (e: KeyboardEvent) => {
      if (e.key.toLowerCase() !== "k" || !(e.metaKey || e.ctrlKey)) return;
      e.preventDefault();
      palette();
    };
    window.addEventListener("palette", palette);
    window.addEventListener("keys-help", help);
    window.addEventListener("keydown", key);
    return () => {
      window.removeEventListener("palette", palette);
      window.removeEventListener("keys-help", help);
      window.removeEventListener("keydown", key);
    };
  }, []);
  useKeys({
    "?": () => show("help"),
    ...Object.fromEntries(
      [...places.flat(), ...ownPlaces].map(
        (p) => [`g ${p.key}`, () => router.push(p.href)] as const,
      ),
    ),
  });
  return (
    <>
      {loaded.palette ? (
        <Panel open={open === "palette"} onOpenChange={(v) => setOpen(v ? "palette" : "")} />
      ) : null}
      {loaded.help ? (
        <Help open={open === "help"} onOpenChange={(v) => setOpen(v ? "help" : "")} />
      ) : null}
    </>
  );
}
