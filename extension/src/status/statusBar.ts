/** The item in the status bar: keeps what is known, and shows it when it changes. */

import * as vscode from "vscode";
import type { LoadTimes } from "./loading.ts";
import { type Knowledge, type Presentation, present, type Severity } from "./presentation.ts";

/** Requests that are answered sooner do not make the item flicker. */
const THINKING_AFTER_MS = 250;

const WHILE_LOADING_MS = 1_000;

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
  readonly #loadTimes: LoadTimes;
  #load: { readonly model: string; readonly begun: number } | undefined;
  #loadTimer: NodeJS.Timeout | undefined;

  constructor(ownVersion: string, loadTimes: LoadTimes) {
    this.#loadTimes = loadTimes;
    this.#known = {
      server: "starting",
      report: undefined,
      otherVersion: "",
      ownVersion,
      thinking: false,
      loading: undefined,
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
  learn(news: Partial<Omit<Knowledge, "thinking" | "loading" | "disabled">>): void {
    this.#known = { ...this.#known, ...news };
    this.#followLoad();
    this.refresh();
  }

  /** Note when a load begins, and how long it took when the model is there. */
  #followLoad(): void {
    const { report } = this.#known;
    const model = report?.state === "loading" ? report.model : undefined;
    if (model === this.#load?.model) {
      return;
    }
    if (this.#load !== undefined && report?.state === "ready") {
      this.#loadTimes.set(this.#load.model, Date.now() - this.#load.begun);
    }
    clearInterval(this.#loadTimer);
    this.#load = model === undefined ? undefined : { model, begun: Date.now() };
    this.#loadTimer =
      model === undefined ? undefined : setInterval(() => this.refresh(), WHILE_LOADING_MS);
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
    this.#known = { ...this.#known, loading: this.#loading(), disabled: switchedOff() };
    const shown = this.presentation;
    this.#item.text = `$(${shown.icon}) Fimble${shown.word === "" ? "" : `: ${shown.word}`}`;
    this.#item.accessibilityInformation = { label: shown.label, role: "button" };
    this.#item.tooltip = [shown.label, ...shown.sentences].join("\n");
    const background = BACKGROUNDS[shown.severity];
    this.#item.backgroundColor =
      background === undefined ? undefined : new vscode.ThemeColor(background);
  }

  #loading(): Knowledge["loading"] {
    if (this.#load === undefined) {
      return undefined;
    }
    const { model, begun } = this.#load;
    const bytes = this.#known.report?.bytes ?? 0;
    return { bytes, elapsedMs: Date.now() - begun, lastMs: this.#loadTimes.get(model) };
  }

  dispose(): void {
    clearTimeout(this.#thinkingTimer);
    clearInterval(this.#loadTimer);
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
