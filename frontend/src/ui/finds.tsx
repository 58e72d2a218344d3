import { inkLink } from "./bits";

/** What strangers wrote, with its address. */
export type Find = { title: string; url: string; quote?: string; note?: string };

/** Titles that lead to where they stand, each with whose page it is and the words that were found. */
export const Finds = ({ finds }: { finds: Find[] }) => (
  <ul>
    {finds.map((f, i) => (
      <li key={`${f.url} ${i}`} className="border-t border-rule py-2.5 first:border-0">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <a
            href={f.url}
            target="_blank"
            rel="noopener noreferrer"
            className={`font-serif text-[1.0625rem] leading-6 break-words ${inkLink}`}
          >
            {f.title}
          </a>
          <span className="text-small text-ink-3">
            {[hostOf(f.url), f.note].filter(Boolean).join(", ")}
          </span>
        </p>
        {f.quote ? <p className="mt-0.5 text-body text-ink-2">{f.quote}</p> : null}
      </li>
    ))}
  </ul>
);

/** Only what opens in a browser is given as a link. */
export const isAddress = (url: unknown): url is string =>
  typeof url === "string" && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

const hostOf = (url: string) => new URL(url).hostname.replace(/^www\./, "");
