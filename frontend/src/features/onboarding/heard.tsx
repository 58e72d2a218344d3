import type { Schemas } from "@/lib/api/client";
import type { Json } from "@/ui/doc";
import { Finds, isAddress } from "@/ui/finds";

/** Members of a step that nobody of the company wrote. */
export const HEARD = ["found", "search_note"];

/** What to set is for whoever runs the server, not for the founder. */
const noteOf = (note: string) =>
  /[A-Z]+_[A-Z]+/.test(note)
    ? "The web was not searched: no search engine is connected to this Raptorflow."
    : note;

/** What strangers write on it, quoted with the address; or why nothing was searched. */
export function Heard({ data }: { data: { [key: string]: Json } }) {
  const found = ((data.found ?? []) as unknown as Schemas["WebFind"][]).filter((f) =>
    isAddress(f.url),
  );
  if (!found.length && !data.search_note) return null;
  return (
    <div className="mt-6 border-t border-rule pt-3">
      <h3 className="text-body font-strong tracking-normal">What others write</h3>
      {found.length ? (
        <>
          <p className="mt-1 text-small text-ink-3">
            Found on the web. It is quoted, and nothing is taken from it as a fact of yours.
          </p>
          <Finds finds={found.map((f) => ({ ...f, note: f.about }))} />
        </>
      ) : null}
      {data.search_note ? (
        <p className="mt-1 text-body text-ink-2">{noteOf(String(data.search_note))}</p>
      ) : null}
    </div>
  );
}
