/** The menu and what it leads to: chat, doctor, models, the prompt of a place. */

import fs from "node:fs";
import path from "node:path";
import type { Browser } from "playwright-core";
import { Editor } from "../rig/browser.ts";
import type { CodeServer } from "../rig/codeServer.ts";
import { write } from "../rig/places.ts";
import { until } from "../rig/processes.ts";
import type { Scenario } from "../rig/scenarios.ts";
import type { Stub } from "../rig/stub.ts";
import { upTo } from "./shop.ts";

/** The scenarios, in one window. */
export function menu(browser: Browser, server: CodeServer, stub: Stub): Scenario[] {
  let window: Promise<Editor> | undefined;
  const editorWith = async (name: string): Promise<Editor> => {
    window ??= Editor.open(browser, server);
    const editor = await window;
    await editor.status("ready");
    const file = path.join(server.workspace, name);
    await editor.openFile(write(file, upTo("        price = self.price_of(name)\n")));
    return editor;
  };
  const named =
    (name: string, act: (editor: Editor) => Promise<void>): (() => Promise<void>) =>
    async () => {
      const editor = await editorWith(`${name}.py`);
      await act(editor).catch(async (error) => {
        await editor.picture(`failed-${name}`);
        throw error;
      });
      await editor.picture(name);
    };

  return [
    {
      name: "the item in the status bar opens a menu",
      run: named("menu", async (editor) => {
        await editor.command("Fimble: Show the Menu");
        await editor.page.locator(".quick-input-list", { hasText: "Choose a model" }).waitFor();
        await editor.picture("menu-open");
        await editor.press("Escape");
      }),
    },
    {
      name: "the prompt of a place is shown",
      run: named("prompt", async (editor) => {
        await editor.command("Fimble: Show the Prompt for the Cursor's Place");
        await editor.page.locator(".tab.active, .tab", { hasText: "Fimble prompt" }).waitFor();
        await editor.page.locator(".view-line", { hasText: "im_start" }).first().waitFor();
      }),
    },
    {
      name: "how the last suggestion came about is shown beside the code",
      run: named("why", async (editor) => {
        await editor.type("        self._so");
        await editor.ghostWith("ld.append(name)");
        await editor.command("Fimble: Why This Suggestion, or None?");
        const page = editor.page.locator(".editor-group-container").nth(1);
        await page.locator(".view-line", { hasText: "decision:" }).first().waitFor();
        await page.locator(".view-line", { hasText: "Its prompt, as it was sent" }).waitFor();
        await editor.picture("why-shown");
        await editor.command("View: Close All Editors");
      }),
    },
    {
      name: "a model is pulled with progress, and chosen",
      run: named("pull", async (editor) => {
        await editor.command("Fimble: Pull a Model…");
        await editor.answer("tiny-coder:1b");
        await editor.notification("tiny-coder:1b is there.");
        await editor.command("Fimble: Choose a Model…");
        await editor.pick("tiny-coder:1b");
        const settings = path.join(server.home, "user/Machine/settings.json");
        await until("the choice in the settings of this machine", () =>
          fs.readFileSync(settings, "utf8").includes("tiny-coder:1b"),
        );
        await until("a question about the chosen model", async () =>
          (await stub.requests()).some(
            ({ path: at, body }) => at === "/api/show" && body.model === "tiny-coder:1b",
          ),
        );
        await editor.status("ready");
      }),
    },
    {
      name: "the doctor speaks in a terminal that stays",
      run: named("doctor", async (editor) => {
        await editor.command("Fimble: Look What Is Wrong (Doctor)");
        await editor.terminalSays("embedded engine");
        await editor.command("View: Toggle Maximized Panel");
        await editor.terminalSays("configuration");
        // The settings of the editor are in force there too, and not only those of the file.
        await editor.terminalSays(stub.url);
        await editor.terminalSays("tiny-coder:1b");
        await editor.picture("doctor-whole");
        await editor.command("View: Toggle Maximized Panel");
      }),
    },
    {
      name: "the chat opens with the selection mentioned",
      run: named("chat", async (editor) => {
        await editor.press("Control+Home", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown");
        await editor.press("Control+Alt+\\");
        await editor.terminalSays("@chat.py:1-3");
        await editor.terminalSays("tiny-coder:1b");
      }),
    },
  ];
}
