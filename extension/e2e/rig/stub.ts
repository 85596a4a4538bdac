/** The stub Ollama of tests/support, in a process of its own. */

import type { ChildProcess } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { PYTHON, ROOT } from "./places.ts";
import { end, start, until } from "./processes.ts";

/** One request as the stub saw it; times in seconds of the system-wide monotonic clock. */
export interface StubRequest {
  readonly number: number;
  readonly path: string;
  readonly outcome: string;
  readonly prompt: string;
  readonly body: { readonly model?: string; readonly options?: { readonly num_ctx?: number } };
  readonly received_at: number;
  readonly first_token_at: number | null;
  readonly generated_text: string;
}

/** A running stub. */
export class Stub {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Start one; `port` 0 takes a free one. */
  static async start(args: readonly string[], port = 0): Promise<Stub> {
    const child = start(PYTHON, ["-m", "support.stub_ollama", "--port", String(port), ...args], {
      cwd: ROOT,
      env: { ...process.env, PYTHONPATH: path.join(ROOT, "tests") },
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (child.stdout === null) {
      throw new Error("the stub has no standard output");
    }
    for await (const line of createInterface(child.stdout)) {
      return new Stub(line.trim(), child);
    }
    throw new Error("the stub ended before it said its address");
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Everything that was asked so far. */
  async requests(): Promise<StubRequest[]> {
    const response = await fetch(`${this.url}/_stub/requests`);
    return ((await response.json()) as { requests: StubRequest[] }).requests;
  }

  /** The requests for text. */
  async generations(): Promise<StubRequest[]> {
    const all = await this.requests();
    return all.filter(
      ({ path: at, prompt }) => prompt !== "" && (at === "/api/generate" || at === "/api/chat"),
    );
  }

  /** Wait for a request for text that is as wanted. */
  async generation(what: string, wanted: (request: StubRequest) => boolean): Promise<StubRequest> {
    return await until(what, async () => (await this.generations()).findLast(wanted));
  }

  /** Let the next generation say one token, and no more until it is given up. */
  async hangAfterOneToken(): Promise<void> {
    await fetch(`${this.url}/_stub/hang`, { method: "POST" });
  }

  stop(): void {
    end(this.#child);
  }
}
