import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

const SOURCES = fs
  .readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => fs.readFileSync(path.join("src", name), "utf8"));
const BUNDLE = JSON.parse(fs.readFileSync("l10n/bundle.l10n.json", "utf8")) as object;
const STRINGS = JSON.parse(fs.readFileSync("package.nls.json", "utf8")) as object;
const MANIFEST = fs.readFileSync("package.json", "utf8");

/** Calls of `vscode.l10n.t` or of a `t` that stands for it, with a literal first argument. */
const CALL = /\bt\(\s*("(?:[^"\\]|\\.)*")/g;

test("what translators get is exactly what the code says", () => {
  const said = SOURCES.flatMap((source) => [...source.matchAll(CALL)].map(([, text]) => text));
  const sentences = new Set(said.map((text) => JSON.parse(text ?? '""') as string));

  assert.ok(sentences.size > 20);
  assert.deepEqual(Object.keys(BUNDLE).toSorted(), [...sentences].toSorted());
});

test("every string of the manifest is there, and no other", () => {
  const named = [...MANIFEST.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key ?? "");

  assert.deepEqual(Object.keys(STRINGS).toSorted(), [...new Set(named)].toSorted());
});

test("every command of the manifest is registered in the code, and the other way round", () => {
  const { contributes } = JSON.parse(MANIFEST) as {
    contributes: { commands: { command: string }[] };
  };
  const declared = contributes.commands.map(({ command }) => command).toSorted();
  const registered = SOURCES.flatMap((source) =>
    [...source.matchAll(/^ {2,4}"(fimble\.\w+)":/gm)].map(([, command]) => command ?? ""),
  );

  assert.deepEqual(registered.toSorted(), declared);
});
