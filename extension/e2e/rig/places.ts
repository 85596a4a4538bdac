/** Where things are: in the repository, and in the folder of one run. */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export const E2E = path.resolve(import.meta.dirname, "..");
export const EXTENSION = path.dirname(E2E);
export const ROOT = path.dirname(EXTENSION);
export const VSIX = path.join(EXTENSION, "out", "fimble.vsix");

/** Pictures and logs of a run; looked at after a red one, and by whoever changes the looks. */
export const ARTEFACTS = path.join(EXTENSION, "out", "e2e");

export const PYTHON = path.join(ROOT, ".venv", "bin", "python");

/** A fresh folder for one run. */
export function scratch(name: string): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), `fimble-e2e-${name}-`));
}

/** Write a file and the folders above it. */
export function write(file: string, text: string, mode = 0o644): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode });
  return file;
}
