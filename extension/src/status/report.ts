/** `fimble/status`: what the server says of itself (lsp/fimble_lsp/features/status.py). */

export const STATUS_METHOD = "fimble/status";

export const STATES = [
  "starting",
  "ready",
  "loading",
  "offline",
  "failing",
  "embedded",
  "off",
] as const;

export type ServerState = (typeof STATES)[number];

export interface Report {
  readonly state: ServerState;
  /** What answers completions now; empty when nothing does. */
  readonly engine: string;
  readonly model: string;
  /** A sentence for people when something wants their attention, else empty. */
  readonly message: string;
  /** While "loading" the size of the model, 0 where it is not known. */
  readonly bytes: number;
}

/** Read the notification's parameters; a state that this version does not know counts as failing. */
export function readReport(params: unknown): Report {
  const given = (typeof params === "object" && params !== null ? params : {}) as Record<
    string,
    unknown
  >;
  const text = (name: string): string =>
    typeof given[name] === "string" ? (given[name] as string) : "";
  const state = STATES.find((known) => known === given["state"]) ?? "failing";
  const bytes = typeof given["bytes"] === "number" ? given["bytes"] : 0;
  return { state, engine: text("engine"), model: text("model"), message: text("message"), bytes };
}
