import type { Metadata } from "next";
import { Board } from "@/features/moves/board";
import { movesQuery } from "@/features/moves/queries";
import { Fetched, serverApi } from "@/lib/api/server";

export const metadata: Metadata = { title: "Moves" };

export default async function MovesPage() {
  const api = await serverApi();
  return (
    <Fetched of={[movesQuery(undefined, api)]}>
      <Board />
    </Fetched>
  );
}
