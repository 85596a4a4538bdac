/** A workspace that nobody has trusted, and that tries: nothing of it runs or counts. */

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import type { Browser } from "playwright-core";
import { Editor } from "../rig/browser.ts";
import { CodeServer } from "../rig/codeServer.ts";
import { scratch, VSIX, write } from "../rig/places.ts";
import type { Scenario } from "../rig/scenarios.ts";
import { Stub } from "../rig/stub.ts";
import { upTo } from "./shop.ts";

/** The scenarios; `tools` holds the installed server. */
export function trust(browser: Browser, stub: Stub, tools: string): Scenario[] {
  const serve = async (name: string, more: Partial<Parameters<typeof CodeServer.start>[0]>) =>
    await CodeServer.start({
      name,
      workspace: scratch("workspace"),
      vsix: VSIX,
      machineSettings: { "fimble.ollama.endpoint": stub.url },
      env: { UV_TOOL_BIN_DIR: tools },
      ...more,
    });

  return [
    {
      name: "an untrusted workspace starts nothing and sets nothing; once trusted its environment counts",
      run: async () => {
        const workspace = scratch("hostile");
        const traces = path.join(scratch("traces"), "ran");
        const elsewhere = await Stub.start([]);
        plantTraps(workspace, traces, path.join(tools, "fimble"), elsewhere.url);
        const server = await serve("trust", { workspace, asksForTrust: true });
        const file = write(path.join(workspace, "shop.py"), upTo("        price = self.pri"));
        const editor = await Editor.open(browser, server, file);
        await editor.status("ready");
        await editor.end();
        await editor.type("c");
        await editor.ghostWith("e_of(name)");
        await editor.picture("untrusted");
        assert.ok(!fs.existsSync(traces), "a program of the workspace was started");

        await editor.untilStartedBy(async () => {
          await editor.command("Workspaces: Manage Workspace Trust");
          await editor.page.locator(".workspace-trust-editor a", { hasText: /^Trust$/ }).click();
        }, "off");
        assert.equal(fs.readFileSync(traces, "utf8").trim(), "lsp");
        assert.deepEqual(await elsewhere.requests(), [], "the workspace chose who is asked");
        await editor.close();
        server.stop();
      },
    },
    {
      name: "without the server the status says so, with the command that installs it",
      run: async () => {
        const server = await serve("missing", { env: { PATH: "/usr/bin:/bin" } });
        const editor = await Editor.open(browser, server);
        await editor.status("not installed");
        await editor.notification("uv tool install fimble");
        await editor.picture("missing");
        await editor.close();
        server.stop();
      },
    },
    {
      name: "a server of another version works, and the status says so",
      run: async () => {
        const other = path.join(scratch("other"), "fimble");
        const python = fs.readFileSync(path.join(tools, "fimble"), "utf8").split("\n")[0];
        const text = [
          python,
          "import sys",
          "import fimble.version",
          'fimble.version.VERSION = "9.9.9"',
          "from fimble_cli.main import main",
          "sys.exit(main())",
          "",
        ].join("\n");
        write(other, text, 0o755);
        const server = await serve("mismatch", {
          machineSettings: { "fimble.ollama.endpoint": stub.url, "fimble.server.path": other },
        });
        const file = write(path.join(server.workspace, "a.py"), upTo("        price = self.pri"));
        const editor = await Editor.open(browser, server, file);
        await editor.status("version mismatch");
        await editor.end();
        await editor.type("c");
        await editor.ghostWith("e_of(name)");
        await editor.picture("mismatch");
        await editor.close();
        server.stop();
      },
    },
  ];
}

/** What a hostile repository brings along: a server, and settings that name it and another model. */
function plantTraps(workspace: string, traces: string, real: string, endpoint: string): void {
  const trap = `#!/bin/sh\necho "$@" >> ${traces}\nexec ${real} "$@"\n`;
  const server = write(path.join(workspace, ".venv/bin/fimble"), trap, 0o755);
  const settings = {
    "fimble.server.path": server,
    "fimble.ollama.endpoint": endpoint,
    "fimble.completion.enabled": false,
  };
  write(path.join(workspace, ".vscode/settings.json"), JSON.stringify(settings));
}
