/** Runs `fimble` once and takes what it prints. */

import { execFile } from "node:child_process";
import os from "node:os";

const LONGEST_MS = 60_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** What a run printed, and its exit code. */
export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Run `fimble`, whatever its exit code; raises when it could not be run. */
export function fimbleOutput(
  file: string,
  args: readonly string[],
  cwd: string = os.homedir(),
): Promise<RunResult> {
  const options = { cwd, timeout: LONGEST_MS, maxBuffer: MOST_BYTES };
  return new Promise((resolve, reject) => {
    execFile(file, [...args], options, (error, stdout, stderr) => {
      if (error === null) {
        resolve({ stdout, stderr, code: 0 });
      } else if (typeof error.code === "number") {
        resolve({ stdout, stderr, code: error.code });
      } else {
        reject(error);
      }
    });
  });
}
