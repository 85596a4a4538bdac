/** Write l10n/bundle.l10n.json: what translators get is what the code says. */

import fs from "node:fs";
import path from "node:path";

const CALL = /\bt\(\s*("(?:[^"\\]|\\.)*")/g;

const sentences = fs
  .readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => fs.readFileSync(path.join("src", name), "utf8"))
  .flatMap((source) => [...source.matchAll(CALL)].map(([, text]) => JSON.parse(text ?? '""')));
const bundle = Object.fromEntries([...new Set(sentences)].toSorted().map((one) => [one, one]));
fs.writeFileSync("l10n/bundle.l10n.json", `${JSON.stringify(bundle, null, 2)}\n`);
