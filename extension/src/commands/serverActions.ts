/**
 * Explain, fix, document, test, edit: done by the server, offered where the server offers them.
 *
 * Each is an LSP command of the server (`workspace/executeCommand`) with one argument, the
 * `SelectionArgument`. The server streams its progress and applies the edit itself. A server
 * without the command hides the entry: palette and menus ask a context key.
 */

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

/** The extension's command, and the server's. */
export const SERVER_ACTIONS: Readonly<Record<string, string>> = {
  "fimble.explainSelection": "fimble.explain",
  "fimble.fixSelection": "fimble.fix",
  "fimble.documentSelection": "fimble.document",
  "fimble.testSelection": "fimble.test",
  "fimble.editSelection": "fimble.edit",
};

/** What the server's commands get; positions as LSP counts them. */
interface SelectionArgument {
  readonly uri: string;
  readonly version: number;
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
  /** Only of `fimble.edit`: what to do, in the user's words. */
  readonly instruction?: string;
  /** Only of `fimble.fix`: what is reported there. */
  readonly diagnostics?: readonly unknown[];
}

/** Show exactly those entries whose command the server has now. */
export async function followOffers(): Promise<void> {
  // The language client makes a command of each that the server offers, now or later.
  const known = new Set(await vscode.commands.getCommands(true));
  for (const action of Object.values(SERVER_ACTIONS)) {
    await vscode.commands.executeCommand(
      "setContext",
      action.replace("fimble.", "fimble.offers."),
      known.has(action),
    );
  }
}

/** Have the server act on the selection of the active editor. */
export async function runServerAction(
  client: LanguageClient | undefined,
  action: string,
): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (client === undefined || editor === undefined) {
    return;
  }
  if (!(await isOffered(action))) {
    return;
  }
  const { document, selection } = editor;
  const argument: SelectionArgument = {
    uri: client.code2ProtocolConverter.asUri(document.uri),
    version: document.version,
    range: client.code2ProtocolConverter.asRange(selection),
  };
  if (action === "fimble.fix") {
    const reported = reportedAt(document, selection);
    const diagnostics = await client.code2ProtocolConverter.asDiagnostics(reported);
    await vscode.commands.executeCommand(action, { ...argument, diagnostics });
    return;
  }
  if (action !== "fimble.edit") {
    await vscode.commands.executeCommand(action, argument);
    return;
  }
  const instruction = await vscode.window.showInputBox({
    title: vscode.l10n.t("Edit with Fimble"),
    prompt: vscode.l10n.t("What should change in the selection?"),
  });
  if (instruction !== undefined && instruction.trim() !== "") {
    await vscode.commands.executeCommand(action, { ...argument, instruction });
  }
}

/** Run a command of the server that needs nothing of the editor. */
export async function runServerCommand(command: string): Promise<void> {
  if (await isOffered(command)) {
    await vscode.commands.executeCommand(command);
  }
}

/** Whether the server offers a command; if not, the user is told. */
async function isOffered(command: string): Promise<boolean> {
  if ((await vscode.commands.getCommands(true)).includes(command)) {
    return true;
  }
  void vscode.window.showInformationMessage(
    vscode.l10n.t("This version of Fimble's server does not offer that."),
  );
  return false;
}

/** What other tools report in a selection, or in the cursor's line. */
function reportedAt(
  document: vscode.TextDocument,
  selection: vscode.Selection,
): vscode.Diagnostic[] {
  const place = selection.isEmpty ? document.lineAt(selection.active.line).range : selection;
  const all = vscode.languages.getDiagnostics(document.uri);
  return all.filter(({ range }) => range.intersection(place) !== undefined);
}
