"use client";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { ApiError } from "@/lib/api/errors";
import { PageHead } from "@/ui/bits";
import { Button } from "@/ui/button";
import { Limit } from "@/ui/notes";
import { IcpForm } from "./form";
import { useMakeIcp } from "./queries";

export function Describe() {
  const make = useMakeIcp();
  const router = useRouter();
  const limited =
    make.error instanceof ApiError && make.error.status === 403 ? make.error.detail : null;
  return (
    <>
      <PageHead
        trail={
          <Link href={"/icps" as Route} className="hover:text-ink hover:underline">
            ICPs
          </Link>
        }
        title="Describe somebody you want to win."
      />
      {limited ? (
        <div className="mb-8">
          <Limit
            act={
              <Button size="s" asChild>
                <Link href={"/billing/plans" as Route}>See plans</Link>
              </Button>
            }
          >
            {limited} Remove one, or take a larger plan.
          </Limit>
        </div>
      ) : null}
      <IcpForm
        busy={make.isPending}
        error={limited ? null : make.error}
        cancel={() => router.push("/icps" as Route)}
        save={(body) =>
          make.mutate(body, { onSuccess: (icp) => router.push(`/icps/${icp.id}` as Route) })
        }
      />
    </>
  );
}
