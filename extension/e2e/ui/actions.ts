/** What the model would change in a selection: previewed, applied, taken back. */

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
  const fileIs = async (file: string, text: string): Promise<void> => {
    await until(
      `${path.basename(file)} to hold ${text}`,
      () => fs.readFileSync(file, "utf8") === text,
    );
  };
  return [
    {
      name: "a documented function is previewed, applied, and taken back",
      run: async () => {
        const editor = await Editor.open(browser, server);
        await editor.status("ready");
        const file = write(path.join(server.workspace, "prices.py"), CODE);
        try {
          await editor.openFile(file);
          await editor.press("Control+Home");
          await editor.command("Fimble: Document");
          const preview = editor.page.locator(".refactor-preview, .bulk-edit-panel").first();
          await preview.waitFor();
          await editor.picture("action-preview");
          if (fs.readFileSync(file, "utf8") !== CODE) {
            throw new Error("something was written before it was confirmed");
          }
          // VS Code ticks nothing that needs confirmation.
          await preview.locator(".edit-checkbox").first().click();
          await editor.picture("action-ticked");
          await preview.locator(".monaco-button", { hasText: "Apply" }).click();
          await preview.waitFor({ state: "hidden" });
          await editor.picture("action-applied");
          await editor.end();
          await editor.press("Control+s");
          await fileIs(file, BETTER);
          await editor.press("Control+z", "Control+s");
          await fileIs(file, CODE);
          const asked = await stub.generations();
          if (!asked.some(({ prompt }) => prompt.includes("return PRICES[name]"))) {
            throw new Error("the model was not shown the function");
          }
        } catch (error) {
          await editor.picture("failed-action");
          throw error;
        }
      },
    },
  ];
}
