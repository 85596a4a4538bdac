/**
 * Runs Biome's executable, as `@biomejs/biome` would.
 *
 * That package wants those of all platforms, and `npm ci` refuses a lock file without each of
 * them, also where a registry does not carry all. So the executables that CI needs are named.
 */

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const executable = require.resolve(`@biomejs/cli-${process.platform}-${process.arch}/biome`);
const { status } = spawnSync(executable, process.argv.slice(2), { stdio: "inherit" });
process.exitCode = status ?? 1;
