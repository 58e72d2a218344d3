import { Overline, Tag } from "@/ui/bits";

/** From a passage to a task, drawn. The words are an example and say so. */
export function Example() {
  return (
    <figure>
      <div className="relative border border-rule bg-sheet px-6 pt-6 pb-7 shadow-lift">
        <Overline>From a price list, page 2</Overline>
        <p className="mt-3 font-serif text-read text-ink-2">
          Delivery inside the ring road is free.{" "}
          <mark className="bg-genda-mark box-decoration-clone px-0.5 py-[3px] text-ink">
            The weekly box is ₹1,200 and feeds a family of four
          </mark>
          , with a choice of two menus.
        </p>
        <div className="mt-6 border-t border-rule pt-4">
          <p className="font-serif text-h4">The weekly box costs ₹1,200.</p>
          <p className="mt-1.5 flex gap-4 text-small text-ink-3">
            <Tag dye="mor">You said: true</Tag>
          </p>
        </div>
        <div className="mt-5 rounded-slip border border-rule bg-paper px-3.5 py-3">
          <p className="flex items-center text-micro text-ink-3">
            <Tag dye="neel">Tuesday</Tag>
            <span className="ml-auto figures">15 min</span>
          </p>
          <p className="mt-1.5 font-strong">Post what ₹1,200 puts on the table, meal by meal</p>
        </div>
      </div>
      <figcaption className="mt-3 text-small text-ink-3">
        An example: passage, fact, task.
      </figcaption>
    </figure>
  );
}
