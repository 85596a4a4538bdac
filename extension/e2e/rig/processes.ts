/** Processes that the rig starts: each is ended by its pid, with its children, when a run is over. */

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import fs from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const POLL_MS = 25;
const LONGEST_WAIT_MS = 60_000;

const started: ChildProcess[] = [];

/** Start a process that `endAll` ends. */
export function start(command: string, args: string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, options);
  started.push(child);
  return child;
}

/** Run a command to its end; raises with its output when it fails. */
export async function run(command: string, args: string[], options: SpawnOptions): Promise<string> {
  const child = start(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout?.on("data", (data) => (output += data));
  child.stderr?.on("data", (data) => (output += data));
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`);
  }
  return output;
}

/** Wait until `look` finds something: an event of another process, which cannot call us. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  longestMs: number = LONGEST_WAIT_MS,
): Promise<NonNullable<T>> {
  const end = performance.now() + longestMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) {
      return found as NonNullable<T>;
    }
    if (performance.now() > end) {
      throw new Error(`waited ${longestMs} ms for: ${what}`);
    }
    await pause(POLL_MS);
  }
}

/** The processes below a process, itself not included, from Linux's /proc. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of fs.readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const below = (parent: number): number[] =>
    [...parents].filter(([, its]) => its === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

/** The language servers below a process: their pids. */
export function languageServers(pid: number): number[] {
  return descendants(pid).filter((child) => {
    try {
      const words = fs.readFileSync(`/proc/${child}/cmdline`, "utf8").split("\0");
      return words.includes("lsp") && words.some((word) => word.includes("fimble"));
    } catch {
      return false;
    }
  });
}

/** End a process and all below it. */
export function end(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) {
    return;
  }
  for (const pid of [...descendants(child.pid), child.pid]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** End everything that was started. */
export function endAll(): void {
  for (const child of started) {
    end(child);
  }
}
