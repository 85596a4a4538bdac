/** What the model would change in a selection: previewed, applied, taken back; or told. */

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import type { Browser } from "playwright-core";
import { Editor } from "../rig/browser.ts";
import type { CodeServer } from "../rig/codeServer.ts";
import { write } from "../rig/places.ts";
import { until } from "../rig/processes.ts";
import type { Scenario } from "../rig/scenarios.ts";
import type { Stub } from "../rig/stub.ts";

const CODE = `def price_of(name: str) -> int:
    return PRICES[name]
`;
const DOCSTRING = '    """Return the price of an article."""\n';
const BETTER = CODE.replace("    return", `${DOCSTRING}    return`);

/** What the stub's model answers to every question of this suite, as the templates ask for it. */
export const DOCUMENTED = `\`\`\`\`python\n${BETTER}\`\`\`\``;

/** The scenarios, in one window. */
export function actions(browser: Browser, server: CodeServer, stub: Stub): Scenario[] {
  let window: Promise<Editor> | undefined;
  const withFile = async (
    name: string,
    act: (editor: Editor, file: string) => Promise<void>,
  ): Promise<void> => {
    window ??= Editor.open(browser, server);
    const editor = await window;
    await editor.status("ready");
    const file = write(path.join(server.workspace, name), CODE);
    try {
      await editor.openFile(file);
      await editor.press("Control+Home");
      await act(editor, file);
      await editor.command("View: Close All Editors");
    } catch (error) {
      await editor.picture(`failed-action-${name}`);
      throw error;
    }
  };
  /** Wait for the preview, look that nothing was written, tick everything, and apply it. */
  const confirm = async (editor: Editor, name: string, unchanged: () => boolean) => {
    const preview = editor.page.locator(".refactor-preview, .bulk-edit-panel").first();
    await preview.waitFor();
    await editor.picture(`${name}-preview`);
    assert.ok(unchanged(), "something was written before it was confirmed");
    // VS Code ticks nothing that needs confirmation.
    await preview.locator(".edit-checkbox").first().click();
    await preview.locator('.edit-checkbox[aria-checked="false"]').waitFor({ state: "detached" });
    await editor.picture(`${name}-ticked`);
    await preview.locator(".monaco-button", { hasText: "Apply" }).click();
    await preview.waitFor({ state: "hidden" });
    await editor.picture(`${name}-applied`);
  };
  const asked = async (part: string): Promise<void> => {
    const prompts = (await stub.generations()).map(({ prompt }) => prompt);
    assert.ok(
      prompts.some((prompt) => prompt.includes(part)),
      `the model was not told: ${part}`,
    );
  };
  const appliedAndUndone = async (editor: Editor, file: string): Promise<void> => {
    await editor.end();
    await editor.press("Control+s");
    await fileIs(file, BETTER);
    await editor.press("Control+z", "Control+s");
    await fileIs(file, CODE);
  };

  return [
    {
      name: "a documented function is previewed, applied, and taken back",
      run: () =>
        withFile("prices.py", async (editor, file) => {
          await editor.command("Fimble: Document");
          await confirm(editor, "action", () => fs.readFileSync(file, "utf8") === CODE);
          await appliedAndUndone(editor, file);
          await asked("return PRICES[name]");
        }),
    },
    {
      name: "an instruction is asked for, and its edit is previewed, applied, and taken back",
      run: () =>
        withFile("edited.py", async (editor, file) => {
          await editor.command("Fimble: Edit by Instruction…");
          await editor.answer("Say what it returns.");
          await confirm(editor, "edit", () => fs.readFileSync(file, "utf8") === CODE);
          await appliedAndUndone(editor, file);
          await asked("Say what it returns.");
        }),
    },
    {
      name: "tests are previewed as a new file, and made when they are confirmed",
      run: () =>
        withFile("tested.py", async (editor) => {
          const made = path.join(server.workspace, "tests/test_tested.py");
          await editor.command("Fimble: Write Tests");
          await confirm(editor, "tests", () => !fs.existsSync(made));
          await until("the new file", () => fs.existsSync(made));
          await editor.page.locator(".tab", { hasText: "test_tested.py" }).waitFor();
          await editor.command("File: Save All Files");
          await fileIs(made, BETTER);
        }),
    },
    {
      name: "an explanation stands beside the code",
      run: () =>
        withFile("explained.py", async (editor, file) => {
          await editor.command("Fimble: Explain");
          const page = editor.page.locator(".editor-group-container").nth(1);
          await page.locator(".view-line", { hasText: "Return the price of" }).first().waitFor();
          await editor.page.locator(".tab", { hasText: "explained.py" }).first().waitFor();
          await editor.picture("explained");
          await fileIs(file, CODE);
        }),
    },
  ];
}

async function fileIs(file: string, text: string): Promise<void> {
  await until(
    `${path.basename(file)} to hold ${JSON.stringify(text)}`,
    () => fs.existsSync(file) && fs.readFileSync(file, "utf8") === text,
  );
}
