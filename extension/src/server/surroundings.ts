/** This machine and this window, as `locateServer` wants to see them. */

import fs from "node:fs";
import os from "node:os";
import * as vscode from "vscode";
import type { Surroundings } from "./locate.ts";

/** Return what is true now; settings and trust may be different the next time. */
export function surroundings(): Surroundings {
  return {
    platform: process.platform,
    env: process.env,
    home: os.homedir(),
    setting: vscode.workspace.getConfiguration("fimble").get("server.path", ""),
    folders: (vscode.workspace.workspaceFolders ?? [])
      .filter((folder) => folder.uri.scheme === "file")
      .map((folder) => folder.uri.fsPath),
    trusted: vscode.workspace.isTrusted,
    isExecutable,
  };
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
