/** `vscode.l10n.t` where there is no editor: English, with its places filled in. */

import type { Translate } from "../../src/translate.ts";

export const english: Translate = (message, ...values) =>
  message.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)]));
