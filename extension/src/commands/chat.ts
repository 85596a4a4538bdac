/** The chat in a terminal, with what is selected already mentioned. */

import * as vscode from "vscode";
import { activeFolder, openCommand } from "../terminal.ts";
import type { FimbleCommand } from "./cli.ts";
import { mention, selectedLines } from "./mention.ts";

const NAME = "Fimble Chat";

/** Open the chat, or go to the one that is open, and type `@file:lines` of the active editor. */
export function openChat(command: FimbleCommand): void {
  const folder = activeFolder();
  const typed = mentionOf(vscode.window.activeTextEditor, folder);
  const open = vscode.window.terminals.find(
    (terminal) => terminal.name === NAME && terminal.exitStatus === undefined,
  );
  if (open === undefined) {
    // What is typed while the chat starts is dropped: it takes the text as an argument.
    openCommand(NAME, command, ["chat", ...(typed === "" ? [] : [`--draft=${typed} `])], folder);
    return;
  }
  open.show();
  if (typed !== "") {
    open.sendText(`${typed} `, false);
  }
}

function mentionOf(editor: vscode.TextEditor | undefined, folder: vscode.Uri | undefined): string {
  const uri = editor?.document.uri;
  if (editor === undefined || uri?.scheme !== "file" || folder === undefined) {
    return "";
  }
  if (vscode.workspace.getWorkspaceFolder(uri)?.uri.toString() !== folder.toString()) {
    return "";
  }
  const relative = uri.path.slice(folder.path.length).replace(/^\/+/, "");
  const { start, end } = editor.selection;
  return mention({ file: relative, lines: selectedLines(start, end) });
}
