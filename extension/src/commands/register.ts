/** The extension's commands, by name; package.json declares the same ones (a test compares). */

import * as vscode from "vscode";
import { chooseModel, pull } from "../models/commands.ts";
import type { ServerSession } from "../server/session.ts";
import { showMenu } from "../status/menu.ts";
import type { StatusBar } from "../status/statusBar.ts";
import { activeFolder, runCommand } from "../terminal.ts";
import { openChat } from "./chat.ts";
import { installInTerminal, openWalkthrough } from "./install.ts";
import { showForCursor, TextView } from "./promptView.ts";
import { runServerAction, SERVER_ACTIONS } from "./serverActions.ts";
import { registerSuggestionCommands } from "./suggestions.ts";
import { toggle, toggleLanguage } from "./toggles.ts";

type Action = () => unknown;

/** Register everything; what is returned takes it back. */
export function registerCommands(
  session: ServerSession,
  status: StatusBar,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const texts = new TextView();
  const withServer = (action: (file: string) => unknown): Action => {
    return () => (session.file === undefined ? session.start() : action(session.file));
  };
  const actions: Record<string, Action> = {
    "fimble.toggle": toggle,
    "fimble.toggleLanguage": toggleLanguage,
    "fimble.openChat": withServer(openChat),
    "fimble.showPrompt": withServer((file) => showForCursor(file, "prompt", texts)),
    "fimble.showWhy": withServer((file) => showForCursor(file, "why", texts)),
    "fimble.chooseModel": withServer(chooseModel),
    "fimble.pullModel": withServer(pull),
    "fimble.doctor": withServer((file) => runInTerminal(file, "doctor")),
    "fimble.trustPrompts": withServer((file) => runInTerminal(file, "trust")),
    "fimble.restart": () => session.restart(),
    "fimble.showLog": () => log.show(),
    "fimble.showMenu": () => showMenu(status.presentation, session.file === undefined),
    "fimble.install": installInTerminal,
    "fimble.openWalkthrough": openWalkthrough,
  };
  for (const [ours, servers] of Object.entries(SERVER_ACTIONS)) {
    actions[ours] = () => runServerAction(session.client, servers);
  }
  return [
    texts,
    ...registerSuggestionCommands(),
    ...Object.entries(actions).map(([name, run]) => vscode.commands.registerCommand(name, run)),
  ];
}

function runInTerminal(file: string, command: "doctor" | "trust"): void {
  runCommand(`Fimble ${command}`, file, [command], activeFolder());
}
