import Link from "next/link";
import { Talon } from "@/ui/bits";

export default function PublicLayout({ children }: { children: React.ReactNode }) {
  return (
    <div className="mx-auto flex min-h-dvh max-w-[76rem] flex-col px-5 sm:px-8">
      <header className="py-7">
        <Link
          href="/"
          className="inline-flex items-center gap-2 font-serif text-[1.3125rem] leading-none tracking-[-0.02em]"
        >
          <Talon className="size-[1.05rem] text-mor" /> Raptorflow
        </Link>
      </header>
      <main className="grid flex-1 content-center gap-x-20 gap-y-10 pb-24 lg:grid-cols-[minmax(0,1fr)_23rem] lg:items-center">
        {children}
      </main>
    </div>
  );
}
