import { cn } from "@/lib/cn";
import { many } from "@/lib/format";
import type { Json } from "@/ui/doc";

type Check = {
  step: number;
  title: string;
  status: string;
  required: boolean;
  open_questions: number;
};
type ReviewData = {
  ready?: boolean;
  checks?: Check[];
  facts?: number;
  corrected?: number;
  rejected?: number;
  set_aside?: number;
};

const WORDS: Record<string, string> = {
  completed: "done",
  skipped: "left out",
  stale: "from older answers",
  not_started: "not made",
};

/** Step 25: how every step stands. */
export function Review({ data }: { data: { [key: string]: Json } }) {
  const review = data as unknown as ReviewData;
  return (
    <>
      <p className="font-serif text-read">
        {many(review.facts ?? 0, "fact")} kept, {review.corrected ?? 0} corrected,{" "}
        {review.rejected ?? 0} left out
        {review.set_aside ? `, ${review.set_aside} set aside` : ""}.{" "}
        {review.ready
          ? "Everything that is needed is there."
          : "Something that is needed is not there yet."}
      </p>
      <table className="mt-4 w-full text-body">
        <caption className="sr-only">How every step stands</caption>
        <thead className="text-left text-small text-ink-3">
          <tr>
            <th scope="col" className="py-2 font-body">
              Step
            </th>
            <th scope="col" className="py-2 font-body">
              State
            </th>
            <th scope="col" className="py-2 text-right font-body">
              Open questions
            </th>
          </tr>
        </thead>
        <tbody>
          {(review.checks ?? []).map((c) => (
            <tr key={c.step} className="border-t border-rule">
              <th scope="row" className="py-2 text-left font-body">
                <span className="mr-2 text-ink-3 figures">{c.step}</span>
                {c.title}
              </th>
              <td className={cn("py-2", c.status === "completed" ? "text-ink-2" : "text-genda")}>
                {WORDS[c.status] ?? c.status}
              </td>
              <td className="py-2 text-right text-ink-2 figures">{c.open_questions || ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
