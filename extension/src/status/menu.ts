/** What the status bar's item opens: the state in words, and what can be done about it. */

import * as vscode from "vscode";
import type { Presentation } from "./presentation.ts";

interface Entry extends vscode.QuickPickItem {
  readonly command?: string;
}

/** Show the menu and run what was chosen. */
export async function showMenu(shown: Presentation, missing: boolean): Promise<void> {
  const chosen = await vscode.window.showQuickPick(missing ? whenMissing() : whenThere(), {
    title: shown.label,
    placeHolder: shown.sentences.join(" "),
    matchOnDescription: true,
  });
  if (chosen?.command !== undefined) {
    await vscode.commands.executeCommand(chosen.command);
  }
}

function whenMissing(): Entry[] {
  const { t } = vscode.l10n;
  return [
    { label: t("$(terminal) Install the server"), command: "fimble.install" },
    { label: t("$(refresh) Look for the server again"), command: "fimble.restart" },
    { label: t("$(book) First steps"), command: "fimble.openWalkthrough" },
  ];
}

function whenThere(): Entry[] {
  const { t } = vscode.l10n;
  const language = vscode.window.activeTextEditor?.document.languageId;
  const separator: Entry = { label: "", kind: vscode.QuickPickItemKind.Separator };
  return [
    { label: t("$(circle-slash) Switch completions on or off"), command: "fimble.toggle" },
    ...(language === undefined
      ? []
      : [
          {
            label: t("$(code) Switch completions on or off for {0}", language),
            command: "fimble.toggleLanguage",
          },
        ]),
    { label: t("$(comment-discussion) Open the chat"), command: "fimble.openChat" },
    separator,
    { label: t("$(server) Choose a model"), command: "fimble.chooseModel" },
    { label: t("$(cloud-download) Pull a model"), command: "fimble.pullModel" },
    { label: t("$(shield) Review the workspace's prompts"), command: "fimble.trustPrompts" },
    separator,
    { label: t("$(eye) Show the prompt for the cursor's place"), command: "fimble.showPrompt" },
    { label: t("$(question) Why this suggestion, or none?"), command: "fimble.showWhy" },
    { label: t("$(pulse) Look what is wrong (doctor)"), command: "fimble.doctor" },
    { label: t("$(output) Show the log"), command: "fimble.showLog" },
    { label: t("$(refresh) Restart the server"), command: "fimble.restart" },
  ];
}
