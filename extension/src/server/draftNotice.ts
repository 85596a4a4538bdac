/** What server and editor say of drafts; `drafts.ts` acts on it. */

export const DRAFT_METHOD = "fimble/draft";

/** What `initialize` says of a client that asks again. */
export const DRAFTS_CAPABILITY = { fimble: { drafts: true } } as const;

/** The first editor that this was tried with; older ones keep a draft beside the model's text. */
const FIRST_MINOR = 139;

/** Whether an editor of this version takes another answer for a place in exchange for the first. */
export function exchangesDrafts(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 1 || (major === 1 && minor >= FIRST_MINOR);
}

/** The document and version that a notification of the server names; undefined for anything else. */
export function draftOf(params: unknown): string | undefined {
  const document = (params as { textDocument?: { uri?: unknown; version?: unknown } } | undefined)
    ?.textDocument;
  return typeof document?.uri === "string" && typeof document.version === "number"
    ? `${document.version} ${document.uri}`
    : undefined;
}
