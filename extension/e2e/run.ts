/** Runs the suites against one stub and one browser; ends everything that it started. */

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { inside } from "./inside.ts";
import { launch } from "./rig/browser.ts";
import { CodeServer } from "./rig/codeServer.ts";
import { ARTEFACTS, EXTENSION, PYTHON, ROOT, scratch, VSIX, write } from "./rig/places.ts";
import { endAll } from "./rig/processes.ts";
import { runAll, type Scenario } from "./rig/scenarios.ts";
import { Stub } from "./rig/stub.ts";
import { actions, DOCUMENTED } from "./ui/actions.ts";
import { lifecycle } from "./ui/lifecycle.ts";
import { menu } from "./ui/menu.ts";
import { TARGET } from "./ui/shop.ts";
import { trust } from "./ui/trust.ts";
import { drafts, typing } from "./ui/typing.ts";

/** Shown by the extension's README; `UPDATE_PICTURES=1` takes them from this run. */
const PICTURES = ["ghost-text.png", "edit-ticked.png", "why-shown.png"];

const wanted = process.argv.slice(2);

async function main(): Promise<void> {
  fs.rmSync(ARTEFACTS, { recursive: true, force: true });
  fs.mkdirSync(ARTEFACTS, { recursive: true });
  const targets = scratch("targets");
  const target = write(path.join(targets, "shop.py"), TARGET);
  const stubArguments = ["--oracle", target, "--first-token-ms", "300"];
  const browser = await launch();
  const tools = installWheel();
  const serve = async (name: string, stub: Stub, more = {}): Promise<CodeServer> =>
    await CodeServer.start({
      name,
      workspace: scratch("workspace"),
      vsix: VSIX,
      machineSettings: { "fimble.ollama.endpoint": stub.url, ...more },
      env: { UV_TOOL_BIN_DIR: tools },
    });
  const suites: Record<string, (stub: Stub) => Promise<Scenario[]>> = {
    typing: async (stub) =>
      typing(browser, await serve("typing", stub, { "fimble.embedded.draft": false }), stub),
    drafts: async (stub) => drafts(browser, await serve("drafts", stub), stub),
    lifecycle: async (stub) =>
      lifecycle(browser, await serve("lifecycle", stub), stubArguments, stub),
    menu: async (stub) => menu(browser, await serve("menu", stub), stub),
    actions: async () => {
      const stub = await Stub.start(["--reply", DOCUMENTED]);
      return actions(browser, await serve("actions", stub), stub);
    },
    trust: async (stub) => trust(browser, stub, tools),
    inside: async (stub) => inside(browser, ...(await serveInside(stub, tools))),
  };
  const failed: string[] = [];
  for (const [name, prepare] of Object.entries(suites)) {
    if (wanted.length === 0 || wanted.includes(name)) {
      failed.push(...(await runAll(name, await prepare(await Stub.start(stubArguments)))));
    }
  }
  await browser.close();
  if (process.env["UPDATE_PICTURES"] !== undefined) {
    for (const picture of PICTURES.filter((name) => fs.existsSync(path.join(ARTEFACTS, name)))) {
      fs.copyFileSync(path.join(ARTEFACTS, picture), path.join(EXTENSION, "media", picture));
    }
  }
  if (failed.length > 0) {
    throw new Error(`failed: ${failed.join("; ")}; pictures and logs are in ${ARTEFACTS}`);
  }
}

/** A server for the suite inside: the unpacked folder, a file of the user's and hostile settings. */
async function serveInside(stub: Stub, tools: string): Promise<[CodeServer, string]> {
  const report = path.join(ARTEFACTS, "inside.txt");
  const workspace = scratch("workspace");
  const settings = {
    "fimble.ollama.endpoint": "http://127.0.0.1:9",
    "fimble.completion.maxLineTokens": 48,
  };
  write(path.join(workspace, ".vscode/settings.json"), JSON.stringify(settings));
  const configuration = scratch("configuration");
  write(path.join(configuration, "fimble/config.toml"), "[ollama]\nnum_ctx = 8192\n");
  const server = await CodeServer.start({
    name: "inside",
    workspace,
    runsSuite: true,
    machineSettings: { "fimble.ollama.endpoint": stub.url },
    env: {
      UV_TOOL_BIN_DIR: tools,
      XDG_CONFIG_HOME: configuration,
      FIMBLE_E2E_STUB: stub.url,
      FIMBLE_E2E_REPORT: report,
    },
  });
  return [server, report];
}

/** Install the wheel as `uv tool install` does, into a folder of this run. */
function installWheel(): string {
  const folder = scratch("wheel");
  const options = {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"],
  };
  execFileSync(PYTHON, ["-m", "hatchling", "build", "-t", "wheel", "-d", folder], options);
  const [wheel] = fs.readdirSync(folder);
  const bin = path.join(folder, "bin");
  execFileSync("uv", ["tool", "install", "--quiet", path.join(folder, wheel ?? "")], {
    ...options,
    env: {
      ...process.env,
      UV_TOOL_DIR: path.join(folder, "tools"),
      UV_TOOL_BIN_DIR: bin,
      UV_PYTHON: PYTHON,
    },
  });
  return bin;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    endAll();
    process.exit(1);
  });
}

let code = 0;
try {
  await main();
} catch (error) {
  console.log(String(error instanceof Error ? error.message : error));
  code = 1;
} finally {
  endAll();
}
process.exit(code);
