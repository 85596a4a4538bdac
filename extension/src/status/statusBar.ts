/** The item in the status bar: keeps what is known, and shows it when it changes. */

import * as vscode from "vscode";
import { type Knowledge, type Presentation, present, type Severity } from "./presentation.ts";

/** Requests that are answered sooner do not make the item flicker. */
const THINKING_AFTER_MS = 250;

const BACKGROUNDS: Readonly<Record<Severity, string | undefined>> = {
  normal: undefined,
  warning: "statusBarItem.warningBackground",
  error: "statusBarItem.errorBackground",
};

/** Shows one item, whose click opens the menu. */
export class StatusBar implements vscode.Disposable {
  readonly #item: vscode.StatusBarItem;
  readonly #subscriptions: vscode.Disposable[] = [];
  #known: Knowledge;
  #asking = 0;
  #thinkingTimer: NodeJS.Timeout | undefined;

  constructor(ownVersion: string) {
    this.#known = {
      server: "starting",
      report: undefined,
      otherVersion: "",
      ownVersion,
      thinking: false,
      disabled: undefined,
    };
    this.#item = vscode.window.createStatusBarItem(
      "fimble.status",
      vscode.StatusBarAlignment.Right,
      100,
    );
    this.#item.name = "Fimble";
    this.#item.command = "fimble.showMenu";
    this.#subscriptions.push(
      this.#item,
      vscode.window.onDidChangeActiveTextEditor(() => this.refresh()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("fimble.completion")) {
          this.refresh();
        }
      }),
    );
    this.refresh();
    this.#item.show();
  }

  /** What is shown now. */
  get presentation(): Presentation {
    return present(this.#known, vscode.l10n.t);
  }

  /** Take news. */
  learn(news: Partial<Omit<Knowledge, "thinking" | "disabled">>): void {
    this.#known = { ...this.#known, ...news };
    this.refresh();
  }

  /** Count requests under way; a server that dies has its requests fail, which ends them too. */
  asking(change: 1 | -1): void {
    this.#asking = Math.max(0, this.#asking + change);
    if (this.#asking === 0) {
      clearTimeout(this.#thinkingTimer);
      this.#thinkingTimer = undefined;
      this.#think(false);
    } else {
      this.#thinkingTimer ??= setTimeout(() => this.#think(true), THINKING_AFTER_MS);
    }
  }

  /** Show what is known now. */
  refresh(): void {
    this.#known = { ...this.#known, disabled: switchedOff() };
    const shown = this.presentation;
    this.#item.text = `$(${shown.icon}) Fimble${shown.word === "" ? "" : `: ${shown.word}`}`;
    this.#item.accessibilityInformation = { label: shown.label, role: "button" };
    this.#item.tooltip = [shown.label, ...shown.sentences].join("\n");
    const background = BACKGROUNDS[shown.severity];
    this.#item.backgroundColor =
      background === undefined ? undefined : new vscode.ThemeColor(background);
  }

  dispose(): void {
    clearTimeout(this.#thinkingTimer);
    for (const subscription of this.#subscriptions) {
      subscription.dispose();
    }
  }

  #think(thinking: boolean): void {
    if (this.#known.thinking !== thinking) {
      this.#known = { ...this.#known, thinking };
      this.refresh();
    }
  }
}

function switchedOff(): Knowledge["disabled"] {
  const configuration = vscode.workspace.getConfiguration("fimble.completion");
  if (!configuration.get("enabled", true)) {
    return "everywhere";
  }
  const language = vscode.window.activeTextEditor?.document.languageId;
  const disabled = configuration.get<readonly string[]>("disabledLanguages", []);
  return language !== undefined && disabled.includes(language) ? "language" : undefined;
}
