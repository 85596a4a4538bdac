/** Runs `fimble` once and takes what it prints. */

import { execFile } from "node:child_process";
import os from "node:os";

const LONGEST_MS = 60_000;
const MOST_BYTES = 16 * 1024 * 1024;

/** The command, and the settings of the editor that it shall work with. */
export interface FimbleCommand {
  readonly file: string;
  /** Those that somebody made, by their keys without the leading "fimble.". */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What a run printed, and its exit code. */
export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Return the variable by which a command gets the editor's settings (cli/fimble_cli/configuration.py). */
export function settingsVariable({ settings }: FimbleCommand): Record<string, string> {
  return { FIMBLE_EDITOR_SETTINGS: JSON.stringify(settings) };
}

/** Run `fimble`, whatever its exit code; raises when it could not be run. */
export function fimbleOutput(
  command: FimbleCommand,
  args: readonly string[],
  cwd: string = os.homedir(),
): Promise<RunResult> {
  const env = { ...process.env, ...settingsVariable(command) };
  const options = { cwd, env, timeout: LONGEST_MS, maxBuffer: MOST_BYTES };
  return new Promise((resolve, reject) => {
    execFile(command.file, [...args], options, (error, stdout, stderr) => {
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
