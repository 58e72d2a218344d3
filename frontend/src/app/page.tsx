import Link from "next/link";
import { Example } from "@/features/landing/example";
import { accessToken } from "@/lib/supabase/server";
import { Talon } from "@/ui/bits";
import { Button } from "@/ui/button";

const steps = [
  [
    "Bring what there is",
    "A deck, a price list, your website, a scan. Each is read on the spot; nothing has to be prepared.",
  ],
  [
    "Keep what is true",
    "Every fact comes with its passage. You say yes, correct it, or leave it out. Where two sources disagree, you decide.",
  ],
  [
    "Do the next seven days",
    "Whom to win first, what to post, whom to call: a week of work that fits an hour a day, in your own words.",
  ],
] as const;

export default async function Landing() {
  const inside = !!(await accessToken());
  return (
    <div className="mx-auto max-w-[76rem] px-5 sm:px-8">
      <header className="flex items-center justify-between py-6">
        <span className="inline-flex items-center gap-2 font-serif text-[1.3125rem] leading-none tracking-[-0.02em]">
          <Talon className="size-[1.05rem] text-mor" /> Raptorflow
        </span>
        <nav aria-label="Account" className="flex items-center gap-2">
          {inside ? (
            <Button size="s" asChild>
              <Link href="/today">Today</Link>
            </Button>
          ) : (
            <>
              <Button size="s" kind="quiet" asChild>
                <Link href="/sign-in">Sign in</Link>
              </Button>
              <Button size="s" asChild>
                <Link href="/sign-up">Begin</Link>
              </Button>
            </>
          )}
        </nav>
      </header>
      <main>
        <div className="masthead-rule" />
        <section className="grid gap-x-16 gap-y-12 pt-12 pb-16 lg:grid-cols-[minmax(0,1fr)_26rem] lg:items-end lg:pt-20 lg:pb-24">
          <div>
            <h1 className="max-w-[13ch] font-serif text-[2.75rem] leading-[1.03] tracking-[-0.025em] sm:text-[4.25rem]">
              Marketing that starts from what is true.
            </h1>
            <p className="mt-6 max-w-[34rem] font-serif text-h4 text-ink-2">
              Raptorflow reads what you already have, keeps each fact with the place it came from,
              and plans your next seven days. Nothing it writes claims what your evidence does not
              say.
            </p>
            <div className="mt-9 flex flex-wrap items-center gap-x-5 gap-y-3">
              <Button kind="solid" size="l" asChild>
                <Link href={inside ? "/today" : "/sign-up"}>
                  {inside ? "Go to Today" : "Bring your first document"}
                </Link>
              </Button>
              <p className="text-small text-ink-3">Free to begin. No card.</p>
            </div>
          </div>
          <Example />
        </section>
        <section
          aria-label="How it goes"
          className="grid gap-x-12 border-t border-ink pb-24 md:grid-cols-3"
        >
          {steps.map(([title, text], i) => (
            <div
              key={title}
              className="border-t border-rule py-6 first:border-0 md:border-0 md:pt-5"
            >
              <p className="font-serif text-h3 text-ink-3 italic figures">{i + 1}</p>
              <h2 className="mt-2 font-serif text-h3">{title}</h2>
              <p className="mt-2 max-w-[24rem] text-body text-ink-2">{text}</p>
            </div>
          ))}
        </section>
      </main>
      <footer className="border-t border-rule py-8 text-small text-ink-3">
        Made for founders with ten minutes. Prices in rupees, invoices with GST.
      </footer>
    </div>
  );
}
