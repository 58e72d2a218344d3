import fs from "node:fs";
import next from "eslint-config-next/core-web-vitals";
import ts from "eslint-config-next/typescript";

const banned = (files, group, message) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
});

// app -> features -> ui, lib. A feature may read another's queries, actions and words, never its components;
// the sources of facts (evidence) are shown everywhere.
const features = fs.readdirSync(new URL("./src/features", import.meta.url));
const apart = features.map((name) =>
  banned(
    [`src/features/${name}/**`],
    [
      "@/app/*",
      "@/features/*/*",
      ...(name === "evidence" ? [] : [`!@/features/${name}/*`]),
      "!@/features/*/queries",
      "!@/features/*/actions",
      "!@/features/*/words",
      "!@/features/evidence/*",
    ],
    "Features share queries, actions and words alone; what two of them draw belongs in ui.",
  ),
);

const config = [
  { ignores: [".next/**", "next-env.d.ts", "src/lib/api/schema.d.ts", "shots/**"] },
  ...next,
  ...ts,
  banned(
    ["src/ui/**"],
    ["@/app/*", "@/features/*", "@/lib/api/client", "@/lib/api/server", "@/lib/api/upload"],
    "Primitives fetch nothing and know no noun.",
  ),
  banned(["src/lib/**"], ["@/app/*", "@/features/*", "@/ui/*"], "lib is the lowest layer."),
  ...apart,
];

export default config;
