import type { Metadata, Route } from "next";
import Link from "next/link";
import { Beside } from "@/features/auth/beside";
import { PROBLEMS } from "@/features/auth/words";
import { Button } from "@/ui/button";

export const metadata: Metadata = { title: "Not signed in" };

type Props = { searchParams: Promise<{ what?: string }> };

export default async function Problem({ searchParams }: Props) {
  const { what } = await searchParams;
  const problem = PROBLEMS[(what ?? "link") as keyof typeof PROBLEMS] ?? PROBLEMS.link;
  return (
    <>
      <Beside title={problem.title}>
        <p>{problem.text}</p>
      </Beside>
      <div>
        <Button kind="solid" size="l" wide="always" asChild>
          <Link href={problem.href as Route} prefetch={false}>
            {problem.act}
          </Link>
        </Button>
      </div>
    </>
  );
}
