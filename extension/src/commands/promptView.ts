/** What the model would be sent for the cursor's place. */

import * as vscode from "vscode";
import { activeFolder } from "../terminal.ts";
import { type FimbleCommand, fimbleOutput } from "./cli.ts";

const SCHEME = "fimble-text";

/** Shows read-only texts that commands made. */
export class TextView implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registration: vscode.Disposable;
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? "";
  }

  /** Show a text beside the active editor; one with the same title is replaced. */
  async show(title: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}` });
    this.#texts.set(uri.path, text);
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
      preview: true,
    });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

/** Ask the command line about the cursor's place, as saved, and show the answer. */
export async function showPrompt(command: FimbleCommand, texts: TextView): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || editor.document.uri.scheme !== "file") {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("Put the cursor where a completion would be, in a file on disk."),
    );
    return;
  }
  if (editor.document.isDirty && !(await savedNow(editor.document))) {
    return;
  }
  const place = placeOf(editor);
  const answer = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Fimble: asking") },
    () => fimbleOutput(command, ["complete", place, "--show-prompt"], activeFolder()?.fsPath),
  );
  const text = [answer.stdout, answer.stderr].filter((part) => part !== "").join("\n");
  await texts.show(vscode.l10n.t("Fimble prompt"), text);
}

async function savedNow(document: vscode.TextDocument): Promise<boolean> {
  const save = vscode.l10n.t("Save and Show");
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t("The prompt is made from the file as it is on disk, and yours has changes."),
    save,
  );
  return answer === save && (await document.save());
}

/** FILE:LINE:COLUMN, counted from 1; columns in characters, where the editor counts UTF-16. */
function placeOf({ document, selection }: vscode.TextEditor): string {
  const { line, character } = selection.active;
  const column = [...document.lineAt(line).text.slice(0, character)].length + 1;
  return `${document.uri.fsPath}:${line + 1}:${column}`;
}
