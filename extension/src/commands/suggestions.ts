/** Commands about ghost text: the editor's own, under names that can be found and bound. */

import * as vscode from "vscode";

const EDITOR_COMMANDS: Readonly<Record<string, string>> = {
  "fimble.trigger": "editor.action.inlineSuggest.trigger",
  "fimble.acceptWord": "editor.action.inlineSuggest.acceptNextWord",
  "fimble.acceptLine": "editor.action.inlineSuggest.acceptNextLine",
  "fimble.nextSuggestion": "editor.action.inlineSuggest.showNext",
  "fimble.previousSuggestion": "editor.action.inlineSuggest.showPrevious",
};

/** Register them. */
export function registerSuggestionCommands(): vscode.Disposable[] {
  return Object.entries(EDITOR_COMMANDS).map(([ours, editors]) =>
    vscode.commands.registerCommand(ours, () => vscode.commands.executeCommand(editors)),
  );
}
