/**
 * Pulls models into an Ollama on this machine, for the command that asks for it.
 *
 * Only a loopback address is talked to: which others may be is the server's decision
 * (`ollama.allowed_remote_hosts`), and a second opinion about it would be one too many.
 */

import http from "node:http";

const LONGEST_LINE = 1 << 20;

/** How far a pull is. */
export interface PullProgress {
  readonly status: string;
  /** From 0 to 1 within the layer that is being read; undefined where it is not known. */
  readonly share: number | undefined;
}

/** Whether an address names this machine by a literal loopback address or "localhost". */
export function isLoopback(endpoint: string): boolean {
  try {
    const { protocol, hostname } = new URL(endpoint);
    const local = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
    return protocol === "http:" && local;
  } catch {
    return false;
  }
}

/** Pull a model; raises with the server's own sentence when it fails. */
export async function* pullModel(
  endpoint: string,
  model: string,
  signal: AbortSignal,
): AsyncGenerator<PullProgress> {
  const request = JSON.stringify({ model, stream: true });
  let succeeded = false;
  for await (const line of lines(endpoint, "POST", "/api/pull", request, signal)) {
    const { status, error, total, completed } = JSON.parse(line) as Record<string, unknown>;
    if (typeof error === "string") {
      throw new Error(error);
    }
    succeeded = status === "success";
    const share =
      typeof total === "number" && typeof completed === "number" && total > 0
        ? completed / total
        : undefined;
    yield { status: typeof status === "string" ? status : "", share };
  }
  if (!succeeded) {
    throw new Error("the model server ended the pull before it was complete");
  }
}

async function* lines(
  endpoint: string,
  method: "GET" | "POST",
  path: string,
  body: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const response = await respond(new URL(path, endpoint), method, body, signal);
  let rest = "";
  for await (const portion of response.setEncoding("utf8")) {
    const pieces = (rest + String(portion)).split("\n");
    rest = pieces.pop() ?? "";
    if (rest.length > LONGEST_LINE) {
      throw new Error("the model server sent a line without an end");
    }
    yield* pieces.filter((piece) => piece.trim() !== "");
  }
  if (rest.trim() !== "") {
    yield rest;
  }
}

function respond(
  url: URL,
  method: string,
  body: string | undefined,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const request = http.request(url, { method, headers, signal }, resolve);
    request.on("error", reject);
    request.end(body);
  });
}
