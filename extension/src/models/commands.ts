/** Choosing a model and pulling one. */

import * as vscode from "vscode";
import { type FimbleCommand, fimbleOutput } from "../commands/cli.ts";
import { activeFolder } from "../terminal.ts";
import { isLoopback, pullModel } from "./modelServer.ts";

/** What the model server that is in force has: Ollama's, or another's. */
interface Listed {
  /** The section of the settings that names the model: "ollama" or "openai". */
  readonly engine: string;
  readonly endpoint: string;
  readonly configured: string;
  readonly models: readonly { readonly name: string }[];
}

/** Let the user choose among the models that are there, and keep the choice in the settings. */
export async function chooseModel(command: FimbleCommand): Promise<void> {
  const listed = await modelsOf(command);
  if (listed === undefined) {
    return;
  }
  const chosen = await pickedName(listed);
  if (chosen !== undefined) {
    await vscode.workspace
      .getConfiguration(`fimble.${listed.engine}`)
      .update("model", chosen, vscode.ConfigurationTarget.Global);
  }
}

/** Pull a model with progress; the one in the settings is proposed. */
export async function pull(command: FimbleCommand): Promise<void> {
  const listed = await modelsOf(command);
  if (listed === undefined) {
    return;
  }
  const { engine, endpoint, configured } = listed;
  if (engine !== "ollama") {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("The model server at {0} has the models that it was started with.", endpoint),
    );
    return;
  }
  if (!isLoopback(endpoint)) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        "The model server is not on this machine ({0}); pull the model there.",
        endpoint,
      ),
    );
    return;
  }
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t("Pull a model"),
    prompt: vscode.l10n.t("Ollama at {0} downloads it from its registry.", endpoint),
    value: configured,
  });
  if (name !== undefined && name.trim() !== "") {
    await pullWithProgress(endpoint, name.trim());
  }
}

async function pullWithProgress(endpoint: string, name: string): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t("Pulling {0}", name),
    cancellable: true,
  };
  await vscode.window.withProgress(options, async (progress, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    try {
      for await (const { status, share } of pullModel(endpoint, name, stop.signal)) {
        const percent = share === undefined ? "" : ` ${Math.floor(share * 100)} %`;
        progress.report({ message: `${status}${percent}` });
      }
      void vscode.window.showInformationMessage(vscode.l10n.t("{0} is there.", name));
    } catch (error) {
      if (!token.isCancellationRequested) {
        void vscode.window.showErrorMessage(
          vscode.l10n.t("{0} could not be pulled: {1}.", name, reason(error)),
        );
      }
    }
  });
}

/** Ask the command, which knows the server and may ask it; undefined, and told, where it cannot. */
async function modelsOf(command: FimbleCommand): Promise<Listed | undefined> {
  const args = ["models", "list", "--json"];
  const { stdout, stderr } = await fimbleOutput(command, args, activeFolder()?.fsPath);
  if (stdout !== "") {
    return JSON.parse(stdout) as Listed;
  }
  void vscode.window.showWarningMessage(stderr.trim().replace(/^fimble: /, ""));
  return undefined;
}

async function pickedName(listed: Listed): Promise<string | undefined> {
  const pull: vscode.QuickPickItem = { label: vscode.l10n.t("$(cloud-download) Pull a model…") };
  const items: vscode.QuickPickItem[] = listed.models.map(({ name }) => ({
    label: name,
    ...(name === listed.configured ? { description: vscode.l10n.t("in use") } : {}),
  }));
  const more = listed.engine === "ollama" ? [pull] : [];
  const chosen = await vscode.window.showQuickPick([...items, ...more], {
    title: vscode.l10n.t("Models of the server at {0}", listed.endpoint),
  });
  if (chosen === pull) {
    await vscode.commands.executeCommand("fimble.pullModel");
    return undefined;
  }
  return chosen?.label;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
