import type { Metadata } from "next";
import { Describe } from "@/features/icps/describe";

export const metadata: Metadata = { title: "Describe somebody" };

export default function Page() {
  return <Describe />;
}
