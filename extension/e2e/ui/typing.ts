/** What somebody sees who types: ghost text appears, is taken, stays or goes. */

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
import { measureFirstTokenToGhost } from "./firstTokenToGhost.ts";
import { upTo } from "./shop.ts";

/** Says twice what the model will not say. */
const OLD = `class OldShop:
    def sell(self, name: str) -> int:
        price = self.price_per_unit(name)
        return price

    def give_back(self, name: str) -> int:
        price = self.price_per_unit(name)
        return price


`;

/** The scenarios; each opens a file of its own in the one window. */
export function typing(browser: Browser, server: CodeServer, stub: Stub): Scenario[] {
  const withFile = inWindow(browser, server);

  return [
    {
      name: "ghost text appears, and Tab takes it",
      run: () =>
        withFile("tab.py", upTo("        price = self.pri"), async (editor, file) => {
          await editor.type("c");
          await editor.ghostWith("e_of(name)");
          await editor.picture("tab");
          await editor.pictureOfText("ghost-text");
          await editor.press("Tab");
          await editor.press("Control+s");
          await fileBegins(file, upTo("price = self.price_of(name)"));
        }),
    },
    {
      name: "one word, then one line is taken, and the rest stays",
      run: () =>
        withFile(
          "word.py",
          upTo("def turnover(self) -> int:\n        return s"),
          async (editor, file) => {
            await editor.type("u");
            await editor.ghostWith("m(self.price_of");
            await editor.press("Control+ArrowRight");
            await editor.ghostWith("price_of");
            await editor.picture("word-taken");
            await editor.press("Shift+Alt+\\");
            await editor.press("Control+s");
            await fileBegins(file, upTo("return sum(self.price_of(name) for name in self._sold)"));
          },
        ),
    },
    {
      name: "typing what is suggested never blanks it",
      run: () =>
        withFile("through.py", upTo("        price = self.pri"), async (editor) => {
          await editor.type("c");
          await editor.ghostWith("e_of(name)");
          await editor.watchGhost();
          for (const key of "e_of") {
            await editor.press(key);
          }
          await editor.ghostWith("(name)");
          assert.deepEqual(await editor.ghostTimes(), []);
          assert.ok(!(await editor.ghost()).includes("of(name)"));
        }),
    },
    {
      name: "typing something else makes it go",
      run: () =>
        withFile("diverge.py", upTo("        price = self.pri"), async (editor) => {
          await editor.type("c");
          await editor.ghostWith("e_of(name)");
          await editor.type("zq");
          await editor.noGhost();
        }),
    },
    {
      name: "a key that diverges cancels the running request at the model server",
      run: () =>
        withFile(
          "cancel.py",
          upTo("    def sell(self, name: str) -> int:\n        pri"),
          async (editor) => {
            await stub.hangAfterOneToken();
            await editor.type("c");
            const { number } = await stub.generation("a request under way", (request) => {
              return request.first_token_at !== null && request.outcome === "open";
            });
            await editor.type("zqx");
            await stub.generation("the request cancelled", (request) => {
              return request.number === number && request.outcome === "cancelled";
            });
          },
        ),
    },
    {
      name: "Escape refuses it",
      run: () =>
        withFile("escape.py", upTo("        price = self.pri"), async (editor) => {
          await editor.type("c");
          await editor.ghostWith("e_of(name)");
          await editor.press("Escape");
          await editor.noGhost();
        }),
    },
    {
      name: "the first token is on show soon after it came (the figure is printed, not asserted)",
      run: () =>
        withFile("speed.py", upTo("        price = self.pri"), async (editor) => {
          await measureFirstTokenToGhost(editor, stub);
        }),
    },
    {
      name: "the key for a suggestion here brings one",
      run: () =>
        withFile("trigger.py", upTo("        price = self.price_"), async (editor) => {
          await editor.press("Alt+\\");
          await editor.ghostWith("of(name)");
        }),
    },
  ];
}

/** The scenarios of drafts, which the others are spared: they are about what the model says. */
export function drafts(browser: Browser, server: CodeServer, stub: Stub): Scenario[] {
  const withFile = inWindow(browser, server);
  return [
    {
      name: "a draft of the file's own words is shown at once, until the model's text is there",
      run: () =>
        withFile("draft.py", `${OLD}${upTo("        price = self.pri")}`, async (editor) => {
          const before = (await stub.generations()).length;
          await editor.watchGhost();
          await editor.type("c");
          await editor.ghostWith("e_per_unit(name)");
          await editor.picture("draft");
          await editor.ghostWith("e_of(name)");
          const times = await editor.ghostTimes();
          assert.deepEqual(
            times.map(({ shown }) => shown),
            [true],
            "nothing is ever blank in between",
          );
          assert.equal((await stub.generations()).length, before + 1);
        }),
    },
  ];
}

type InFile = (
  name: string,
  text: string,
  act: (editor: Editor, file: string) => Promise<void>,
) => Promise<void>;

/** Opens files one after the other in one window. */
function inWindow(browser: Browser, server: CodeServer): InFile {
  let window: Promise<Editor> | undefined;
  return async (
    name: string,
    text: string,
    act: (editor: Editor, file: string) => Promise<void>,
  ) => {
    window ??= Editor.open(browser, server);
    const editor = await window;
    const file = write(path.join(server.workspace, name), text);
    try {
      await editor.status("ready");
      await editor.openFile(file);
      await act(editor, file);
    } catch (error) {
      await editor.picture(`failed-${name}`);
      throw error;
    }
  };
}

async function fileBegins(file: string, text: string): Promise<void> {
  await until(`${file} to begin with ${JSON.stringify(text.slice(-60))}`, () =>
    fs.readFileSync(file, "utf8").startsWith(text),
  ).catch((error) => {
    throw new Error(
      `the file ends with ${JSON.stringify(fs.readFileSync(file, "utf8").slice(-200))}`,
      {
        cause: error,
      },
    );
  });
}
