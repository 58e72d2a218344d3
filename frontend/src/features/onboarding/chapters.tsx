"use client";
import dynamic from "next/dynamic";

// Each on its own: a chapter does not carry what the others are made of.
const Pile = dynamic(() => import("./pile").then((m) => m.Pile));
const Truth = dynamic(() => import("./truth").then((m) => m.Truth));
const Steps = dynamic(() => import("./steps").then((m) => m.Steps));

export function Chapter({ slug }: { slug: string }) {
  if (slug === "pile") return <Pile />;
  if (slug === "truth") return <Truth />;
  return <Steps slug={slug} />;
}
