/** Choosing a model and pulling one. */

import * as vscode from "vscode";
import { type FimbleCommand, fimbleOutput } from "../commands/cli.ts";
import { activeFolder } from "../terminal.ts";
import { isLoopback, listModels, pullModel } from "./modelServer.ts";

/** What is in force for the active file's workspace. */
interface InForce {
  readonly endpoint: string;
  readonly model: string;
}

/** Let the user choose among the models that are there, and keep the choice in the settings. */
export async function chooseModel(command: FimbleCommand): Promise<void> {
  const { endpoint, model } = await inForce(command);
  const names = await localModels(endpoint);
  const chosen =
    names === undefined ? await typedName(model) : await pickedName(names, model, endpoint);
  if (chosen !== undefined) {
    await vscode.workspace
      .getConfiguration("fimble.ollama")
      .update("model", chosen, vscode.ConfigurationTarget.Global);
  }
}

/** Pull a model with progress; the one in the settings is proposed. */
export async function pull(command: FimbleCommand): Promise<void> {
  const { endpoint, model } = await inForce(command);
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
    value: model,
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

async function inForce(command: FimbleCommand): Promise<InForce> {
  const { stdout } = await fimbleOutput(command, ["config", "--json"], activeFolder()?.fsPath);
  const { settings } = JSON.parse(stdout) as { settings: Record<string, { value: unknown }> };
  const value = (key: string): string => String(settings[`ollama.${key}`]?.value);
  return { endpoint: value("endpoint"), model: value("model") };
}

/** The models of a server on this machine; undefined where they cannot be asked for. */
async function localModels(endpoint: string): Promise<string[] | undefined> {
  if (!isLoopback(endpoint)) {
    return undefined;
  }
  try {
    return await listModels(endpoint);
  } catch (error) {
    void vscode.window.showWarningMessage(
      vscode.l10n.t("Ollama does not answer at {0}: {1}.", endpoint, reason(error)),
    );
    return undefined;
  }
}

async function pickedName(
  names: readonly string[],
  current: string,
  endpoint: string,
): Promise<string | undefined> {
  const pull: vscode.QuickPickItem = { label: vscode.l10n.t("$(cloud-download) Pull a model…") };
  const items: vscode.QuickPickItem[] = names.map((name) => ({
    label: name,
    ...(name === current ? { description: vscode.l10n.t("in use") } : {}),
  }));
  const chosen = await vscode.window.showQuickPick([...items, pull], {
    title: vscode.l10n.t("Models of Ollama at {0}", endpoint),
  });
  if (chosen === pull) {
    await vscode.commands.executeCommand("fimble.pullModel");
    return undefined;
  }
  return chosen?.label;
}

function typedName(current: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t("Choose a model"),
    prompt: vscode.l10n.t("The name as `ollama list` shows it."),
    value: current,
  });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
