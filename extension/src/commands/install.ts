/** What is offered where the server cannot be found. */

import * as vscode from "vscode";

export const INSTALL_COMMAND = "uv tool install fimble";

const WALKTHROUGH = "fimble.fimble#fimble.start";

/** Tell once how to install the server, and take the user there. */
export async function offerInstallation(wrongSetting: string): Promise<void> {
  const { t } = vscode.l10n;
  const [install, choose, steps] = [t("Install in Terminal"), t("Set Path"), t("Show Steps")];
  const answer = await (wrongSetting === ""
    ? vscode.window.showWarningMessage(
        t("Fimble needs its server, the command `fimble`. Install it with: {0}", INSTALL_COMMAND),
        install,
        choose,
        steps,
      )
    : vscode.window.showWarningMessage(
        t(
          "`fimble.server.path` must be the full path of an executable; {0} is none.",
          wrongSetting,
        ),
        choose,
      ));
  if (answer === install) {
    installInTerminal();
  } else if (answer === choose) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "fimble.server.path");
  } else if (answer === steps) {
    await openWalkthrough();
  }
}

/** Type the command into a terminal; pressing Enter is left to the user. */
export function installInTerminal(): void {
  const terminal = vscode.window.createTerminal({ name: "Fimble" });
  terminal.show();
  terminal.sendText(INSTALL_COMMAND, false);
}

/** Open the walkthrough of the first start. */
export async function openWalkthrough(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", WALKTHROUGH, false);
}
