"use client";
import { labelOf, type Json } from "./doc";
import { Button } from "./button";
import { TextArea } from "./field";

/** Members that are chosen or computed, not written. */
const FIXED = new Set([
  "missing",
  "sources",
  "formula",
  "evidence_id",
  "code",
  "kind",
  "currency",
  "period",
  "unit",
  "score",
  "scores",
  "enough",
  "measures",
  "axes",
  "points",
  "plan_limit",
  "rank",
  "disputed",
  "attribute",
]);
type Props = { value: Json; label: string; onChange: (value: Json) => void };

/** Write over the texts of a JSON document. What is changed by hand loses its sources: it is one's own word. */
export function DocEditor({
  value,
  onChange,
}: {
  value: { [key: string]: Json };
  onChange: (value: { [key: string]: Json }) => void;
}) {
  return (
    <div className="space-y-5">
      {Object.entries(value)
        .filter(([key, v]) => !FIXED.has(key) && isWritten(v))
        .map(([key, v]) => (
          <Part
            key={key}
            label={labelOf(key)}
            value={v}
            onChange={(next) => onChange(unsourced({ ...value, [key]: next }, key))}
          />
        ))}
    </div>
  );
}

const isWritten = (value: Json): boolean =>
  typeof value === "string" ||
  Array.isArray(value) ||
  (typeof value === "object" && value !== null);

/** The text of this member is somebody's own now. */
function unsourced(object: { [key: string]: Json }, key: string) {
  const { sources } = object;
  if (Array.isArray(sources)) return { ...object, sources: [] };
  if (sources && typeof sources === "object")
    return { ...object, sources: { ...sources, [key]: [] } };
  return object;
}

function Part({ value, label, onChange }: Props) {
  if (typeof value === "string")
    return (
      <TextArea
        serif
        rows={1}
        label={label}
        value={value}
        maxLength={5000}
        onChange={(e) => onChange(e.target.value)}
      />
    );
  if (Array.isArray(value)) return <Several value={value} label={label} onChange={onChange} />;
  if (!value || typeof value !== "object") return null;
  return (
    <fieldset className="border-l border-rule pl-4">
      <legend className="mb-2 text-small font-strong">{label}</legend>
      <DocEditor value={value} onChange={onChange} />
    </fieldset>
  );
}

function Several({ value, label, onChange }: Props & { value: Json[] }) {
  const put = (at: number, next: Json) => onChange(value.map((v, i) => (i === at ? next : v)));
  const shape = value[0];
  const fresh: Json =
    shape && typeof shape === "object" && !Array.isArray(shape) && "text" in shape
      ? { text: "", sources: [] }
      : "";
  const canAdd = !shape || typeof shape === "string" || typeof fresh === "object";
  return (
    <fieldset>
      <legend className="mb-2 text-small font-strong">{label}</legend>
      <ul className="space-y-3">
        {value.map((v, i) => (
          <li key={i} className="flex items-start gap-2">
            <div className="min-w-0 flex-1">
              {typeof v === "string" ? (
                <TextArea
                  bare
                  serif
                  rows={1}
                  label={`${label} ${i + 1}`}
                  value={v}
                  maxLength={5000}
                  onChange={(e) => put(i, e.target.value)}
                />
              ) : isText(v) ? (
                <TextArea
                  bare
                  serif
                  rows={1}
                  label={`${label} ${i + 1}`}
                  value={v.text}
                  maxLength={5000}
                  onChange={(e) => put(i, { ...v, text: e.target.value, sources: [] })}
                />
              ) : v && typeof v === "object" && !Array.isArray(v) ? (
                <DocEditor value={v} onChange={(next) => put(i, next)} />
              ) : null}
            </div>
            <Button
              kind="quiet"
              size="s"
              aria-label={`Take out ${label} ${i + 1}`}
              onClick={() => onChange(value.filter((_, at) => at !== i))}
            >
              Take out
            </Button>
          </li>
        ))}
      </ul>
      {canAdd ? (
        <div className="mt-2">
          <Button size="s" onClick={() => onChange([...value, fresh])}>
            Add one
          </Button>
        </div>
      ) : null}
    </fieldset>
  );
}

const isText = (v: Json): v is { text: string; [key: string]: Json } =>
  !!v && typeof v === "object" && !Array.isArray(v) && typeof v.text === "string";
