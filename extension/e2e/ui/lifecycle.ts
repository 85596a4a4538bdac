/** The server dies, comes back, dies too often; the model server goes and comes. */

import path from "node:path";
import type { Browser } from "playwright-core";
import { Editor } from "../rig/browser.ts";
import type { CodeServer } from "../rig/codeServer.ts";
import { write } from "../rig/places.ts";
import { languageServers, until } from "../rig/processes.ts";
import type { Scenario } from "../rig/scenarios.ts";
import { Stub } from "../rig/stub.ts";
import { upTo } from "./shop.ts";

const MOST_RESTARTS = 5;

/** The scenarios, in one window; each leaves a running server behind. */
export function lifecycle(
  browser: Browser,
  server: CodeServer,
  stubArguments: string[],
  first: Stub,
): Scenario[] {
  let stub = first;
  let window: Promise<Editor> | undefined;
  const editorWith = async (name: string): Promise<Editor> => {
    window ??= Editor.open(browser, server);
    const editor = await window;
    await editor.status("ready");
    const file = path.join(server.workspace, name);
    await editor.openFile(write(file, upTo("        price = self.pri")));
    return editor;
  };
  const kill = async (): Promise<void> => {
    process.kill(await until("a server", () => languageServers(server.pid)[0]), "SIGKILL");
  };

  return [
    {
      name: "F13: a server that is killed comes back and knows the unsaved text",
      run: async () => {
        const editor = await editorWith("killed.py");
        await editor.type("c");
        await editor.ghostWith("e_of(name)");
        await editor.press("Tab");
        await editor.untilStartedBy(kill);
        await editor.press("Enter");
        await editor.type("self._so");
        await editor.ghostWith("ld.append(name)");
        const request = await stub.generation("a request with the unsaved text", ({ prompt }) =>
          prompt.includes("price = self.price_of(name)\n        self._so"),
        );
        if (request.outcome === "error") {
          throw new Error("the model server refused it");
        }
      },
    },
    {
      name: "F13: a server that dies too often stays stopped, with one message; restarting helps",
      run: async () => {
        const editor = await editorWith("often.py");
        await editor.untilStartedBy(() => editor.command("Fimble: Restart the Server"));
        for (let times = 0; times < MOST_RESTARTS; times += 1) {
          await editor.untilStartedBy(kill);
        }
        await kill();
        await editor.status("stopped");
        await editor.picture("stopped");
        await editor.notification("ended six times within three minutes");
        await editor.picture("stopped");
        const toasts = await editor.page.locator(".notification-toast").count();
        if (toasts !== 1 || languageServers(server.pid).length > 0) {
          throw new Error(`${toasts} messages, servers: ${languageServers(server.pid)}`);
        }
        await editor.page.locator(".notification-toast a", { hasText: "Restart" }).click();
        await editor.status("ready");
      },
    },
    {
      name: "without the model server it is offline, and ready when that is back",
      run: async () => {
        const editor = await editorWith("offline.py");
        const { port } = stub;
        stub.stop();
        await editor.type("c");
        await editor.status("offline");
        await editor.picture("offline");
        stub = await Stub.start([...stubArguments, "--load-s", "5"], port);
        await editor.status("loading 17 GB");
        await editor.picture("loading");
        await editor.status("ready");
      },
    },
    {
      name: "without a model server at all the workspace's own text answers",
      run: async () => {
        const editor = await editorWith("embedded.py");
        const endpoint = { "fimble.ollama.endpoint": stub.url };
        server.setMachineSettings({ ...endpoint, "fimble.engine.kind": "embedded" });
        await editor.status("embedded");
        const asked = (await stub.generations()).length;
        await editor.press("Control+Home", "Control+End", "Enter");
        await editor.type("self._prices = dict(pri");
        await editor.ghostWith("ces");
        await editor.picture("embedded");
        if ((await stub.generations()).length > asked) {
          throw new Error("the model server was asked");
        }
        server.setMachineSettings(endpoint);
        await editor.status("ready");
      },
    },
    {
      name: "the answer takes a while: it is thinking",
      run: async () => {
        const editor = await editorWith("thinking.py");
        await stub.hangAfterOneToken();
        await editor.type("c");
        await editor.status("thinking");
        await editor.picture("thinking");
        await editor.type("z");
        await editor.status("ready");
      },
    },
    {
      name: "switched off for the language, and on again",
      run: async () => {
        const editor = await editorWith("language.py");
        await editor.command("Fimble: Switch Completions On or Off for This Language");
        await editor.status("off");
        await editor.picture("off");
        await editor.command("Fimble: Switch Completions On or Off for This Language");
        await editor.status("ready");
        await editor.end();
        await editor.type("c");
        await editor.ghostWith("e_of(name)");
      },
    },
  ];
}
