import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { declaredKeys } from "../../src/settings/declared.ts";
import { explicitSettings, type Inspected } from "../../src/settings/explicit.ts";

const MANIFEST: unknown = JSON.parse(fs.readFileSync("package.json", "utf8"));

function settings(made: Record<string, Inspected>, trusted = true): Record<string, unknown> {
  const configuration = {
    inspect: (key: string) => made[key],
    get: (key: string) => {
      const { globalValue, workspaceValue, workspaceFolderValue } = made[key] ?? {};
      return workspaceFolderValue ?? workspaceValue ?? globalValue ?? "default";
    },
  };
  return explicitSettings(["ollama.model", "completion.enabled"], configuration, trusted);
}

test("a default is not sent: it would override the user's own file", () => {
  assert.deepEqual(settings({ "ollama.model": {} }), {});
});

test("what the user made is sent, also a value that is false", () => {
  const sent = settings({ "completion.enabled": { globalValue: false } });

  assert.deepEqual(sent, { "completion.enabled": false });
});

test("what a trusted workspace made is sent", () => {
  const sent = settings({ "completion.enabled": { workspaceValue: false } });

  assert.deepEqual(sent, { "completion.enabled": false });
});

test("what only an untrusted workspace made is not sent, not even as a default", () => {
  assert.deepEqual(settings({ "ollama.model": { workspaceValue: "evil" } }, false), {});
});

test("the keys are those of the manifest, without the extension's own", () => {
  const keys = declaredKeys(MANIFEST);

  assert.ok(keys.includes("ollama.endpoint"));
  assert.ok(keys.includes("completion.disabledLanguages"));
  assert.ok(!keys.some((key) => key.startsWith("server.") || key.startsWith("trace.")));
});
