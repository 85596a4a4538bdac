/**
 * The suite that runs inside the editor's extension host, with the real `vscode` API.
 *
 * What a user sees is the business of e2e/ui; here is what only the inside can tell: the declared
 * settings and keys, what reaches the server, and what the editor's API says of suggestions.
 */

import assert from "node:assert/strict";
import fs from "node:fs";
import * as vscode from "vscode";
import { upTo } from "../ui/shop.ts";

const EXTENSION = "fimble.fimble";
const STUB = process.env["FIMBLE_E2E_STUB"] ?? "";
const REPORT = process.env["FIMBLE_E2E_REPORT"] ?? "";
const LONGEST_MS = 60_000;
const ASK_AGAIN_MS = 5_000;

type Test = readonly [name: string, run: () => Promise<void>];

/** Called by the editor; a rejection is its exit code 1. */
export async function run(): Promise<void> {
  const lines: string[] = [];
  let failures = 0;
  for (const [name, test] of TESTS) {
    try {
      await test();
      lines.push(`  ok    inside: ${name}`);
    } catch (error) {
      failures += 1;
      lines.push(
        `  FAIL  inside: ${name}\n${error instanceof Error ? error.stack : String(error)}`,
      );
    }
    fs.writeFileSync(REPORT, `${lines.join("\n")}\n`);
  }
  if (failures > 0) {
    throw new Error(`${failures} of ${TESTS.length} failed`);
  }
}

const TESTS: readonly Test[] = [
  [
    "it activates by itself, and every declared command is there",
    async () => {
      const extension = vscode.extensions.getExtension(EXTENSION);
      await until("activation", async () => extension?.isActive);
      const known = await vscode.commands.getCommands(true);
      const declared = manifest().contributes.commands.map(({ command }) => command);

      assert.deepEqual(
        declared.filter((command) => !known.includes(command)),
        [],
      );
    },
  ],
  [
    "no key of ours is taken from the editor",
    async () => {
      const uri = vscode.Uri.parse("vscode://defaultsettings/keybindings.json");
      const defaults = (await vscode.workspace.openTextDocument(uri)).getText();
      const taken = [...defaults.matchAll(/"key":\s*"([^"]+)"[^}]*?"command":\s*"([^"]+)"/g)]
        .filter(([, , command]) => !command?.startsWith("fimble."))
        .map(([, key]) => key);

      assert.ok(taken.length > 500, `only ${taken.length} default keys were read`);
      for (const { key } of manifest().contributes.keybindings) {
        assert.ok(!taken.includes(JSON.stringify(key).slice(1, -1)), `${key} is the editor's`);
      }
    },
  ],
  [
    "a workspace cannot set what is the user's alone",
    async () => {
      const configuration = vscode.workspace.getConfiguration("fimble");
      const seen = configuration.inspect("ollama.endpoint");

      assert.equal(configuration.get("ollama.endpoint"), STUB);
      assert.equal(seen?.workspaceValue, undefined);
      assert.equal(configuration.get("completion.maxLineTokens"), 48);
    },
  ],
  [
    "a suggestion comes through the editor's API, and is taken",
    async () => {
      const { document } = await open("inside.py", upTo("        price = self.pric"));
      await suggestAndTake(document, "price = self.price_of(name)");
    },
  ],
  [
    "settings that nobody made in the editor leave the user's own file in force",
    async () => {
      const [first] = await generations();

      assert.equal(first?.body.options?.num_ctx, 8192);
    },
  ],
  [
    "a setting that is changed reaches the server at once",
    async () => {
      const configuration = vscode.workspace.getConfiguration("fimble.ollama");
      await configuration.update("model", "other:1b", vscode.ConfigurationTarget.Global);
      await until("a question about the other model", async () =>
        (await requests()).some(({ body }) => body.model === "other:1b"),
      );
      await configuration.update("model", undefined, vscode.ConfigurationTarget.Global);
    },
  ],
  [
    "what the server does not offer is hidden",
    async () => {
      const known = await vscode.commands.getCommands(true);
      const entries = manifest().contributes.menus.commandPalette;
      for (const action of ["explain", "fix", "document", "test", "edit"]) {
        const entry = entries.find(({ command }) => command === `fimble.${action}Selection`);
        assert.match(entry?.when ?? "", new RegExp(`fimble\\.offers\\.${action}\\b`));
        if (!known.includes(`fimble.${action}`)) {
          // Bound to a key it can be called all the same; then it says so and asks nothing.
          await vscode.commands.executeCommand(`fimble.${action}Selection`);
        }
      }
    },
  ],
  [
    "a fix tells the model what other tools report in the cursor's line",
    async () => {
      const { document } = await open("broken.py", "def f():\n    return pric\n");
      const reported = vscode.languages.createDiagnosticCollection("other");
      const line = document.lineAt(1).range;
      reported.set(document.uri, [
        new vscode.Diagnostic(line, "`pric` is not defined"),
        new vscode.Diagnostic(document.lineAt(0).range, "a function without a docstring"),
      ]);
      const editor = vscode.window.activeTextEditor as vscode.TextEditor;
      editor.selection = new vscode.Selection(line.start, line.start);
      await vscode.commands.executeCommand("fimble.fixSelection");
      const asked = await until("the question", async () =>
        (await generations()).find(({ prompt }) => prompt.includes("`pric` is not defined")),
      );
      reported.dispose();

      assert.ok(!asked.prompt.includes("without a docstring"));
    },
  ],
  [
    "a mistake in a template is shown",
    async () => {
      const text = "---\nname: mine\nkind: chat\n---\n{{nothing}}\n";
      const { document } = await open("mine.prompt.md", text);
      await until("a diagnostic", async () => {
        return vscode.languages.getDiagnostics(document.uri).length > 0;
      });
    },
  ],
];

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly keybindings: readonly { readonly key: string }[];
    readonly menus: {
      readonly commandPalette: readonly { readonly command: string; readonly when: string }[];
    };
  };
}

interface StubRequest {
  readonly path: string;
  readonly prompt: string;
  readonly body: { readonly model?: string; readonly options?: { readonly num_ctx?: number } };
}

function manifest(): Manifest {
  return vscode.extensions.getExtension(EXTENSION)?.packageJSON as Manifest;
}

async function requests(): Promise<StubRequest[]> {
  const response = await fetch(`${STUB}/_stub/requests`);
  return ((await response.json()) as { requests: StubRequest[] }).requests;
}

async function generations(): Promise<StubRequest[]> {
  return (await requests()).filter(({ prompt }) => prompt !== "");
}

async function open(name: string, text: string): Promise<vscode.TextEditor> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(folder !== undefined);
  const uri = vscode.Uri.joinPath(folder, name);
  await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
  const editor = await vscode.window.showTextDocument(uri);
  const end = editor.document.positionAt(text.length);
  editor.selection = new vscode.Selection(end, end);
  return editor;
}

/** Ask again until the server is there: before that, asking brings nothing and nothing later. */
async function suggestAndTake(document: vscode.TextDocument, wanted: string): Promise<void> {
  let askedAt = Number.NEGATIVE_INFINITY;
  await until(`"${wanted}" in the document`, async () => {
    // Asking takes back what was asked before: a slow answer must have its time.
    if (Date.now() - askedAt > ASK_AGAIN_MS) {
      await vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
      askedAt = Date.now();
    }
    await vscode.commands.executeCommand("editor.action.inlineSuggest.commit");
    return document.getText().includes(wanted);
  });
}

async function until<T>(what: string, look: () => Promise<T>): Promise<NonNullable<T>> {
  const end = Date.now() + LONGEST_MS;
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`waited for: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
