import fs from "node:fs";
import path from "node:path";
import { extendTailwindMerge } from "tailwind-merge";
import ts from "typescript";
import { expect, test } from "vitest";

const SRC = path.join(import.meta.dirname, "..");
// Told our text sizes, else it takes `text-small` for a colour; and the weights, which it takes for families.
const merge = extendTailwindMerge({
  extend: {
    theme: {
      text: ["micro", "small", "body", "read", "h4", "h3", "h2", "h1"],
      "font-weight": ["body", "strong"],
    },
  },
});

/** Every text that an expression may give; what only the running program knows counts as none. */
function texts(e: ts.Expression, here: Map<string, string>): string[] {
  if (ts.isStringLiteralLike(e)) return [e.text];
  if (ts.isParenthesizedExpression(e)) return texts(e.expression, here);
  if (ts.isConditionalExpression(e))
    return [...texts(e.whenTrue, here), ...texts(e.whenFalse, here)];
  if (ts.isBinaryExpression(e) && e.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken)
    return ["", ...texts(e.right, here)];
  return [(ts.isIdentifier(e) && here.get(e.text)) || ""];
}

function clashes(file: string): string[] {
  const tree = ts.createSourceFile(
    file,
    fs.readFileSync(file, "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const here = new Map<string, string>();
  const found = new Set<string>();
  const look = (n: ts.Node) => {
    if (ts.isVariableDeclaration(n) && n.initializer && ts.isStringLiteralLike(n.initializer))
      here.set(n.name.getText(), n.initializer.text);
    if (ts.isCallExpression(n) && n.expression.getText() === "cn") {
      const lists = n.arguments.reduce<string[]>(
        (before, a) => before.flatMap((b) => texts(a, here).map((t) => `${b} ${t}`)),
        [""],
      );
      for (const list of lists) {
        const kept = merge(list).split(" ");
        for (const name of list.trim().split(/\s+/))
          if (!kept.includes(name)) found.add(`${path.relative(SRC, file)}: ${name}`);
      }
    }
    ts.forEachChild(n, look);
  };
  look(tree);
  return [...found];
}

test("no list of class names sets the same thing twice", () => {
  const files = fs
    .readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((f) => f.endsWith(".tsx"))
    .map((f) => path.join(SRC, f));
  expect(files.length).toBeGreaterThan(50);
  expect(files.flatMap(clashes)).toEqual([]);
});
