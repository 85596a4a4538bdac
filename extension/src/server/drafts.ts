/**
 * Drafts: what the server shows until the model has answered, and the question that follows them.
 *
 * The server tells of a draft just before the answer that is one; that answer is shown, and the
 * editor is made to ask again for the same place, which then waits for the model. Meanwhile the
 * draft stays on show, and what comes takes its place.
 *
 * The editor asks nobody twice for the same place unless a key is pressed for it, and then it keeps
 * what it has beside what comes. So somebody new is there to be asked after each draft: a provider
 * that passes one question on.
 */

import * as vscode from "vscode";
import { draftOf } from "./draftNotice.ts";

/** Whatever provider of this extension, the newest first. */
const PROVIDER = "fimble.fimble:*";

/** Until the editor has put on show what it was answered; an earlier question would cancel that. */
const SHOWN_MS = 30;

/** How long the editor, which waits a little before it asks, may take; it took 30 ms. */
const PATIENCE_MS = 1_000;

const TRIGGER = "editor.action.inlineSuggest.trigger";
const HIDE = "editor.action.inlineSuggest.hide";

type Provide = vscode.InlineCompletionItemProvider["provideInlineCompletionItems"];

/** Finds who asks the server about a document; undefined where nobody does. */
export type FindProvider = (
  document: vscode.TextDocument,
) => vscode.InlineCompletionItemProvider | undefined;

/** Asks again after drafts. */
export class DraftFollower implements vscode.Disposable {
  readonly #find: FindProvider;
  #told: string | undefined;
  #due: string | undefined;
  #newcomer: vscode.Disposable | undefined;

  constructor(find: FindProvider) {
    this.#find = find;
  }

  /** The server says that its next answer for a document is a draft. */
  told(params: unknown): void {
    this.#told = draftOf(params);
  }

  /** An answer for a document is about to be shown. */
  answered(document: vscode.TextDocument): void {
    const name = nameOf(document);
    if (this.#told === name) {
      this.#told = undefined;
      setTimeout(() => void this.#askAgain(document, name), SHOWN_MS);
    }
  }

  dispose(): void {
    this.#newcomer?.dispose();
  }

  async #askAgain(document: vscode.TextDocument, name: string): Promise<void> {
    if (!isCurrent(document, name)) {
      return;
    }
    this.#newcomer?.dispose();
    this.#newcomer = vscode.languages.registerInlineCompletionItemProvider(
      { scheme: document.uri.scheme, language: document.languageId },
      { provideInlineCompletionItems: this.#passOnce },
    );
    this.#due = name;
    await vscode.commands.executeCommand(TRIGGER, { explicit: false, providerId: PROVIDER });
    setTimeout(() => void this.#insist(document, name), PATIENCE_MS);
  }

  readonly #passOnce: Provide = (document, position, context, token) => {
    if (this.#due !== nameOf(document)) {
      return undefined;
    }
    this.#due = undefined;
    return this.#find(document)?.provideInlineCompletionItems(document, position, context, token);
  };

  /** Rather an empty place for a moment than a draft that stays for good. */
  async #insist(document: vscode.TextDocument, name: string): Promise<void> {
    if (this.#due === name && isCurrent(document, name)) {
      this.#due = undefined;
      await vscode.commands.executeCommand(HIDE);
      await vscode.commands.executeCommand(TRIGGER);
    }
  }
}

function isCurrent(document: vscode.TextDocument, name: string): boolean {
  return vscode.window.activeTextEditor?.document === document && nameOf(document) === name;
}

/** As the server names a state of a document. */
function nameOf(document: vscode.TextDocument): string {
  return `${document.version} ${document.uri.toString()}`;
}
