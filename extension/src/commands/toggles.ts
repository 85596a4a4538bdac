/** Completions on and off, everywhere or for the language of the active editor. */

import * as vscode from "vscode";

const SECTION = "fimble.completion";

/** Switch completions in the user's settings. */
export async function toggle(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  const enabled = configuration.get("enabled", true);
  await configuration.update("enabled", !enabled, vscode.ConfigurationTarget.Global);
}

/** Switch completions for the active editor's language in the user's settings. */
export async function toggleLanguage(): Promise<void> {
  const language = vscode.window.activeTextEditor?.document.languageId;
  if (language === undefined) {
    return;
  }
  const configuration = vscode.workspace.getConfiguration(SECTION);
  const disabled = configuration.get<readonly string[]>("disabledLanguages", []);
  const changed = disabled.includes(language)
    ? disabled.filter((other) => other !== language)
    : [...disabled, language];
  await configuration.update(
    "disabledLanguages",
    changed.length === 0 ? undefined : changed,
    vscode.ConfigurationTarget.Global,
  );
}
