// Cuts the four font files the product ships. Run by hand when a font package is upgraded; commit the result.
import fs from "node:fs";
import subset from "subset-font";

const latin =
  Array.from({ length: 0x17f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).join("") +
  "–—‘’“”•…→←↑↓↵−×⌘";
const serif = { opsz: { min: 12, max: 60 }, wght: 400 };
const sans = { wght: { min: 400, max: 650 } };
const jobs = [
  ["newsreader-roman", "newsreader/files/newsreader-latin-opsz-normal", latin, serif],
  ["newsreader-italic", "newsreader/files/newsreader-latin-opsz-italic", latin, serif],
  ["newsreader-rupee", "newsreader/files/newsreader-latin-ext-opsz-normal", "₹", serif],
  ["newsreader-rupee-italic", "newsreader/files/newsreader-latin-ext-opsz-italic", "₹", serif],
  ["anek-latin", "anek-latin/files/anek-latin-latin-wght-normal", latin, sans],
  ["anek-latin-rupee", "anek-latin/files/anek-latin-latin-ext-wght-normal", "₹", sans],
];
for (const [name, from, text, variationAxes] of jobs) {
  const bytes = await subset(
    fs.readFileSync(`node_modules/@fontsource-variable/${from}.woff2`),
    text,
    { targetFormat: "woff2", variationAxes },
  );
  fs.writeFileSync(`src/fonts/${name}.woff2`, bytes);
  console.log(name, bytes.length);
}
