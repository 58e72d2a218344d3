import type { Metadata } from "next";
import { Make } from "@/features/blackbox/make";

export const metadata: Metadata = { title: "Find a play" };

export default function FindPage() {
  return <Make />;
}
