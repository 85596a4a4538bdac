/**
 * Where the server is: the one place that decides it.
 *
 * In this order: the setting, the virtual environment of a trusted workspace, where `uv tool` and
 * pipx put commands, PATH. A folder of an untrusted workspace is never looked into, also when PATH
 * names it, and a relative entry of PATH never counts: both would let cloned code choose what runs.
 */

import path from "node:path";

/** What the search may look at; a value, so that tests need no machine. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The setting `fimble.server.path`; empty when it is not set. */
  readonly setting: string;
  /** Paths of the workspace's folders. */
  readonly folders: readonly string[];
  readonly trusted: boolean;
  /** Whether there is an executable file at an absolute path. */
  readonly isExecutable: (file: string) => boolean;
}

export type Origin = "setting" | "workspace" | "tools" | "path";

export type Location =
  | { readonly found: true; readonly file: string; readonly origin: Origin }
  | { readonly found: false; readonly wrongSetting: string };

/** Return the server's executable, or that there is none (and which setting is wrong). */
export function locateServer(surroundings: Surroundings): Location {
  const { setting } = surroundings;
  if (setting !== "") {
    const file = expandHome(setting, surroundings);
    return paths(surroundings).isAbsolute(file) && surroundings.isExecutable(file)
      ? { found: true, file, origin: "setting" }
      : { found: false, wrongSetting: setting };
  }
  for (const [origin, file] of candidates(surroundings)) {
    if (surroundings.isExecutable(file)) {
      return { found: true, file, origin };
    }
  }
  return { found: false, wrongSetting: "" };
}

function* candidates(surroundings: Surroundings): Generator<[Origin, string]> {
  const { join } = paths(surroundings);
  const windows = surroundings.platform === "win32";
  const command = windows ? "fimble.exe" : "fimble";
  if (surroundings.trusted) {
    for (const folder of surroundings.folders) {
      for (const environment of [".venv", "venv"]) {
        yield ["workspace", join(folder, environment, windows ? "Scripts" : "bin", command)];
      }
    }
  }
  for (const folder of toolFolders(surroundings)) {
    yield ["tools", join(folder, command)];
  }
  for (const folder of pathFolders(surroundings)) {
    yield ["path", join(folder, command)];
  }
}

/** Where `uv tool install` and `pipx install` put commands, by their documentation. */
function toolFolders(surroundings: Surroundings): string[] {
  const { env, home } = surroundings;
  const { join } = paths(surroundings);
  const data = env["XDG_DATA_HOME"];
  const named = [
    env["UV_TOOL_BIN_DIR"],
    env["PIPX_BIN_DIR"],
    env["XDG_BIN_HOME"],
    data === undefined ? undefined : join(data, "..", "bin"),
    join(home, ".local", "bin"),
  ];
  return named.filter((folder) => isAllowed(folder, surroundings));
}

function pathFolders(surroundings: Surroundings): string[] {
  const { env } = surroundings;
  const listed = (env["PATH"] ?? env["Path"] ?? "").split(paths(surroundings).delimiter);
  return listed.filter((folder) => isAllowed(folder, surroundings));
}

function isAllowed(folder: string | undefined, surroundings: Surroundings): folder is string {
  const { isAbsolute, relative, sep } = paths(surroundings);
  if (folder === undefined || !isAbsolute(folder)) {
    return false;
  }
  if (surroundings.trusted) {
    return true;
  }
  return surroundings.folders.every((workspace) => {
    const way = relative(workspace, folder);
    return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
  });
}

function expandHome(file: string, surroundings: Surroundings): string {
  return /^~[\\/]/.test(file) ? paths(surroundings).join(surroundings.home, file.slice(2)) : file;
}

function paths(surroundings: Surroundings): path.PlatformPath {
  return surroundings.platform === "win32" ? path.win32 : path.posix;
}
