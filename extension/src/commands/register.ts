/** The extension's commands, by name; package.json declares the same ones (a test compares). */

import * as vscode from "vscode";
import { chooseModel, pull } from "../models/commands.ts";
import type { ServerSession } from "../server/session.ts";
import { showMenu } from "../status/menu.ts";
import type { StatusBar } from "../status/statusBar.ts";
import { activeFolder, runCommand } from "../terminal.ts";
import { openChat } from "./chat.ts";
import type { FimbleCommand } from "./cli.ts";
import { installInTerminal, openWalkthrough } from "./install.ts";
import { showPrompt, TextView } from "./promptView.ts";
import { runServerAction, runServerCommand, SERVER_ACTIONS } from "./serverActions.ts";
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
  const withServer = (action: (command: FimbleCommand) => unknown): Action => {
    return () => (session.command === undefined ? session.start() : action(session.command));
  };
  const actions: Record<string, Action> = {
    "fimble.toggle": toggle,
    "fimble.toggleLanguage": toggleLanguage,
    "fimble.openChat": withServer(openChat),
    "fimble.showPrompt": withServer((command) => showPrompt(command, texts)),
    "fimble.showWhy": () => runServerCommand("fimble.why"),
    "fimble.chooseModel": withServer(chooseModel),
    "fimble.pullModel": withServer(pull),
    "fimble.doctor": withServer((command) => runInTerminal(command, "doctor")),
    "fimble.trustPrompts": withServer((command) => runInTerminal(command, "trust")),
    "fimble.restart": () => session.restart(),
    "fimble.showLog": () => log.show(),
    "fimble.showMenu": () => showMenu(status.presentation, session.command === undefined),
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

function runInTerminal(command: FimbleCommand, verb: "doctor" | "trust"): void {
  runCommand(`Fimble ${verb}`, command, [verb], activeFolder());
}
