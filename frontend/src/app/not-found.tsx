import { Button } from "@/ui/button";
import { Talon } from "@/ui/bits";

export default function NotFound() {
  return (
    <main className="mx-auto grid min-h-dvh max-w-[38rem] content-center px-5 py-16">
      <Talon className="size-7 text-mor" />
      <h1 className="mt-6 font-serif text-h1 max-sm:text-[2.5rem] max-sm:leading-[1.06]">
        Not here.
      </h1>
      <p className="mt-4 font-serif text-read text-ink-2">
        It may have been deleted, or the address has a slip in it.
      </p>
      <div className="mt-8">
        <Button kind="solid" size="l" asChild>
          {/* No Link: what it needs would weigh on every page, since each may be one that is not here. */}
          <a href="/today">Go to Today</a>
        </Button>
      </div>
    </main>
  );
}
