/** The extension: joins server, status bar and commands; every decision is made elsewhere. */

import * as vscode from "vscode";
import { offerInstallation } from "./commands/install.ts";
import { registerCommands } from "./commands/register.ts";
import { followOffers } from "./commands/serverActions.ts";
import { ServerSession } from "./server/session.ts";
import type { LoadTimes } from "./status/loading.ts";
import { StatusBar } from "./status/statusBar.ts";

let session: ServerSession | undefined;

/** Called by the editor once, after it has started. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const manifest: unknown = context.extension.packageJSON;
  const version = String((manifest as { version: unknown }).version);
  const log = vscode.window.createOutputChannel("Fimble", { log: true });
  const status = new StatusBar(version, loadTimes(context.globalState));
  const offerOnce = once((wrongSetting: string) => void offerInstallation(wrongSetting));
  session = new ServerSession(manifest, log, {
    missing: (wrongSetting) => {
      status.learn({ server: "missing", report: undefined });
      offerOnce(wrongSetting);
    },
    starting: () => status.learn({ server: "starting", report: undefined }),
    running: (theirs) => {
      const otherVersion = theirs === version ? "" : theirs || vscode.l10n.t("unknown");
      status.learn({ server: "running", otherVersion });
    },
    stopped: () => status.learn({ server: "stopped", report: undefined }),
    gaveUp: () => void tellOfCrashes(log),
    report: (report) => status.learn({ report }),
    asking: (change) => status.asking(change),
    abilitiesChanged: () => void followOffers(),
  });
  context.subscriptions.push(log, status, session, ...registerCommands(session, status, log));
  await session.start();
}

/** How long loads took here, kept by the editor. */
function loadTimes(memory: vscode.Memento): LoadTimes {
  const key = (model: string): string => `load.${model}`;
  return {
    get: (model) => memory.get<number>(key(model)),
    set: (model, milliseconds) => void memory.update(key(model), milliseconds),
  };
}

/** Called by the editor before it ends: the server ends in order. */
export async function deactivate(): Promise<void> {
  await session?.stop();
}

async function tellOfCrashes(log: vscode.LogOutputChannel): Promise<void> {
  const [show, restart] = [vscode.l10n.t("Show Log"), vscode.l10n.t("Restart")];
  const answer = await vscode.window.showErrorMessage(
    vscode.l10n.t("Fimble's server ended six times within three minutes and stays stopped."),
    show,
    restart,
  );
  if (answer === show) {
    log.show();
  } else if (answer === restart) {
    await vscode.commands.executeCommand("fimble.restart");
  }
}

/** Return a function that acts on its first call for each argument only. */
function once<T>(action: (argument: T) => void): (argument: T) => void {
  const seen = new Set<T>();
  return (argument) => {
    if (!seen.has(argument)) {
      seen.add(argument);
      action(argument);
    }
  };
}
