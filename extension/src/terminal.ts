/** `fimble` in a terminal: the executable is started with a list of arguments, never quoted. */

import * as vscode from "vscode";
import { type FimbleCommand, settingsVariable } from "./commands/cli.ts";

/** Open a terminal that is the command, and closes with it: for the chat. */
export function openCommand(
  name: string,
  command: FimbleCommand,
  args: readonly string[],
  cwd: vscode.Uri | undefined,
): vscode.Terminal {
  const env = settingsVariable(command);
  return show({ name, shellPath: command.file, shellArgs: [...args], env }, cwd);
}

/** Run a command in a terminal that stays open behind it, with a shell: for what is read after. */
export function runCommand(
  name: string,
  command: FimbleCommand,
  args: readonly string[],
  cwd: vscode.Uri | undefined,
): vscode.Terminal {
  const { file } = command;
  const windows = process.platform === "win32";
  // A POSIX shell gets file and arguments as its own parameters: nothing of them is parsed.
  const options = windows
    ? { shellPath: "cmd.exe", shellArgs: ["/d", "/k", file, ...args] }
    : {
        shellPath: "/bin/sh",
        shellArgs: ["-c", '"$0" "$@"; exec "$SHELL"', file, ...args],
      };
  return show({ name, ...options, env: settingsVariable(command) }, cwd);
}

function show(options: vscode.TerminalOptions, cwd: vscode.Uri | undefined): vscode.Terminal {
  const terminal = vscode.window.createTerminal({
    ...options,
    ...(cwd === undefined ? {} : { cwd }),
    iconPath: new vscode.ThemeIcon("sparkle"),
  });
  terminal.show();
  return terminal;
}

/** The folder in which commands about the active file run. */
export function activeFolder(): vscode.Uri | undefined {
  const active = vscode.window.activeTextEditor?.document.uri;
  const folder = active === undefined ? undefined : vscode.workspace.getWorkspaceFolder(active);
  return folder?.uri ?? vscode.workspace.workspaceFolders?.[0]?.uri;
}
