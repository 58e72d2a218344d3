/** Beside the sign-in forms: what this is, in one breath. */
export function Beside({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <h1 className="max-w-[14ch] font-serif text-h1 max-sm:text-[2.5rem] max-sm:leading-[1.06]">
        {title}
      </h1>
      <div className="mt-5 max-w-[32rem] font-serif text-read text-ink-2">{children}</div>
    </div>
  );
}
