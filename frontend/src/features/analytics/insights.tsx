import { Section } from "@/ui/bits";
import type { Open } from "./analytics";
import type { Insight } from "./queries";
import { cited, searchOf } from "./words";

/** What can be said of the period, each sentence with the numbers it rests on. */
export function Insights({ insights, open }: { insights: Insight[]; open: Open }) {
  return (
    <Section id="insights" title="What can be said">
      {insights.length ? (
        <ul>
          {insights.map((i) => (
            <li
              key={i.text}
              className="grid gap-x-12 gap-y-2 border-t border-rule py-4 first:border-0 first:pt-1 lg:grid-cols-[minmax(0,1fr)_19rem]"
            >
              <div className="max-w-[38rem]">
                <p className="font-serif text-read">{i.text}</p>
                {i.recommendation ? (
                  <p className="mt-1 text-body text-ink-2">{i.recommendation}</p>
                ) : null}
              </div>
              <ul className="flex flex-wrap content-start gap-x-4 text-small figures">
                {i.cites.map((c) => (
                  <li key={c.label}>
                    {c.tasks && c.rows ? (
                      <button
                        type="button"
                        onClick={() =>
                          open({ search: searchOf(c.tasks!), title: cited(c.label, c.value) })
                        }
                        className="min-h-6 text-mor underline decoration-1 underline-offset-3 hover:decoration-2 max-lg:min-h-9"
                      >
                        {cited(c.label, c.value)}
                      </button>
                    ) : (
                      <span className="text-ink-3">{cited(c.label, c.value)}</span>
                    )}
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      ) : (
        <p className="max-w-[38rem] pb-2 text-body text-ink-2">
          Nothing yet. It takes five tasks that are behind you, or three that you rated, before a
          sentence would hold.
        </p>
      )}
    </Section>
  );
}
