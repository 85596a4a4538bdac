/**
 * What pure modules need of `vscode.l10n.t`: English sentences in, the user's language out.
 *
 * They take it as a parameter so that they can be tested without an editor.
 */
export type Translate = (message: string, ...values: (string | number)[]) => string;
